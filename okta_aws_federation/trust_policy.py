"""The trust policy of a federated role: what it asks of people, and the document that says so.

Pure data: provider ARNs may be values that are known later (a Pulumi Output); they are handed
through and never read, but for `minimum_size`. Sources: IAM User Guide, "Creating a role for SAML
2.0 federation", "Pass session tags in AWS STS".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from .trust_check import Fault, foreign_principal_fault, trust_fault


class InvalidTrustPolicy(ValueError):
    """A trust policy that would let in more than it says, or that AWS would refuse."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What a role asks of people, beyond: vouched for by its providers, at its sign-in pages.

    What can't work is refused with the document that it is built into.
    """

    session_tags: Sequence[str] = ()
    """Session tags that the providers may set; none, unless they are listed."""

    source_identities: Sequence[str] = ()
    """Patterns of source identities that the providers may set; none, unless they are listed."""

    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What else an assertion must say: operator -> key -> value or values."""

    opens: date | None = None
    """The first day (UTC) on which people may enter."""

    closes: date | None = None
    """The last day (UTC) on which people may enter."""

    source_ips: Sequence[str] = ()
    """The networks from which people may enter."""

    statements: Sequence[Mapping[str, Any]] = ()
    """Further statements, in AWS's words: other principals, such as a service."""


def as_list(values: str | Sequence[str]) -> Sequence[str]:
    """IAM writes a list of one as its one value."""
    return (values,) if isinstance(values, str) else values


def build_document(
    provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust
) -> Mapping[str, Any]:
    """The whole trust policy. Raises InvalidTrustPolicy."""
    if fault := conditions_fault(trust):
        raise InvalidTrustPolicy(f"trust: {fault}")
    for statement in trust.statements:
        if fault := trust_fault(statement):
            raise InvalidTrustPolicy(f"statements: {fault}: {json.dumps(statement, default=str)}")
    return {"Version": "2012-10-17", "Statement": build_statements(provider_arns, audiences, trust)}


def build_statements(
    provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust
) -> list[Mapping[str, Any]]:
    """Tags and source identity have statements of their own, so that a person who has none is let
    in all the same. Neither is of use without the first, so neither repeats what it asks."""
    actions = {"sts:AssumeRoleWithSAML": base_conditions(audiences, trust)}
    if trust.session_tags:
        keys = {"aws:TagKeys": scalar_or_list(trust.session_tags)}
        actions["sts:TagSession"] = {"ForAllValues:StringEquals": keys}
    if trust.source_identities:
        identities = {"sts:SourceIdentity": scalar_or_list(trust.source_identities)}
        actions["sts:SetSourceIdentity"] = {"StringLike": identities}
    providers = list(provider_arns) if len(provider_arns) > 1 else provider_arns[0]
    statements: list[Mapping[str, Any]] = [
        {
            "Effect": "Allow",
            "Principal": {"Federated": providers},
            "Action": action,
            "Condition": condition,
        }
        for action, condition in actions.items()
    ]
    return statements + sorted(trust.statements, key=lambda each: json.dumps(each, sort_keys=True))


def conditions_fault(trust: Any, spelling: Callable[[str], str] = str) -> Fault | None:
    """Why nobody could meet a role's conditions, or why they don't say what they seem to.

    `trust`: a `Trust`, or what has the same fields, as a stack file's section has; `spelling`: from
    a field's name to how whoever reads the answer writes it.
    """
    conditions = {(op, key.lower()): key for op, keys in trust.conditions.items() for key in keys}
    if any(key == "saml:aud" for _, key in conditions):
        return Fault(
            "names SAML:aud, which follows from the partition and the sign-in region",
            "take it out of conditions",
        )
    for each in OPTIONAL_CONDITIONS:
        key = conditions.get((each.operator, each.key.lower()))
        if key and getattr(trust, each.field):
            name = spelling(each.field)
            return Fault(
                f"asks {each.operator} of {key}, and {name} does too",
                f"take it out of conditions, or {name} out",
            )
    if trust.opens and trust.closes and trust.closes < trust.opens:
        return Fault(f"closes on {trust.closes}, before it opens on {trust.opens}", "swap them")
    return None


def refuse_foreign_principals(provider_arns: Sequence[Any], trust: Trust) -> None:
    """Raise InvalidTrustPolicy if a principal is in another partition than the role's providers.

    Of a stack file the settings check it, value by value.
    """
    known = [arn for arn in provider_arns if isinstance(arn, str) and arn.startswith("arn:")]
    partitions = {arn.split(":")[1] for arn in known}
    for statement in trust.statements:
        if fault := foreign_principal_fault(statement, partitions):
            raise InvalidTrustPolicy(f"statements: {fault}")


def minimum_size(provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust) -> int:
    """How many characters of the document AWS will count at least: an ARN that is not known yet
    counts as none, and white space is not counted. Raises InvalidTrustPolicy."""
    document = build_document(provider_arns, audiences, trust)
    text = json.dumps(document, separators=(",", ":"), default=lambda unknown: "")
    return len("".join(text.split()))


def base_conditions(audiences: Sequence[str], trust: Trust) -> dict[str, dict[str, Any]]:
    """What every assertion must meet, whatever it asks for."""
    conditions: dict[str, dict[str, Any]] = {
        "StringEquals": {"SAML:aud": scalar_or_list(audiences)}
    }
    for each in OPTIONAL_CONDITIONS:
        if wanted := getattr(trust, each.field):
            conditions.setdefault(each.operator, {})[each.key] = each.value(wanted)
    for operator, keys in trust.conditions.items():
        for key, values in keys.items():
            several = isinstance(values, list | tuple)
            conditions.setdefault(operator, {})[key] = scalar_or_list(values) if several else values
    return conditions


def scalar_or_list(values: Sequence[str]) -> str | list[str]:
    """AWS stores a list of one as its one value, and knows no order."""
    return values[0] if len(values) == 1 else sorted(values)


class OptionalCondition(NamedTuple):
    """What a field of `Trust` asks of an assertion, if it is set."""

    field: str
    operator: str
    key: str
    value: Callable[[Any], str | list[str]]
    """From the field to what the condition compares with."""


OPTIONAL_CONDITIONS = (
    OptionalCondition("source_ips", "IpAddress", "aws:SourceIp", scalar_or_list),
    OptionalCondition(
        "opens", "DateGreaterThanEquals", "aws:CurrentTime", lambda day: f"{day}T00:00:00Z"
    ),
    OptionalCondition(
        "closes",
        "DateLessThan",
        "aws:CurrentTime",
        lambda day: f"{day + timedelta(days=1)}T00:00:00Z",
    ),
)
