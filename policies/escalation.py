"""Permissions with which a person can give themselves more."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pulumi_policy import ResourceValidationArgs, Severity, StackValidationArgs

import documents
import effective_policies
from documents import Statement
from effective_policies import AttachedDocument, Principal
from findings import Finding, finding, resource_rule, stack_rule
from privileges import NOUNS, Document, documents_in, is_full_admin


class Escalation(NamedTuple):
    """Actions that together raise the rights of whoever may do them all, and how."""

    actions: tuple[str, ...]
    how: str


_TABLE = tomllib.loads(Path(__file__).with_name("escalations.toml").read_text())
ESCALATIONS = {
    name: Escalation(tuple(each["actions"]), each["how"]) for name, each in _TABLE.items()
}


def escalations(policy_documents: Iterable[Document]) -> list[str]:
    """Names of the ways that documents together open on resources that are not limited.

    Other conditions do not close a way, for whoever meets them goes through. A Deny on everything
    without a condition does.
    """
    statements = [s for document in policy_documents for s in documents.statements(document)]
    allows = [s for s in statements if s.effect == "Allow" and unlimited(s)]
    denies = [
        s for s in statements if s.effect == "Deny" and "*" in s.resources and not s.conditions
    ]
    return [
        name
        for name, escalation in ESCALATIONS.items()
        if all(
            any(s.covers(action) for s in allows) and not any(s.covers(action) for s in denies)
            for action in escalation.actions
        )
    ]


def combined_escalations(attached: Sequence[AttachedDocument]) -> list[str]:
    """The ways that open with all documents of a holder, and with none of them alone."""
    if any(is_full_admin(each.document) for each in attached):
        return []  # who has everything has nothing to escalate to
    alone = {name for each in attached for name in escalations([each.document])}
    return [name for name in escalations(each.document for each in attached) if name not in alone]


def unlimited(statement: Statement) -> bool:
    """Whether a statement reaches all resources, or all of one kind.

    A condition on a tag of the resource limits which ones it reaches.
    """
    if any(
        operator in ("StringEquals", "StringLike")
        and "resourcetag/" in key.lower()
        and all(value.strip("*?") for value in values)
        for operator, key, values in statement.conditions
    ):
        return False
    return bool(statement.not_resources) or any(
        resource.count(":") < 5 or _names_nothing(resource.split(":", 5)[5])
        for resource in statement.resources
        if "*" in resource
    )


def _names_nothing(resource: str) -> bool:
    """Whether the last part of an ARN is a wildcard, alone or after a kind such as role/."""
    kind, slash, rest = resource.replace(":", "/").partition("/")
    return not (rest if slash else kind).strip("*?/")


@resource_rule(Severity.CRITICAL)
def privilege_escalation(args: ResourceValidationArgs) -> Iterator[Finding]:
    """Nobody can raise their own rights with a policy."""
    for document in documents_in(args.resource_type, args.props):
        if is_full_admin(document):
            continue  # who has everything has nothing to escalate to
        for name in escalations([document]):
            yield finding(
                args,
                name,
                f"{NOUNS[args.resource_type]} '{args.name}' must not allow "
                f"{documents.join_words(ESCALATIONS[name].actions)} on any resource: "
                f"it {ESCALATIONS[name].how}.",
            )


@stack_rule(Severity.CRITICAL)
def combined_privilege_escalation(args: StackValidationArgs) -> Iterator[Finding]:
    """Nobody can raise their own rights with several policies together."""
    attached = effective_policies.attached_documents(args.resources)
    combined = {
        principal: combined_escalations(together) for principal, together in attached.items()
    }
    for principal, names in combined.items():
        yield from _combined(principal, attached[principal], names)
    for principal, inside in effective_policies.inline_role_documents(args.resources).items():
        together = [*attached.get(principal, []), *inside]
        more = [n for n in combined_escalations(together) if n not in combined.get(principal, [])]
        yield from _combined(principal, together, more)


def _combined(
    principal: Principal, attached: Sequence[AttachedDocument], names: Iterable[str]
) -> Iterator[Finding]:
    for name in names:
        yield finding(
            attached[0].source,
            name,
            f"{principal} must not be allowed "
            f"{documents.join_words(ESCALATIONS[name].actions)} by its policies together: "
            f"it {ESCALATIONS[name].how}.",
        )
