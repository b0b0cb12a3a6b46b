"""Which IAM user's key Okta uses, told by what a user may do.

Sources: IAM API Reference; Okta help, "Generate the AWS API access key".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access import aws_managed
from access.verification.aws_state import attached_policies, default_document, tags_of
from okta_aws_federation.iam.policy import MalformedPolicy, Policy

Tags = Mapping[str, str]


@dataclass(frozen=True)
class UserFacts:
    """The IAM user whose key Okta uses, as far as can be told."""

    name: str
    tags: Tags
    keys: int
    """How many active keys it has."""
    inactive_keys: int
    policy_arn: str | None
    """The customer managed policy that lists roles; None if another kind of policy does."""
    group: str | None
    """The IAM group through which the policy comes; None: attached to the user."""


def candidates(iam: Any, details: Mapping[str, Sequence[Any]]) -> Iterator[UserFacts]:
    """Users with an active key that lists roles and can't do much more, the likeliest first."""
    groups = {each["GroupName"]: each for each in details["GroupDetailList"]}
    policies = {each["Arn"]: each for each in details["Policies"]}
    ranked = []
    for user in details["UserDetailList"]:
        owners = [user, *(groups[name] for name in user["GroupList"] if name in groups)]
        documents = [d for owner in owners for d in _documents(owner, policies)]
        if not any(_allows(each, "iam:ListRoles") for each in documents) or any(
            _allows(each, "iam:CreateUser") for each in documents
        ):
            continue
        keys = iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        active = [key["AccessKeyId"] for key in keys if key["Status"] == "Active"]
        if not active:
            continue
        answers = [iam.get_access_key_last_used(AccessKeyId=key) for key in active]
        used_iam = any(each["AccessKeyLastUsed"].get("ServiceName") == "iam" for each in answers)
        carrier, policy = _carrier(owners, policies)
        facts = UserFacts(
            name=user["UserName"],
            tags=tags_of(iam.get_user(UserName=user["UserName"])["User"]),
            keys=len(active),
            inactive_keys=len(keys) - len(active),
            policy_arn=policy,
            group=carrier.get("GroupName"),
        )
        ranked.append((not used_iam, policy is None, facts.name, facts))
    yield from (facts for *_, facts in sorted(ranked, key=lambda each: each[:3]))


def _carrier(
    owners: Sequence[Mapping[str, Any]], policies: Mapping[str, Mapping[str, Any]]
) -> tuple[Mapping[str, Any], str | None]:
    """The user or IAM group with a customer managed policy that lists roles, and its ARN."""
    for owner in owners:
        for arn in attached_policies(owner):
            document = default_document(policies[arn]) if arn in policies else None
            if _allows(document, "iam:ListRoles"):
                return owner, arn
    return {}, None


def _documents(owner: Mapping[str, Any], policies: Mapping[str, Any]) -> Iterator[Any]:
    inline = owner.get("UserPolicyList", owner.get("GroupPolicyList")) or ()
    yield from (each["PolicyDocument"] for each in inline)
    for arn in attached_policies(owner):
        known = policies.get(arn)
        yield default_document(known) if known else aws_managed.policy(arn)


def _allows(document: Any, action: str) -> bool:
    if document is None:
        return False
    try:
        policy = document if isinstance(document, Policy) else Policy.parse(document, name="")
    except MalformedPolicy:
        return False
    return any(each.allows and each.covers_action(action) for each in policy.statements)
