"""A project that keeps or breaks the pack's rules, on the real engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.aws.server import LocalAws
from sandbox.engine import Engine, prepare
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = prepare(tmp_path_factory.mktemp("engine") / "bin", report=print)
    plugin = engine.bin / "pulumi-resource-aws"
    command = shlex.join([sys.executable, str(HERE / "aws_and_passwords.py")])
    plugin.unlink()
    plugin.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {command} "$@"\n')
    plugin.chmod(0o755)
    return engine


@dataclass(frozen=True)
class Verdict:
    """What the engine printed about the pack, and how it ended."""

    code: int
    said: str

    def rules(self, level: str) -> set[str]:
        """The rules that were reported at a level."""
        return set(re.findall(rf"\[{level}\].*?  ([a-z-]+)  \(", self.said))


@dataclass(frozen=True)
class Project:
    folder: Path
    variables: Mapping[str, str]

    def pulumi(self, *arguments: str) -> Verdict:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Verdict(done.returncode, done.stdout)

    def breaking(self, rule: str) -> None:
        """Break a rule (none if empty) from now on."""
        assert self.pulumi("config", "set", "broken", rule).code == 0

    def judged(self, *arguments: str, **config: object) -> Verdict:
        """The verdict of the pack on a preview or an update, under a configuration of it."""
        (self.folder / "policies.json").write_text(json.dumps(config))
        pack = ("--policy-pack", str(ROOT / "policies"), "--policy-pack-config", "policies.json")
        return self.pulumi(*arguments, *pack)


class Clouds:
    """An AWS account and an Okta org of their own, and how the plugins find them."""

    def __init__(self, aws: LocalAws, org: LocalOkta) -> None:
        self.aws, self.org = aws, org
        administrator = aws.administrators[ACCOUNT]
        self.variables = {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": administrator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": administrator.secret_access_key,
            "OKTA_HTTP_PROXY": org.url,
            "OKTA_API_TOKEN": org.token,
        }

    def iam(self) -> Any:
        """A client for what people do by hand."""
        return boto3.client(
            "iam",
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )


@pytest.fixture(scope="session")
def start_clouds() -> Callable[[], AbstractContextManager[Clouds]]:
    """Starts both clouds, empty. One at a time: they share what moto keeps in this process."""

    @contextmanager
    def start_clouds() -> Iterator[Clouds]:
        # Nobody does the Provisioning tab here, so Okta has no roles to hold names against.
        lax = Switches(strict_roles=False)
        with LocalAws(accounts=(ACCOUNT,)) as aws, LocalOkta(switches=lax) as org:
            yield Clouds(aws, org)

    return start_clouds


@pytest.fixture
def new_project(engine: Engine, tmp_path: Path) -> Callable[..., Project]:
    def new_project(clouds: Clouds) -> Project:
        folder = tmp_path / "project"
        shutil.copytree(HERE / "project", folder)
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "federation", "runtime": runtime}))
        variables = engine.environment(
            backend=tmp_path / "state", passphrase="words", home=tmp_path / "home"
        )
        project = Project(folder, variables | clouds.variables)
        assert project.pulumi("stack", "init", "dev").code == 0
        assert project.pulumi("config", "set", "account", ACCOUNT).code == 0
        return project

    return new_project
