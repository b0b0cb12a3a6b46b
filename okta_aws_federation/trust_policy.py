"""The trust policy of a federated role: what it asks of people, and the document that says so.

Pure data: provider ARNs may be values that are known later (a Pulumi Output); they are handed
through and never read, but for `minimum_size`. Sources: IAM User Guide, "Creating a role for SAML
2.0 federation", "Pass session tags in AWS STS".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from okta_aws_federation.iam.matching import Kind, Template, matches

ASSUME_ROLE_WITH_SAML = "sts:AssumeRoleWithSAML"
_AUDIENCE_OPERATORS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")


class InvalidTrustPolicy(ValueError):
    """A trust policy that would let in more than it says, or that AWS would refuse."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What a role asks of people, beyond: vouched for by its providers, at its sign-in pages.

    Raises InvalidTrustPolicy.
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

    def __post_init__(self) -> None:
        if any("saml:aud" in (key.lower() for key in keys) for keys in self.conditions.values()):
            raise InvalidTrustPolicy("conditions must not name SAML:aud; it follows from audiences")
        if self.opens and self.closes and self.closes < self.opens:
            raise InvalidTrustPolicy(
                f"closes must not be before opens, not {self.closes} < {self.opens}"
            )
        for statement in self.statements:
            if lacks_saml_audience(statement):
                raise InvalidTrustPolicy(
                    "statements must put a SAML:aud on what a SAML provider may do, not "
                    f"{json.dumps(statement, default=str)}"
                )


def lacks_saml_audience(statement: Mapping[str, Any]) -> bool:
    """Whether a trust statement would take an assertion that was made for another service: it
    allows sts:AssumeRoleWithSAML to a SAML provider, or to a wildcard, and requires no audience.

    Settings, components and emulators ask here; the policy pack, which stands alone, has the same
    answers by a test.
    """
    return (
        statement["Effect"] == "Allow"
        and _covers(statement, ASSUME_ROLE_WITH_SAML)
        and any(
            ":saml-provider/" in principal or "*" in principal or "?" in principal
            for principal in _federated_principals(statement.get("Principal", {}))
        )
        and not required_audiences(statement)
    )


def required_audiences(statement: Mapping[str, Any]) -> list[str]:
    """The values of `SAML:aud` that a statement insists on; IAM ignores the case of the key.

    Only an equality insists: StringNotEquals names what is kept out, `...IfExists` and ForAllValues
    are content with no audience at all, and a pattern of nothing but wildcards takes every one.
    """
    return [
        value
        for operator, keys in (statement.get("Condition") or {}).items()
        if operator in _AUDIENCE_OPERATORS
        for key, values in keys.items()
        if key.lower() == "saml:aud"
        for value in as_list(values)
        if operator != "StringLike" or str(value).strip("*?")
    ]


def _federated_principals(principal: str | Mapping[str, Any]) -> list[str]:
    """Identity providers of a Principal; "*" stands for them too, alone and as AWS account."""
    if isinstance(principal, str):
        return [principal]
    everybody = [each for each in as_list(principal.get("AWS", ())) if each == "*"]
    return [*as_list(principal.get("Federated", ())), *everybody]


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    """Whether a statement is about an action, by name, by wildcard or by NotAction."""
    if "NotAction" in statement:
        return not any(_fits(pattern, action) for pattern in as_list(statement["NotAction"]))
    return any(_fits(pattern, action) for pattern in as_list(statement.get("Action", ())))


def _fits(pattern: str, action: str) -> bool:
    return matches(Template.of(pattern, variables=False).resolved or (), action, Kind.ACTION)


def as_list(values: Any) -> Sequence[Any]:
    """IAM writes a list of one as its one value."""
    return values if isinstance(values, list | tuple) else (values,)


def build_document(
    provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust
) -> Mapping[str, Any]:
    """The whole trust policy. Raises InvalidTrustPolicy."""
    return {
        "Version": "2012-10-17",
        "Statement": build_statements(provider_arns, audiences, trust),
    }


def build_statements(
    provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust
) -> list[Mapping[str, Any]]:
    """Tags and source identity have statements of their own, so that a person who has none is let
    in all the same. Neither is of use without the first, so neither repeats what it asks."""
    actions = {ASSUME_ROLE_WITH_SAML: base_conditions(audiences, trust)}
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


def minimum_size(provider_arns: Sequence[Any], audiences: Sequence[str], trust: Trust) -> int:
    """How many characters AWS will count at least: an ARN that is not known yet counts as none."""
    known = [arn if isinstance(arn, str) else "" for arn in provider_arns]
    return len(json.dumps(build_statements(known, audiences, trust), separators=(",", ":")))


def base_conditions(audiences: Sequence[str], trust: Trust) -> dict[str, dict[str, Any]]:
    """What every assertion must meet, whatever it asks for."""
    conditions: dict[str, dict[str, Any]] = {
        "StringEquals": {"SAML:aud": scalar_or_list(audiences)}
    }
    if trust.source_ips:
        conditions["IpAddress"] = {"aws:SourceIp": scalar_or_list(trust.source_ips)}
    if trust.opens:
        conditions["DateGreaterThanEquals"] = {"aws:CurrentTime": f"{trust.opens}T00:00:00Z"}
    if trust.closes:
        after = trust.closes + timedelta(days=1)
        conditions["DateLessThan"] = {"aws:CurrentTime": f"{after}T00:00:00Z"}
    return merge_conditions(conditions, trust.conditions)


def merge_conditions(
    conditions: Mapping[str, Mapping[str, Any]], more: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Both sets of conditions. Raises InvalidTrustPolicy where they ask two things of one key."""
    both = {operator: dict(keys) for operator, keys in conditions.items()}
    for operator, keys in more.items():
        for key, values in keys.items():
            if key in both.setdefault(operator, {}):
                raise InvalidTrustPolicy(f"conditions must ask {operator} {key} once, not twice")
            both[operator][key] = (
                scalar_or_list(values) if isinstance(values, list | tuple) else values
            )
    return both


def scalar_or_list(values: Sequence[str]) -> str | list[str]:
    """AWS stores a list of one as its one value, and knows no order."""
    return values[0] if len(values) == 1 else sorted(values)
