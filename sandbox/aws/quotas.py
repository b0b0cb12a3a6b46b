"""How many, and how large: the quotas of IAM that moto leaves out.

Source: IAM User Guide, "IAM and AWS STS quotas": the defaults, before anybody asks for more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from sandbox.aws.errors import AwsError

TAGS = 50
"""To one role, user, policy or provider; it can't be raised."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """One account's."""

    roles: int = 1000
    users: int = 5000
    groups: int = 300
    customer_policies: int = 1500
    groups_per_user: int = 10
    policies_per_role: int = 10
    policies_per_user: int = 10
    policies_per_group: int = 10
    trust_policy: int = 2048
    managed_policy: int = 6144
    inline_of_user: int = 2048
    inline_of_role: int = 10_240
    inline_of_group: int = 5120


def size(document: str) -> int:
    """Characters as these quotas count them: white space does not count."""
    return len(re.sub(r"\s", "", document))


def check_count(iam: IAMBackend, quotas: Quotas, action: str) -> None:
    """One more role, user, group or customer managed policy."""
    counted: Mapping[str, tuple[str, Callable[[], int], int]] = {
        "CreateRole": ("Roles", lambda: len(iam.roles), quotas.roles),
        "CreateUser": ("Users", lambda: len(iam.users), quotas.users),
        "CreateGroup": ("Groups", lambda: len(iam.groups), quotas.groups),
        "CreatePolicy": (
            "Policies",
            lambda: len(customer_policies(iam)),
            quotas.customer_policies,
        ),
    }
    name, there, most = counted[action]
    if there() >= most:
        raise _exceeded(f"{name}PerAccount", most)


def check_attachment(entity: Role | User | Group, policy_arn: str, quotas: Quotas) -> None:
    """One more managed policy; the same one again is none more."""
    kind = type(entity).__name__
    most = {
        "Role": quotas.policies_per_role,
        "User": quotas.policies_per_user,
        "Group": quotas.policies_per_group,
    }[kind]
    if policy_arn not in entity.managed_policies and len(entity.managed_policies) >= most:
        raise _exceeded(f"PoliciesPer{kind}", most)


def check_membership(iam: IAMBackend, user: User, group: str, quotas: Quotas) -> None:
    """One more group for a user."""
    others = [one for one in iam.groups.values() if user in one.users and one.name != group]
    if len(others) >= quotas.groups_per_user:
        raise _exceeded("GroupsPerUser", quotas.groups_per_user)


def check_tags(existing: Iterable[str], added: Iterable[Mapping[str, str]]) -> None:
    """More tags for something that has tags with the keys `existing`; case does not matter."""
    keys = [tag["Key"].lower() for tag in added]
    if any(key.startswith("aws:") for key in keys):
        message = "aws: prefixed tag key names are not allowed for external use."
        raise AwsError("InvalidInput", message)
    if len({*keys, *(key.lower() for key in existing)}) > TAGS:
        raise _exceeded("TagsPerResource", TAGS)


def check_managed_size(document: str, quotas: Quotas) -> None:
    """A managed policy's document."""
    if size(document) > quotas.managed_policy:
        raise _exceeded("PolicySize", quotas.managed_policy)


def check_trust_size(document: str, quotas: Quotas) -> None:
    """A role's trust policy."""
    if size(document) > quotas.trust_policy:
        raise _exceeded("ACLSizePerRole", quotas.trust_policy)


def check_inline_size(
    entity: Role | User | Group, name: str, document: str, quotas: Quotas
) -> None:
    """All inline policies of one user, role or group together."""
    kind = type(entity).__name__
    most = {
        "Role": quotas.inline_of_role,
        "User": quotas.inline_of_user,
        "Group": quotas.inline_of_group,
    }[kind]
    others = sum(size(text) for key, text in entity.policies.items() if key != name)
    if others + size(document) > most:
        message = f"Maximum policy size of {most} bytes exceeded for {kind.lower()} {entity.name}"
        raise AwsError("LimitExceeded", message, 409)


def customer_policies(iam: IAMBackend) -> list[ManagedPolicy]:
    """The managed policies that are not AWS's own."""
    return [policy for policy in iam.managed_policies.values() if ":aws:policy/" not in policy.arn]


def _exceeded(name: str, most: int) -> AwsError:
    return AwsError("LimitExceeded", f"Cannot exceed quota for {name}: {most}", 409)
