"""Policies and tags that come along with a request for a session.

Source: STS API Reference, AssumeRole and AssumeRoleWithSAML; IAM User Guide, "Session policies" and
"Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from okta_aws_federation.iam.evaluator import Policy
from sandbox.aws.authorization import managed_policy
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.policy_documents import check_identity_policy

_MOST_ARNS = 10
_LONGEST = 2048
_MOST_TAGS = 50
_LONGEST_KEY, _LONGEST_VALUE = 128, 256


def session_policies(
    cloud: Cloud, account: str, arguments: Mapping[str, Any]
) -> tuple[Policy, ...] | None:
    """Inline and managed session policies together; None when there are none of either."""
    text, arns = arguments.get("Policy"), [p["arn"] for p in arguments.get("PolicyArns", [])]
    if text is None and not arns:
        return None
    if len(text or "") > _LONGEST:
        raise AwsError(
            "PackedPolicyTooLarge", f"A session policy has at most {_LONGEST} characters"
        )
    if len(arns) > _MOST_ARNS:
        raise AwsError("ValidationError", f"At most {_MOST_ARNS} PolicyArns")
    policies = [_managed(cloud, account, arn) for arn in arns]
    if text is not None:
        check_identity_policy(text)
        policies.append(Policy.parse(text, name="session policy"))
    return tuple(policies)


def check_tags(tags: Iterable[tuple[str, str]], transitive: Iterable[str], code: str) -> None:
    """Session tags as STS takes them, with the error `code` for all else."""
    pairs = list(tags)
    keys = [key.lower() for key, _ in pairs]
    if len(pairs) > _MOST_TAGS:
        raise AwsError(code, f"At most {_MOST_TAGS} session tags")
    if len(keys) != len(set(keys)):
        raise AwsError(
            code, "Duplicate tag keys found. Please note that keys are case insensitive."
        )
    for key, value in pairs:
        if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise AwsError(code, f"Session tag {key[:_LONGEST_KEY]!r} is too long")
        if key.lower().startswith("aws:"):
            raise AwsError(code, "Session tags must not begin with aws:")
    missing = sorted({key.lower() for key in transitive} - set(keys))
    if missing:
        raise AwsError(
            code,
            f"The specified transitive tag key must be included in the requested tags: {missing}",
        )


def _managed(cloud: Cloud, account: str, arn: str) -> Policy:
    found = cloud.iam(account).managed_policies.get(arn)
    if found is None:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found", 404)
    return managed_policy(found)
