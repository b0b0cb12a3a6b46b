"""How many, and how large: the quotas of IAM that moto leaves out.

Source: IAM User Guide, "IAM and AWS STS quotas": the defaults, before anybody asks for more.
"""

import re
from collections.abc import Iterable, Mapping, Sized

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from sandbox.aws.errors import AwsError

TAGS = 50
"""To one role, user, policy or provider; it can't be raised."""


PER_ACCOUNT = {"Role": 1000, "User": 5000, "Group": 300, "Policy": 1500}
"""Roles, users, groups and customer managed policies."""
GROUPS_PER_USER = 10
ATTACHED_POLICIES = {"Role": 10, "User": 10, "Group": 10}
INLINE_SIZE = {"Role": 10_240, "User": 2048, "Group": 5120}
"""Of all inline policies of one together."""
TRUST_SIZE, MANAGED_SIZE = 2048, 6144


def size(document: str) -> int:
    """Characters as these quotas count them: white space does not count."""
    return len(re.sub(r"\s", "", document))


def check_count(iam: IAMBackend, kind: str) -> None:
    """One more role, user, group or customer managed policy."""
    stores: Mapping[str, Sized] = {"Role": iam.roles, "User": iam.users, "Group": iam.groups}
    there = stores[kind] if kind in stores else customer_policies(iam)
    if len(there) >= PER_ACCOUNT[kind]:
        plural = "Policies" if kind == "Policy" else f"{kind}s"
        raise _exceeded(f"{plural}PerAccount", PER_ACCOUNT[kind])


def check_attachment(entity: Role | User | Group, policy_arn: str) -> None:
    """One more managed policy; the same one again is none more."""
    kind, attached = type(entity).__name__, entity.managed_policies
    if policy_arn not in attached and len(attached) >= ATTACHED_POLICIES[kind]:
        raise _exceeded(f"PoliciesPer{kind}", ATTACHED_POLICIES[kind])


def check_membership(iam: IAMBackend, user: User, group: str) -> None:
    """One more group for a user."""
    others = [one for one in iam.groups.values() if user in one.users and one.name != group]
    if len(others) >= GROUPS_PER_USER:
        raise _exceeded("GroupsPerUser", GROUPS_PER_USER)


def check_tags(existing: Iterable[str], added: Iterable[Mapping[str, str]]) -> None:
    """More tags for something that has tags with the keys `existing`; case does not matter."""
    keys = [tag["Key"].lower() for tag in added]
    if any(key.startswith("aws:") for key in keys):
        message = "aws: prefixed tag key names are not allowed for external use."
        raise AwsError("InvalidInput", message)
    if len({*keys, *(key.lower() for key in existing)}) > TAGS:
        raise _exceeded("TagsPerResource", TAGS)


def check_managed_size(document: str) -> None:
    """A managed policy's document."""
    if size(document) > MANAGED_SIZE:
        raise _exceeded("PolicySize", MANAGED_SIZE)


def check_trust_size(document: str) -> None:
    """A role's trust policy."""
    if size(document) > TRUST_SIZE:
        raise _exceeded("ACLSizePerRole", TRUST_SIZE)


def check_inline_size(entity: Role | User | Group, name: str, document: str) -> None:
    """All inline policies of one user, role or group together."""
    kind = type(entity).__name__
    most = INLINE_SIZE[kind]
    others = sum(size(text) for key, text in entity.policies.items() if key != name)
    if others + size(document) > most:
        message = f"Maximum policy size of {most} bytes exceeded for {kind.lower()} {entity.name}"
        raise AwsError("LimitExceeded", message, 409)


def customer_policies(iam: IAMBackend) -> list[ManagedPolicy]:
    """The managed policies that are not AWS's own."""
    return [policy for policy in iam.managed_policies.values() if ":aws:policy/" not in policy.arn]


def _exceeded(name: str, most: int) -> AwsError:
    return AwsError("LimitExceeded", f"Cannot exceed quota for {name}: {most}", 409)
