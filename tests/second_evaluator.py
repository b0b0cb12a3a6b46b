"""A second, independent evaluator of IAM policies: the one inside `ministack`.

Where it differs from ours, a difference that is known must explain it, and names the case of
`unit/test_evaluator_cases.py` that decides for ours.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from okta_aws_federation.iam.evaluator import Policy, Principal, Request, evaluate

# Installed alone, by requirements/oracle.txt.
other = pytest.importorskip(
    "ministack.core.iam_evaluator", reason="pip install --no-deps -r requirements/oracle.txt"
)

HERE, THERE = "123456789012", "210987654321"
ROLE = f"arn:aws:iam::{HERE}:role/Developer"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Developer/ada"
EFFECTS = {"Allow": "allow", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


@dataclass(frozen=True)
class Asked:
    """One request with everything that bears on it."""

    action: str
    resource: str
    context: dict[str, Any]
    identity: list[dict[str, Any]]
    boundary: list[dict[str, Any]] | None
    session: list[dict[str, Any]] | None
    of_resource: dict[str, Any] | None
    owner: str
    account: str = HERE
    region: str = "eu-west-1"
    caller: str = SESSION
    """The ARN that `aws:PrincipalArn` holds."""
    source_ip: str = "203.0.113.9"
    secure: bool = True
    text: str = field(default="")


def ours(asked: Asked) -> str:
    def layer(documents: list[dict[str, Any]] | None) -> list[Policy] | None:
        return None if documents is None else [Policy.parse(one) for one in documents]

    context = asked.context | {
        "aws:SourceIp": asked.source_ip,
        "aws:SecureTransport": str(asked.secure).lower(),
    }
    principal = Principal.session(*(arn.replace(HERE, asked.account) for arn in (SESSION, ROLE)))
    return evaluate(
        Request(asked.action, asked.resource, principal, context, asked.owner),
        identity=layer(asked.identity) or [],
        boundary=layer(asked.boundary),
        session=layer(asked.session),
        resource=layer([asked.of_resource] if asked.of_resource else []) or [],
    ).effect


def theirs(asked: Asked) -> str:
    context = other.EvalContext(
        principal_arn=asked.caller,
        principal_type="AssumedRole",
        principal_account=asked.account,
        action=asked.action,
        resource_arn=asked.resource,
        region=asked.region,
        source_ip=asked.source_ip,
        secure_transport=asked.secure,
        tag_keys=list(asked.context.get("aws:TagKeys", ())) or None,
        service_context={k.lower(): v for k, v in asked.context.items() if k != "aws:TagKeys"},
    )
    parse = other.parse_policy_document
    limits = [
        [parse(one) for one in documents]
        for documents in (asked.boundary, asked.session)
        if documents is not None
    ]
    decided = other.evaluate(context, [parse(one) for one in asked.identity], *limits)
    if asked.of_resource is not None:
        decided = other.combine_resource_policy(
            decided, context, asked.of_resource, asked.owner, limits=tuple(limits)
        )
    return EFFECTS[decided.decision]


def stripped(asked: Asked, gone: Callable[[dict[str, Any]], bool]) -> Asked:
    """The same question without the statements that a known difference is about."""

    def layer(documents: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        return documents and [
            one | {"Statement": [s for s in one["Statement"] if not gone(s)]} for one in documents
        ]

    of_resource = layer([asked.of_resource])[0] if asked.of_resource else None
    return Asked(
        **{
            **vars(asked),
            "identity": layer(asked.identity),
            "boundary": layer(asked.boundary),
            "session": layer(asked.session),
            "of_resource": of_resource,
        }
    )


def mentions(*words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda statement: any(word in json.dumps(statement) for word in words)


# What ministack does otherwise, and the case of the table that decides for ours.
KNOWN: dict[str, Callable[[dict[str, Any]], bool]] = {
    "a variable in a resource": mentions("${"),
    "a boundary does not limit what everybody is given": mentions('"Principal": "*"', '"AWS": "*"'),
    "a star does not reach over a colon": mentions('"arn:*:key"', "ArnLike", "ArnNotLike"),
}


def explanation(asked: Asked) -> str | None:
    """The known differences, as few as can be, without whose statements both agree."""
    for number in range(1, len(KNOWN) + 1):
        for cases in combinations(KNOWN, number):
            without = asked
            for case in cases:
                without = stripped(without, KNOWN[case])
            if ours(without) == theirs(without):
                return "; ".join(cases)
    return None
