"""Both emulated clouds in this process, which count the calls; a stack that works against them."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import yaml

from sandbox import bootstrap
from sandbox.accounts import create_deployer_roles, read_accounts
from sandbox.aws.server import LocalAws
from sandbox.clouds import UNWANTED, Clouds
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.stack import Stack
from sandbox.workspace import Workspace
from tools.bench.cost import Cost, measure

PREFIX = "okta-aws-federation:"
QUICK = Switches(rate_limit_scale=10_000.0, strict_roles=False)
"""An org that answers any number of requests, and takes roles that it has not downloaded."""


@dataclass
class Bench:
    """The clouds, a stack called `bench`, and the calls that the clouds have counted."""

    workspace: Workspace
    stack: Stack
    clouds: Clouds
    org: LocalOkta
    aws_calls: list[str] = field(default_factory=list)
    """`iam:CreateRole`, oldest first."""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a command."""
        inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        return {**inherited, **self.stack.variables}

    def write(self, sections: Mapping[str, Any], name: str = "bench") -> None:
        """The stack file; the salt of its secrets stays."""
        path = self.workspace.project / f"Pulumi.{name}.yaml"
        document = yaml.safe_load(path.read_text()) if path.exists() else {}
        document["config"] = {PREFIX + key: value for key, value in sections.items()}
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def create_deployer_roles(self, name: str = "bench") -> None:
        """The roles by which a stack file reaches its accounts after the first."""
        create_deployer_roles(self.clouds, read_accounts(self.workspace.project)[name])

    def okta(self) -> httpx.Client:
        """Okta's API, as its administrator."""
        return httpx.Client(
            base_url=self.clouds.okta_url,
            headers={"Authorization": f"SSWS {self.clouds.okta_token}"},
            trust_env=False,
        )

    def credentials(self, account: str) -> dict[str, str]:
        """The environment in which a command works in another account."""
        key = self.clouds.accounts[account]
        return {
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
        }

    def add_people(self, logins: list[str]) -> None:
        """People whom the stack file takes to be in Okta."""
        with self.okta() as client:
            for login in logins:
                profile = {"login": login, "email": login, "firstName": "A", "lastName": "B"}
                client.post("/api/v1/users", json={"profile": profile}).raise_for_status()

    def run(
        self,
        *command: str,
        folder: Path | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Cost, dict[str, int]]:
        """A command's cost, and its calls: reads and writes of each cloud."""
        self.aws_calls.clear()
        self.org.org.requests.clear()
        values = {**self.variables, **variables}
        cost, _ = measure(command, folder or self.workspace.project, values)
        return cost, self.calls()

    def calls(self) -> dict[str, int]:
        """How many reads and writes the clouds have answered since the last command began."""
        aws = [reads_only(each) for each in self.aws_calls]
        okta = [each.method == "GET" for each in self.org.org.requests]
        return {
            "awsReads": aws.count(True),
            "awsWrites": aws.count(False),
            "oktaReads": okta.count(True),
            "oktaWrites": okta.count(False),
        }


def reads_only(operation: str) -> bool:
    """Whether an AWS call, `iam:GetRole`, changes nothing; `sts` only makes sessions."""
    service, _, action = operation.partition(":")
    return service == "sts" or action.startswith(("Get", "List", "Describe"))


def count_calls(aws: LocalAws) -> list[str]:
    """The list to which the local AWS adds each call that it gets, from now on."""
    calls: list[str] = []
    take = aws.cloud.faults.take

    def counted(operation: str) -> Any:
        calls.append(operation)
        return take(operation)

    setattr(aws.cloud.faults, "take", counted)  # noqa: B010 - a method
    return calls


@contextmanager
def bench(sections: Mapping[str, Any], further_accounts: Sequence[str] = ()) -> Iterator[Bench]:
    """The clouds with the stack file's accounts and people, and an empty stack."""
    accounts = [each["id"] for each in sections["accounts"].values()] + list(further_accounts)
    logins = {login for group in sections["groups"].values() for login in group["members"]}
    engine = bootstrap.engine(lambda line: None, "emulated")
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalAws(accounts) as aws,
        LocalOkta(aws.url, switches=QUICK) as okta,
    ):
        clouds = Clouds.in_process(aws, okta)
        workspace = Workspace(Path(folder) / "bench")
        workspace.create()
        values = bootstrap.variables(
            workspace, engine, clouds, bootstrap.new_passphrase(), accounts[0]
        )
        stack = bootstrap.stack(workspace, values, "bench")
        result = Bench(workspace, stack, clouds, okta, count_calls(aws))
        result.add_people(sorted(logins))
        result.write(sections)
        result.create_deployer_roles()
        stack.create()
        yield result
