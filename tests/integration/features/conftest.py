"""The real engine and two clouds of this process, fresh for each test module."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from botocore.config import Config

from sandbox import bootstrap
from sandbox.aws.server import LocalAws
from sandbox.clouds import Clouds
from sandbox.demo.administrator import enable_provisioning, okta_inventory
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.person import Session, assume, role_pairs, saml_response
from sandbox.stack import Stack
from sandbox.workspace import Workspace
from tests import documents

ROOT = Path(__file__).parents[3]
PREFIX = "okta-aws-federation:"
PACKAGE = ("pyproject.toml", "README.md", "components", "okta_aws_federation")
"""What the package is built from; in a copy, because a build leaves files behind."""
SWITCHES = Switches(rate_limit_scale=1000.0)
"""Fifty groups are more than a free org serves in a minute, and nobody wants to wait."""


@dataclass
class Bench:
    """Both clouds, and a stack that works against them."""

    clouds: Clouds
    workspace: Workspace
    stack: Stack
    region: str
    org: LocalOkta

    def write(self, config: dict[str, Any]) -> None:
        """The stack file: `config` without the project's prefix on each key."""
        document = {"config": {PREFIX + key: value for key, value in config.items()}}
        path = self.workspace.project / f"Pulumi.{self.stack.name}.yaml"
        salt = yaml.safe_load(path.read_text()) if path.exists() else {}
        kept = {key: value for key, value in salt.items() if key != "config"}
        path.write_text(yaml.safe_dump({**kept, **document}, sort_keys=False))

    def up(self) -> dict[str, int]:
        """Deploy; answers with what was done to how many resources: nothing, if nothing was."""
        done = self.stack.up()
        return {
            what: done[what]
            for what in done
            if what in ("created", "updated", "deleted", "replaced")
        }

    def state_of_0_1(self) -> None:
        """Give the state's resources the names and parents that version 0.1 gave them."""
        stack = ("--stack", self.stack.name)
        state = json.loads(self.stack.run("stack", "export", *stack))
        further = "okta-aws-federation:index:SamlIdentityProvider"
        kept = [r for r in state["deployment"]["resources"] if r["type"] != further]
        for resource in kept:
            if f"::{further}" in resource.get("parent", ""):
                app = next(r for r in kept if r["type"] == "okta-aws-federation:index:OktaAwsApp")
                resource["parent"] = app["urn"]
        state["deployment"]["resources"] = kept
        file = self.workspace.folder / "state-of-0.1.json"
        text = json.dumps(state).replace(f"{further}$", "okta-aws-federation:index:OktaAwsApp$")
        file.write_text(text.replace("~1", "-").replace("-target-", "-told-"))
        self.stack.run("stack", "import", *stack, "--file", str(file))

    def do_the_provisioning_tab(self) -> None:
        said = self.stack.outputs(secrets=True)
        key = said["provisioningAccessKeyId"], said["provisioningSecretAccessKey"]
        enable_provisioning(self.clouds, said["appId"], *key)

    def response(self, login: str) -> str:
        """A person signs in and opens the app; answers with the SAML response."""
        link = self.stack.outputs()["signInUrl"]
        return saml_response(link, login, self.clouds.people[login]["password"])

    def enter(self, login: str, role: str | None = None) -> Session:
        """A person's session in a role whose ARN ends so; in the only one, if none is said."""
        response = self.response(login)
        [pair] = [pair for pair in role_pairs(response) if role is None or pair[0].endswith(role)]
        return assume(response, *pair, self.clouds.aws_url)

    def type(self, *lines: str, without: Sequence[str] = (), **variables: str) -> str:
        """Type lines in one shell in the project's folder; answers with what they printed."""
        values = {**os.environ, **self.stack.variables, "PULUMI_SKIP_CONFIRMATIONS": "true"}
        done = documents.in_a_shell(
            "\n".join(["set -e", *lines]),
            self.stack.project,
            {name: value for name, value in (values | variables).items() if name not in without},
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def aws(self, service: str, account: str, region: str | None = None) -> Any:
        """An account's administrator."""
        key = self.clouds.accounts[account]
        return boto3.client(
            service,
            endpoint_url=self.clouds.aws_url,
            region_name=region or self.region,
            aws_access_key_id=key["accessKeyId"],
            aws_secret_access_key=key["secretAccessKey"],
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def okta(self, method: str, path: str, **arguments: Any) -> Any:
        """Okta's API, as its administrator; what it answers."""
        answer = httpx.request(
            method,
            self.clouds.okta_url + path,
            headers={"Authorization": f"SSWS {self.clouds.okta_token}"},
            trust_env=False,
            **arguments,
        )
        answer.raise_for_status()
        xml = "xml" in answer.headers.get("content-type", "")
        return answer.text if xml else answer.json() if answer.content else None

    def inventory(self) -> set[str]:
        """What both clouds hold, in every account."""
        held = okta_inventory(self.clouds)
        return held.union(*(self.held_by_aws(account) for account in self.clouds.accounts))

    def held_by_aws(self, account: str) -> set[str]:
        iam = self.aws("iam", account)
        details = iam.get_account_authorization_details(
            Filter=["User", "Role", "Group", "LocalManagedPolicy"]
        )
        kinds = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
        entries = [each for kind in kinds for each in details[kind]]
        entries += iam.list_saml_providers()["SAMLProviderList"]
        return {entry["Arn"] for entry in entries}


@pytest.fixture(scope="session")
def steps():
    """A page's blocks that are typed on the real engine, each as lines: `steps("docs/a.md")`."""

    def steps(page: str) -> list[list[str]]:
        found = [block for block in documents.blocks(ROOT / page) if block.kind == "runs"]
        return [[line for line, _ in block.commands] for block in found if block.where == "engine"]

    return steps


@contextmanager
def bench_with(
    folder: Path,
    accounts: Sequence[str],
    *,
    partition: str = "aws",
    region: str = "us-east-1",
    strict_roles: bool = True,
    https: bool = False,
) -> Iterator[Bench]:
    """A bench whose stack is called `features`; the first account's key is in its environment.

    With `https` Okta is reached as a real org is, by its name; else by the provider's `http_proxy`.
    """
    workspace = Workspace(folder / "place")
    engine = bootstrap.engine(print, "emulated")
    workspace.create()
    switches = SWITCHES.with_changes({"strict_roles": strict_roles})
    with (
        LocalAws(accounts, partition=partition) as aws,
        LocalOkta(
            aws.url,
            switches=switches,
            certificates=workspace.folder / "certificates" if https else None,
        ) as okta,
    ):
        clouds = Clouds.in_process(aws, okta)
        passphrase = bootstrap.new_passphrase()
        values = bootstrap.variables(workspace, engine, clouds, passphrase, accounts[0])
        bench = Bench(
            clouds, workspace, bootstrap.stack(workspace, values, "features"), region, okta
        )
        bench.stack.create()
        yield bench


@pytest.fixture(scope="module")
def bench_of(tmp_path_factory):
    """`bench_with` in a folder of the module's own."""

    def bench_of(*accounts: str, **options: Any):
        return bench_with(tmp_path_factory.mktemp("sandbox"), accounts, **options)

    return bench_of


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """A folder in which the package is installed, and nothing else."""
    source = tmp_path_factory.mktemp("source")
    for name in PACKAGE:
        here = ROOT / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, source / name)
    target = tmp_path_factory.mktemp("package")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--target", str(target), str(source)], check=True)
    return target
