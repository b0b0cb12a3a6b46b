"""Both clouds behind counting proxies, and a stack that is interrupted and brought back."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
from botocore.config import Config

from sandbox import bootstrap
from sandbox.aws.server import LocalAws
from sandbox.clouds import UNWANTED, Clouds
from sandbox.demo.administrator import enable_provisioning
from sandbox.faults import Faults
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.person import assume, role_pairs, saml_response
from sandbox.stack import Stack
from sandbox.workspace import Workspace
from tests.integration.recovery.interruption import (
    IN_PREVIEW,
    Interruption,
    Point,
    interrupt,
    proxy_before,
)

ACCOUNT, ADA = "123456789012", "ada@example.com"
COMMANDS = {
    "first up": ("up", "--yes", "--skip-preview"),
    "second up": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "changed up": ("up", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
RECOVER = "recover"
"""A phase of its own: `python -m access recover --yes`, after `KILLED`."""
KILLED = Point("first up", "tree", "after", "POST /apps")
END_SECONDS = 60
CHANGES = (
    ("roles.OktaDeveloper.managedPolicies[0]", "AmazonEC2FullAccess"),
    ("roles.OktaDeveloper.sessionHours", "2"),
    ("roles.OktaAuditor.managedPolicies[0]", "SecurityAudit"),
    ("groups.AWSAuditor.roles[0]", "OktaDeveloper"),
    ("groups.AWSAuditor.members[0]", "grace@example.com"),
    ("groups.AWSAuditor.priority", "2"),
    ("groups.AWSDeveloper.priority", "1"),
)
"""Before the changed up: things to create, to update and to replace. No group has the new role:
Okta would have to download its name first."""


def command(point: Point, stack: str) -> list[str]:
    """The phase's command, with a preview where the point is in it."""
    if point.phase == RECOVER:
        return [sys.executable, "-m", "access", "recover", f"Pulumi.{stack}.yaml", "--yes"]
    words = COMMANDS[point.phase]
    words = words[:-1] if point.victim.endswith(IN_PREVIEW) else words
    return ["pulumi", *words, "--stack", stack, "--non-interactive"]


