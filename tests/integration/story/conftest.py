"""The real engine, both clouds, and a place of its own for each test module."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from botocore.config import Config

from sandbox import bootstrap
from sandbox.clouds import Clouds, running
from sandbox.stack import Stack
from sandbox.workspace import Workspace

ACCOUNT = bootstrap.DEMO_ACCOUNT
PREFIX = "okta-aws-federation:"


@dataclass
class Bench:
    """Both clouds, and a stack that works against them."""

    clouds: Clouds
    workspace: Workspace
    stack: Stack

    @property
    def stack_file(self) -> Path:
        return self.workspace.project / f"Pulumi.{self.stack.name}.yaml"

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the configuration in the stack file, as a person with an editor."""
        document = yaml.safe_load(self.stack_file.read_text())
        config = {key.removeprefix(PREFIX): value for key, value in document["config"].items()}
        change(config)
        document["config"] = {PREFIX + key: value for key, value in config.items()}
        self.stack_file.write_text(yaml.safe_dump(document, sort_keys=False))

    def aws(self, service: str) -> Any:
        """The account's administrator."""
        key = self.clouds.accounts[ACCOUNT]
        return boto3.client(
            service,
            endpoint_url=self.clouds.aws_url,
            region_name="us-east-1",
            aws_access_key_id=key["accessKeyId"],
            aws_secret_access_key=key["secretAccessKey"],
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def okta(self, method: str, path: str, **arguments: Any) -> Any:
        """Okta's API, as its administrator."""
        answer = httpx.request(
            method,
            self.clouds.okta_url + path,
            headers={"Authorization": f"SSWS {self.clouds.okta_token}"},
            trust_env=False,
            **arguments,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def resources(self) -> list[tuple[Any, ...]]:
        """What the state holds, without the times of the last run."""
        return resources(self.stack)

    def state_file(self) -> Path:
        (found,) = self.workspace.backend.rglob(f"{self.stack.name}.json")
        return found


def resources(stack: Stack) -> list[tuple[Any, ...]]:
    deployment = json.loads(
        # In clear, since each run encrypts a secret anew.
        stack.run("stack", "export", "--stack", stack.name, "--show-secrets")
    )["deployment"]
    return [
        (resource["urn"], resource.get("id"), resource.get("outputs"))
        for resource in deployment["resources"]
    ]


@pytest.fixture
def resources_of() -> Callable[[Stack], list[tuple[Any, ...]]]:
    return resources


@pytest.fixture(scope="module")
def empty_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Both clouds, and a backend in which no stack is yet."""
    workspace = Workspace(tmp_path_factory.mktemp("sandbox") / "place")
    engine = bootstrap.engine(print, "emulated")
    workspace.create()
    with running([ACCOUNT], workspace.logs) as clouds:
        passphrase = bootstrap.new_passphrase()
        values = bootstrap.variables(workspace, engine, clouds, passphrase, ACCOUNT)
        yield Bench(clouds, workspace, bootstrap.stack(workspace, values))


@pytest.fixture(scope="module")
def bench(empty_bench: Bench) -> Bench:
    empty_bench.stack.create()
    return empty_bench
