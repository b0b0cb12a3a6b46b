"""Move what one stack of a whole file has deployed to the stacks of the file's parts.

`pulumi state move` does it: it edits states, and asks neither Okta nor AWS.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import automation

from access.estate.stacks import EstateStack
from access.recovery.engine import Engine
from okta_aws_federation.resource_names import TYPE_PREFIX
from okta_aws_federation.stack_outputs import VERSION
from settings import SettingsError

ROOT, PROVIDER = "pulumi:pulumi:Stack", "pulumi:providers:"
APP = f"{TYPE_PREFIX}OktaAwsApp"
Resources = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Move:
    """What moves to one stack."""

    stack: EstateStack
    urns: tuple[str, ...]
    """Resources of the former stack; what is below them moves with them."""


def moves(resources: Resources, stacks: Sequence[EstateStack]) -> list[Move]:
    """The moves that a state's resources need, accounts first: the Okta half takes the rest.

    Raises SettingsError for a resource of an account without a stack.
    """
    by_urn = {each["urn"]: each for each in resources}
    units: dict[str, str] = {}
    """URN of the outermost resource that moves as one -> the account, or nothing for Okta's."""
    for each in resources:
        if each["type"] == ROOT or each["type"].startswith(PROVIDER):
            continue
        account = account_of(each)
        unit = outermost(each, by_urn, below_app=bool(account))
        units[unit] = account or units.get(unit, "")
    named = {each.account or "": each for each in stacks}
    if missing := sorted({*units.values()} - named.keys()):
        raise SettingsError(
            f"the state has resources of account {missing[0]}, and no stack of the estate has it; "
            "add it to the estate's file, and run init"
        )
    urns = {name: tuple(urn for urn in units if units[urn] == name) for name in named}
    return [Move(named[name], urns[name]) for name in sorted(named, reverse=True) if urns[name]]


def account_of(resource: Mapping[str, Any]) -> str:
    """Short name of the account that an AWS resource is in: its provider has that name."""
    kind, name = ["", "", *str(resource.get("provider", "")).split("::")[:-1]][-2:]
    return name if kind == f"{PROVIDER}aws" else ""


def outermost(
    resource: Mapping[str, Any], by_urn: Mapping[str, Mapping[str, Any]], *, below_app: bool
) -> str:
    """The outermost component that a resource is part of. The app's is left out for what is in
    AWS: the SAML provider of an account goes to the account's stack, the app does not."""
    urn = str(resource["urn"])
    parent = by_urn.get(resource.get("parent", ""))
    if parent is None or parent["type"] == ROOT or (below_app and parent["type"] == APP):
        return urn
    return outermost(parent, by_urn, below_app=below_app)


def run(
    former: Engine, stacks: Sequence[EstateStack], report: Callable[[str], None], *, do: bool
) -> None:
    """Report each command, and with `do` run it. What an interrupt leaves, the next run moves.

    Raises SettingsError for a state that an update has to correct first.
    """
    deployment = former.export()
    resources: Resources = deployment.get("resources") or ()
    refuse_unfit(former, deployment, resources)
    for each in moves(resources, stacks):
        report(f"{former.stack} -> {each.stack.name}: {len(each.urns)} resources and their parts")
        arguments = ["--source", former.stack, "--dest", each.stack.name, "--yes", *each.urns]
        report(f"  pulumi state move {' '.join(map(quoted, arguments))}")
        if do:
            automation.create_or_select_stack(each.stack.name, work_dir=str(former.project))
            former.command("state", "move", *arguments)
    for command in rest(resources):
        report(f"  pulumi {' '.join(map(quoted, command))} --stack {former.stack}")
        if do:
            former.run(*command)


def refuse_unfit(former: Engine, deployment: Mapping[str, Any], resources: Resources) -> None:
    """Raises SettingsError unless the last update ended, and was one of this release."""
    [outputs] = [each.get("outputs") or {} for each in resources if each["type"] == ROOT] or [{}]
    version = outputs.get("contractVersion", "none")
    update = f"pulumi up --stack {former.stack}"
    if deployment.get("pending_operations"):
        raise SettingsError(f"{former.stack}: its last update was killed; {update}")
    if version != VERSION:
        raise SettingsError(
            f"{former.stack}: has outputs of version {version}, and this release writes {VERSION}; "
            f"{update}"
        )


def rest(resources: Resources) -> Iterator[list[str]]:
    """Commands for what is left then: the providers, which the engine copies, and the stack.

    `--preserve-config`: the estate's file has the former stack's name, and stays.
    """
    for each in reversed(resources):
        if each["type"].startswith(PROVIDER):
            yield ["state", "delete", each["urn"], "--yes"]
    yield ["stack", "rm", "--yes", "--preserve-config"]


def quoted(text: str) -> str:
    """An argument as a shell takes it."""
    return f"'{text}'" if "$" in text else text