@dataclass
class Bench:
    clouds: Clouds
    workspace: Workspace
    stack: Stack
    interruption: Interruption
    faults: dict[str, Faults]
    """Of each cloud, by its name: aws, okta."""

    def interrupted(self, point: Point) -> int:
        """Run the phase's command and interrupt it at the point; answers with its exit code."""
        process = self._start(command(point, self.stack.name))
        family: list[psutil.Process] = []

        def strike() -> None:
            family.extend(psutil.Process(process.pid).children(recursive=True))
            interrupt(process, point.victim)

        self.interruption.arm(point, strike)
        output, _ = process.communicate(timeout=600)
        _, alive = psutil.wait_procs(family, timeout=END_SECONDS)
        assert not alive, f"left after {point}: {[each.cmdline() for each in alive]}"
        assert self.interruption.struck.is_set(), f"no such call: {point}: {output}"
        self.interruption.arm(None)
        return process.returncode

    def _start(self, arguments: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            arguments,
            cwd=self.stack.project,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def variables(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        return {**inherited, **self.stack.variables}

    def access(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`python -m access ARGUMENTS`, as a person in the project's folder types it."""
        return subprocess.run(
            [sys.executable, "-m", "access", *arguments],
            cwd=self.stack.project,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def recover(self, *options: str) -> "subprocess.CompletedProcess[str]":
        return self.access("recover", f"Pulumi.{self.stack.name}.yaml", *options)

    def up(self) -> dict[str, int]:
        return self.stack.up()

    def do_the_provisioning_tab(self) -> None:
        outputs = self.stack.outputs(secrets=True)
        key = outputs["provisioningAccessKeyId"], outputs["provisioningSecretAccessKey"]
        enable_provisioning(self.clouds, outputs["appId"], *key)
        self.stack.configure("provisioning.integration", "done")

    def change_the_stack_file(self) -> None:
        for path, value in CHANGES:
            self.stack.configure(path, value)

    def signs_in(self) -> str:
        """Ada signs in and enters her role; answers with her ARN."""
        link = self.stack.outputs()["signInUrl"]
        response = saml_response(link, ADA, self.clouds.people[ADA]["password"])
        [pair] = role_pairs(response)
        caller: str = assume(response, *pair, self.clouds.aws_url).caller()
        return caller

    def iam(self) -> Any:
        key = self.clouds.accounts[ACCOUNT]
        return boto3.client(
            "iam",
            endpoint_url=self.clouds.aws_url,
            region_name="us-east-1",
            aws_access_key_id=key["accessKeyId"],
            aws_secret_access_key=key["secretAccessKey"],
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def okta(self, method: str, path: str, **arguments: Any) -> Any:
        answer = httpx.request(
            method,
            self.clouds.okta_url + path,
            headers={"Authorization": f"SSWS {self.clouds.okta_token}"},
            trust_env=False,
            **arguments,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def in_aws(self) -> dict[str, Any]:
        """All of IAM, without what each run makes up."""
        iam = self.iam()
        details = iam.get_account_authorization_details(
            Filter=["User", "Role", "Group", "LocalManagedPolicy"]
        )
        users = {user["UserName"]: user for user in details["UserDetailList"]}
        return masked(
            {
                "keys": {
                    name: len(iam.list_access_keys(UserName=name)["AccessKeyMetadata"])
                    for name in users
                },
                "providers": iam.list_saml_providers()["SAMLProviderList"],
                "details": {
                    kind: sorted(
                        ({**each, "RoleLastUsed": None} for each in details[kind]),
                        key=lambda each: each["Arn"],
                    )
                    for kind in ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
                },
            }
        )

    def in_okta(self) -> dict[str, Any]:
        """Apps with their assignments, and groups with their members."""
        groups = {each["id"]: each for each in self.okta("GET", "/api/v1/groups")}
        return masked(
            {
                "apps": sorted(
                    (app["label"], app["status"], app["settings"], self._assigned(app, groups))
                    for app in self.okta("GET", "/api/v1/apps")
                    if app["name"] == "amazon_aws"
                ),
                "groups": {
                    group["profile"]["name"]: sorted(
                        user["profile"]["login"]
                        for user in self.okta("GET", f"/api/v1/groups/{group['id']}/users")
                    )
                    for group in groups.values()
                },
            }
        )

    def _assigned(self, app: Any, groups: dict[str, Any]) -> list[Any]:
        assigned = self.okta("GET", f"/api/v1/apps/{app['id']}/groups")
        return [
            (groups[each["id"]]["profile"]["name"], each["priority"], each["profile"])
            for each in assigned
        ]

    def in_state(self) -> dict[str, Any]:
        """URN -> inputs and parent of what the state holds, without what each run makes up."""
        deployment = json.loads(self.stack.run("stack", "export", "--stack", self.stack.name))
        deployment = deployment["deployment"]
        assert not deployment.get("pending_operations"), deployment["pending_operations"]
        return masked(
            {
                each["urn"]: {
                    "parent": each.get("parent"),
                    "inputs": {
                        key: value
                        for key, value in (each.get("inputs") or {}).items()
                        if key != "__defaults"
                    },
                    "protect": each.get("protect", False),
                    "external": each.get("external", False),
                }
                for each in deployment.get("resources", ())
            }
        )


_MADE_UP = (
    re.compile(r"\b(?:0oa|00g|00u|0pr|exk|rst|mst)[A-Za-z0-9]{15,}"),
    re.compile(r"\b(?:AKIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{10,}"),
    re.compile(r"\b\d{4}-\d\d-\d\d[T ][0-9:.]+(?:Z|\+00:00)?"),
    re.compile(r"127\.0\.0\.1:\d+"),
    re.compile(r"[A-Za-z0-9+/=_-]{60,}"),
    re.compile(r'(?<=Id": ")[a-z0-9]{20}(?=")'),
    re.compile(r'(?<="ciphertext": ")[^"]*|(?<="kid": ")[^"]*'),
)


def masked(value: Any) -> Any:
    """The value without identifiers, dates and keys that differ from run to run."""
    text = json.dumps(value, default=str, sort_keys=True)
    for pattern in _MADE_UP:
        text = pattern.sub("*", text)
    return json.loads(text)


@contextmanager
def bench_in(folder: Path) -> Iterator[Bench]:
    """Fresh clouds, and an empty stack `dev`."""
    workspace = Workspace(folder / "workspace")
    engine = bootstrap.engine(print, "emulated")
    workspace.create()
    interruption = Interruption()
    with ExitStack() as stack:
        aws = stack.enter_context(LocalAws([ACCOUNT]))
        switches = Switches(rate_limit_scale=1000.0)
        okta = stack.enter_context(LocalOkta(aws.url, switches=switches))
        clouds = Clouds.in_process(aws, okta)
        values = bootstrap.variables(workspace, engine, clouds, bootstrap.new_passphrase(), ACCOUNT)
        values |= {
            "AWS_ENDPOINT_URL": stack.enter_context(proxy_before(aws.url, interruption)),
            "OKTA_HTTP_PROXY": stack.enter_context(proxy_before(okta.url, interruption)),
        }
        faults = {"aws": aws.cloud.faults, "okta": okta.org.faults}
        bench = Bench(clouds, workspace, bootstrap.stack(workspace, values), interruption, faults)
        bench.stack.create()
        yield bench
