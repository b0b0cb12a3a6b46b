"""What outlives a session: permissions on users, passwords, and keys."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pulumi_policy import PolicyResource, ResourceValidationArgs, Severity, StackValidationArgs

from documents import join_words
from findings import Finding, finding, number, resource_rule, stack_rule

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


@resource_rule(
    Severity.MEDIUM, USER_POLICY, USER_POLICY_ATTACHMENT, USER_ATTACHMENTS, POLICY_ATTACHMENT
)
def user_policy_via_group(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A user gets permissions only by being in a group."""
    may_be_empty = {USER_ATTACHMENTS: "policyArns", POLICY_ATTACHMENT: "users"}
    named = may_be_empty.get(args.resource_type)
    if named is None or args.props.get(named):
        yield finding(
            args,
            "inline" if args.resource_type == USER_POLICY else "attached",
            f"'{args.name}' must not give a policy to a user directly: give it to a group "
            "(GroupPolicyAttachment), and put the user in the group (UserGroupMembership).",
        )


@resource_rule(Severity.HIGH, LOGIN_PROFILE)
def no_console_login_profile(args: ResourceValidationArgs) -> Iterator[Finding]:
    """No IAM user can sign in to the console with a password."""
    yield finding(
        args,
        "password",
        f"'{args.name}' must not give IAM user '{args.props['user']}' a password: people sign "
        "in at the identity provider, and programs use keys or roles.",
    )


@stack_rule(
    Severity.MEDIUM,
    maximum=number("How many keys a user may have.", 1, MAXIMUM_KEYS, maximum=MAXIMUM_KEYS),
)
def max_two_keys(args: StackValidationArgs) -> Iterator[Finding]:
    """A user has no more access keys than a rotation needs."""
    maximum = int(args.get_config().get("maximum", MAXIMUM_KEYS))
    for user, keys in keys_by_user(args.resources).items():
        if len(keys) > maximum:
            yield finding(
                keys[0],
                user,
                f"IAM user '{user}' must have at most {maximum} access keys, "
                f"not {join_words(key.name for key in keys)}.",
            )


@stack_rule(
    Severity.MEDIUM,
    maximumDays=number("How many days a key may be old.", 1, MAXIMUM_DAYS),
    overlapDays=number(
        "How many days an old key may stay beside a new one of its user.", 0, OVERLAP_DAYS
    ),
)
def key_age(args: StackValidationArgs) -> Iterator[Finding]:
    """An access key is replaced before it grows old."""
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
