"""Who may enter a role: the trust policy, as a document.

Sources: IAM User Guide, "Creating a role for SAML 2.0 federation", "Pass session tags in AWS STS".
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pulumi import Input, Output

from .refusal import Refusal
from .trust import Trust


def trust_policy(
    provider_arns: Sequence[Input[str]], audiences: Sequence[str], trust: Trust
) -> Output[str]:
    """Who may assume the role, as JSON."""
    statements = statements_of(provider_arns, audiences, trust)
    document = {"Version": "2012-10-17", "Statement": statements}
    return Output.json_dumps(document, sort_keys=True)


def statements_of(
    provider_arns: Sequence[Input[str]], audiences: Sequence[str], trust: Trust
) -> list[Mapping[str, Any]]:
    """Tags and source identity have statements of their own, so that a person who has none is let
    in all the same. Neither is of use without the first, so neither repeats what it asks."""
    actions = {"sts:AssumeRoleWithSAML": conditions_of(audiences, trust)}
    if trust.session_tags:
        keys = {"aws:TagKeys": one_or_all(trust.session_tags)}
        actions["sts:TagSession"] = {"ForAllValues:StringEquals": keys}
    if trust.source_identities:
        identities = {"sts:SourceIdentity": one_or_all(trust.source_identities)}
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


def least_size(provider_arns: Sequence[Input[str]], audiences: Sequence[str], trust: Trust) -> int:
    """How many characters AWS will count at least: an ARN that is not known yet counts as none."""
    known = [arn if isinstance(arn, str) else "" for arn in provider_arns]
    return len(json.dumps(statements_of(known, audiences, trust), separators=(",", ":")))


def conditions_of(audiences: Sequence[str], trust: Trust) -> dict[str, dict[str, Any]]:
    """What every assertion must meet, whatever it asks for."""
    conditions: dict[str, dict[str, Any]] = {"StringEquals": {"SAML:aud": one_or_all(audiences)}}
    if trust.source_ips:
        conditions["IpAddress"] = {"aws:SourceIp": one_or_all(trust.source_ips)}
    if trust.opens:
        conditions["DateGreaterThanEquals"] = {"aws:CurrentTime": f"{trust.opens}T00:00:00Z"}
    if trust.closes:
        after = trust.closes + timedelta(days=1)
        conditions["DateLessThan"] = {"aws:CurrentTime": f"{after}T00:00:00Z"}
    return merged(conditions, trust.conditions)


def merged(
    conditions: Mapping[str, Mapping[str, Any]], more: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Both sets of conditions. Raises ValueError where they ask two things of one key."""
    both = {operator: dict(keys) for operator, keys in conditions.items()}
    for operator, keys in more.items():
        for key, values in keys.items():
            if key in both.setdefault(operator, {}):
                raise Refusal(f"conditions must ask {operator} {key} once, not twice")
            both[operator][key] = one_or_all(values) if isinstance(values, list | tuple) else values
    return both


def one_or_all(values: Sequence[str]) -> str | list[str]:
    """AWS stores a list of one as its one value, and knows no order."""
    return values[0] if len(values) == 1 else sorted(values)
