"""What comes along with a request for a session of a role: policies, tags, a source identity.

Source: STS API Reference, AssumeRole and AssumeRoleWithSAML; IAM User Guide, "Session policies" and
"Pass session tags in AWS STS".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import regex  # type: ignore[import-untyped]
from moto.iam.models import Role

from okta_aws_federation.iam.evaluator import Policy
from sandbox.aws.authorization import managed_policy
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.errors import AwsError
from sandbox.aws.policy_documents import check_identity_policy
from sandbox.aws.sessions import Session

_MOST_ARNS = 10
_LONGEST = 2048
_MOST_TAGS = 50
# STS API Reference, Tag: pattern and length of Key and Value.
_TAG_KEY = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}")
_TAG_VALUE = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}")


@dataclass(frozen=True)
class SessionRequest:
    """What the new session is to carry."""

    name: str
    tags: Mapping[str, str]
    transitive: frozenset[str]
    source_identity: str | None
    seconds: int | None = None
    """The `SessionDuration` attribute of an assertion."""

    def actions(self, assume: str) -> list[str]:
        """The actions that the trust policy has to allow: each thing needs its own."""
        tag = ["sts:TagSession"] if self.tags else []
        return [assume, *tag, *(["sts:SetSourceIdentity"] if self.source_identity else [])]


def start_session(
    cloud: Cloud,
    role: Role,
    requested: SessionRequest,
    lifetime: timedelta,
    arguments: Mapping[str, Any],
    federated_provider: str | None = None,
) -> Session:
    """A session of the role, remembered by the cloud; `arguments`: those of the call."""
    account = account_of(role.arn)
    return cloud.sessions.begin(
        cloud.now(),
        lifetime,
        account=account,
        arn=cloud.arn(account, f"assumed-role/{role.name}/{requested.name}", "sts"),
        user_id=f"{role.id}:{requested.name}",
        role_arn=role.arn,
        policies=session_policies(cloud, role.account_id, arguments),
        tags=requested.tags,
        transitive_tags=requested.transitive,
        source_identity=requested.source_identity,
        federated_provider=federated_provider,
    )


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
        if not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value):
            raise AwsError(code, _tag_message(key, value))
        if key.lower().startswith("aws:"):
            raise AwsError(code, "Session tags must not begin with aws:")
    if any(not _TAG_KEY.fullmatch(key) for key in transitive):
        raise AwsError(code, f"A transitive tag key must match {_TAG_KEY.pattern}")
    missing = sorted({key.lower() for key in transitive} - set(keys))
    if missing:
        raise AwsError(
            code,
            f"The specified transitive tag key must be included in the requested tags: {missing}",
        )


def _tag_message(key: str, value: str) -> str:
    if not _TAG_KEY.fullmatch(key):
        return f"Session tag key {key[:128]!r} must match {_TAG_KEY.pattern}"
    return f"Value {value[:256]!r} of session tag {key!r} must match {_TAG_VALUE.pattern}"


def _managed(cloud: Cloud, account: str, arn: str) -> Policy:
    policy = cloud.iam(account).managed_policies.get(arn)
    if policy is None:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found", 404)
    return managed_policy(policy)
