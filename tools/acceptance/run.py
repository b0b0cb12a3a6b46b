"""The steps of a run: deployment, the step by hand, questions, and everything taken down."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from botocore.exceptions import ClientError

from access.verification.okta_org import Org
from access.verification.okta_state import PROVISIONS
from sandbox.errors import SandboxError
from sandbox.person import assume, role_pairs
from sandbox.stack import Stack, readable
from tools.acceptance import probes
from tools.acceptance.answers import FAILURES, Answers, one_line
from tools.acceptance.okta import saml_response
from tools.acceptance.take_down import sweep
from tools.acceptance.target import Names, Target

AFTER_THE_STEP = (
    "second-phase-deploys",
    "key-hidden",
    "plus-login-enters",
    "role-path-enters",
    "unknown-role-refused",
)


@dataclass
class Run:
    """One run against one target; `answers` and `left_behind` are its result."""

    target: Target
    names: Names
    okta: Org
    stack: Stack
    step_by_hand: Callable[[dict[str, Any]], bool]
    """Called with the stack's outputs, secrets too; returns whether somebody did the step."""
    password: str = field(default_factory=lambda: f"Aa1!{secrets.token_urlsafe(24)}")
    """The person's: one that Okta's strictest default policy takes."""
    answers: Answers = field(default_factory=Answers)
    left_behind: list[str] = field(default_factory=list)
    """What could not be taken down, with the reason."""
    failure: str | None = None
    """Why the run ended before its last question."""
    hidden: list[str] = field(default_factory=list)
    """Secrets of the run, which must not be in its report."""

    def play(self) -> None:
        """Ask everything, then take everything down, however the questions ended."""
        try:
            self._ask()
        except FAILURES as error:
            self.failure = one_line(error)
            click.echo(f"the run ends here: {self.failure}")
        except KeyboardInterrupt:
            self.failure = "interrupted"
            click.echo("\ninterrupted")
        finally:
            with uninterrupted():
                click.echo("Taking everything down ...")
                self.left_behind = self._take_down()

    def _ask(self) -> None:
        probes.new_role(self.answers, self.names, self.target.account)
        probes.new_group(self.answers, self.okta, self.names)
        probes.bare_app(self.answers, self.okta, self.names)
        probes.new_person(self.answers, self.okta, self.names, self.password)
        self.stack.create()
        self._up("first-phase-deploys")
        outputs = self.stack.outputs(secrets=True)
        key = outputs["provisioningAccessKeyId"], outputs["provisioningSecretAccessKey"]
        self.hidden += key
        is_active = self._integration(outputs)
        if is_active:
            self.stack.configure("provisioning.integration", "done")
            self._up("second-phase-deploys")
        self._second_up()
        self._verify()
        if is_active:
            self._sign_in(outputs["signInUrl"])
            probes.unknown_role(self.answers, self.okta, self.names, outputs["appId"])
        else:
            reason = "the API integration is not active"
            self.answers.leave_out(reason, *AFTER_THE_STEP)
        probes.priorities(self.answers, self.okta, self.names, outputs["appId"])

    def _up(self, question: str) -> None:
        """One phase. Raises SandboxError if it fails: without it nothing else can be asked."""
        with self.answers.asking(question) as answer:
            try:
                answer.decide(True, resources=readable(self.stack.up()))
            except SandboxError as error:
                answer.decide(False, error=one_line(error))
        if answer.answer != "yes":
            raise SandboxError(f"the deployment failed: {answer.facts.get('error')}")

    def _integration(self, outputs: dict[str, Any]) -> bool:
        """The step by hand, and whether Okta shows that it was done."""
        was_done = self.step_by_hand(outputs)
        app: dict[str, Any] = {}
        with self.answers.asking("integration-active") as answer:
            app = self.okta.get(f"/api/v1/apps/{outputs['appId']}")
            is_active = PROVISIONS in app["features"]
            if not is_active and not was_done:
                raise SandboxError("the step by hand was not done")
            answer.decide(is_active, features=app["features"])
        if answer.answer != "yes":
            return False
        with self.answers.asking("key-hidden") as answer:
            fields = ("accessKey", "secretKey", "secretKeyEnc")
            visible_fields = [name for name in fields if app["settings"]["app"].get(name)]
            answer.decide(not visible_fields, shown=visible_fields)
        return True

    def _second_up(self) -> None:
        with self.answers.asking("second-up-unchanged") as answer:
            counts = self.stack.up(refresh=True)
            changes = {what: number for what, number in counts.items() if what != "unchanged"}
            answer.decide(not changes, changes=changes)

    def _verify(self) -> None:
        with self.answers.asking("verify-agrees") as answer:
            file = f"Pulumi.{self.stack.name}.yaml"
            done = subprocess.run(
                [sys.executable, "-m", "access", "verify", file, "--json"],
                cwd=self.stack.project,
                env=os.environ | dict(self.stack.variables),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode not in (0, 1):
                raise SandboxError(done.stderr or done.stdout)
            result = json.loads(done.stdout)
            answer.decide(done.returncode == 0, **result)

    def _sign_in(self, link: str) -> None:
        """The person enters both roles: one tells about the login, the other about the path."""
        provider = f"arn:aws:iam::{self.target.account}:saml-provider/{self.names.prefix}"
        account = f"arn:aws:iam::{self.target.account}:role"
        response = ""
        with self.answers.asking("plus-login-enters") as answer:
            response = saml_response(self.target.org, link, self.names.login, self.password)
            answer.decide(**role_entry(response, f"{account}/{self.names.of('role')}", provider))
        with self.answers.asking("role-path-enters") as path_answer:
            if answer.answer != "yes":
                raise SandboxError("the person did not enter the role without a path either")
            arn = f"{account}{self.names.path}{self.names.of('path-role')}"
            path_answer.decide(**role_entry(response, arn, provider))

    def _take_down(self) -> list[str]:
        """What is still there afterwards."""
        problems = []
        try:
            destroy(self.stack)
        except FAILURES as error:
            problems.append(f"`pulumi destroy` failed, and what it left is deleted: {error}")
        click.echo("\n".join(problems), nl=bool(problems))
        return sweep(self.okta, self.names.prefix)


def role_entry(response: str, role_arn: str, provider_arn: str) -> dict[str, Any]:
    """Whether AWS lets the person into the role with this response: `yes`, and facts."""
    offered = [role for role, _ in role_pairs(response)]
    if role_arn not in offered:
        return {"yes": False, "offered": offered, "error": "Okta's response does not offer it"}
    try:
        session = assume(response, role_arn, provider_arn, os.environ.get("AWS_ENDPOINT_URL"))
    except ClientError as error:
        return {"yes": False, "error": one_line(error)}
    return {"yes": True, "caller": session.caller()}


def destroy(stack: Stack) -> None:
    """Destroy the stack; once more after what an interrupted update left. Raises SandboxError."""
    try:
        stack.destroy()
    except SandboxError as error:
        if "no stack named" in str(error):
            return
        unlocked = stack.run("cancel", "--stack", stack.name, "--yes")
        click.echo(f"trying again: {one_line(error)} {unlocked.strip()}")
        stack.run("refresh", "--stack", stack.name, "--yes", "--clear-pending-creates")
        stack.destroy()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Interrupts are answered and not followed while the block runs."""

    def answer(number: int, frame: object) -> None:
        click.echo("still taking things down; what is left is named at the end")

    before = {each: signal.signal(each, answer) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
