"""What outlives a session: permissions on users, passwords, and keys."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pulumi_policy import (
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from documents import join_words
from findings import Finding, as_validator, finding, rule_config

USER_POLICY = "aws:iam/userPolicy:UserPolicy"
USER_POLICY_ATTACHMENT = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
USER_ATTACHMENTS = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"
POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
LOGIN_PROFILE = "aws:iam/userLoginProfile:UserLoginProfile"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"

MAXIMUM_KEYS = 2
"""What AWS allows a user, and what a rotation without a gap needs."""

MAXIMUM_DAYS = 90
"""How old a key may be: CIS AWS Foundations 1.13, Security Hub IAM.3."""

OVERLAP_DAYS = 7
"""How long an overdue key may stay beside its successor, so that a rotation can be deployed."""


def direct_policy(resource_type: str, props: Mapping[str, Any]) -> str | None:
    """How a resource gives a policy to a user directly, if it does: inline or attached."""
    if resource_type == USER_POLICY:
        return "inline"
    if resource_type == USER_POLICY_ATTACHMENT:
        return "attached"
    if resource_type == USER_ATTACHMENTS and props.get("policyArns"):
        return "attached"
    if resource_type == POLICY_ATTACHMENT and props.get("users"):
        return "attached"
    return None


def overdue(
    created: Mapping[str, datetime], now: datetime, *, maximum_days: int, overlap_days: int
) -> list[str]:
    """The keys of one user that are too old, given when each was created.

    While a successor is younger than the overlap, its user's overdue keys are let be.
    """
    if any(now - when <= timedelta(days=overlap_days) for when in created.values()):
        return []
    return [key for key, when in created.items() if now - when > timedelta(days=maximum_days)]


def keys_by_user(resources: Sequence[PolicyResource]) -> dict[str, list[PolicyResource]]:
    """The access keys of a stack, by the name of the user."""
    keys: defaultdict[str, list[PolicyResource]] = defaultdict(list)
    for resource in sorted(resources, key=lambda resource: resource.name):
        if resource.resource_type == ACCESS_KEY:
            keys[resource.props["user"]].append(resource)
    return keys


def find_direct_policy(args: ResourceValidationArgs) -> Iterator[Finding]:
    how = direct_policy(args.resource_type, args.props)
    if how is not None:
        yield finding(
            args,
            how,
            f"'{args.name}' must not give a policy to a user directly: give it to a group "
            "(GroupPolicyAttachment), and put the user in the group (UserGroupMembership).",
        )


def find_login_profile(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type == LOGIN_PROFILE:
        yield finding(
            args,
            "password",
            f"'{args.name}' must not give IAM user '{args.props['user']}' a password: people sign "
            "in at the identity provider, and programs use keys or roles.",
        )


def find_many_keys(args: StackValidationArgs) -> Iterator[Finding]:
    maximum = int(args.get_config().get("maximum", MAXIMUM_KEYS))
    for user, keys in keys_by_user(args.resources).items():
        if len(keys) > maximum:
            yield finding(
                keys[0],
                user,
                f"IAM user '{user}' must have at most {maximum} access keys, "
                f"not {join_words(key.name for key in keys)}.",
            )


def find_old_key(args: StackValidationArgs) -> Iterator[Finding]:
    config = args.get_config()
    maximum_days = int(config.get("maximumDays", MAXIMUM_DAYS))
    overlap_days = int(config.get("overlapDays", OVERLAP_DAYS))
    now = datetime.now(UTC)
    for user, keys in keys_by_user(args.resources).items():
        active = {key.urn: key for key in keys if key.props.get("status") != "Inactive"}
        created = {
            urn: datetime.fromisoformat(key.props["createDate"]) for urn, key in active.items()
        }
        for urn in overdue(created, now, maximum_days=maximum_days, overlap_days=overlap_days):
            yield finding(
                active[urn],
                "age",
                f"Access key '{active[urn].name}' of IAM user '{user}' must be replaced: it is "
                f"{(now - created[urn]).days} days old, and {maximum_days} is the limit.",
            )


user_policy_via_group = ResourceValidationPolicy(
    name="user-policy-via-group",
    description="A user gets permissions only by being in a group.",
    validate=as_validator(find_direct_policy),
    config_schema=rule_config(),
    severity=Severity.MEDIUM,
)

no_console_login_profile = ResourceValidationPolicy(
    name="no-console-login-profile",
    description="No IAM user can sign in to the console with a password.",
    validate=as_validator(find_login_profile),
    config_schema=rule_config(),
    severity=Severity.HIGH,
)

max_two_keys = StackValidationPolicy(
    name="max-two-keys",
    description="A user has no more access keys than a rotation needs.",
    validate=as_validator(find_many_keys),
    config_schema=rule_config(
        maximum={
            "description": "How many keys a user may have.",
            "type": "integer",
            "minimum": 1,
            "maximum": MAXIMUM_KEYS,
            "default": MAXIMUM_KEYS,
        }
    ),
    severity=Severity.MEDIUM,
)

key_age = StackValidationPolicy(
    name="key-age",
    description="An access key is replaced before it grows old.",
    validate=as_validator(find_old_key),
    config_schema=rule_config(
        maximumDays={
            "description": "How many days a key may be old.",
            "type": "integer",
            "minimum": 1,
            "default": MAXIMUM_DAYS,
        },
        overlapDays={
            "description": "How many days an old key may stay beside a new one of its user.",
            "type": "integer",
            "minimum": 0,
            "default": OVERLAP_DAYS,
        },
    ),
    severity=Severity.MEDIUM,
)
