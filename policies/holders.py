"""Who holds which policy document in a stack: roles, users and groups, by name.

A preview knows the names of what it will create, and not yet the ARNs. So an attachment is followed
by what its ARN was computed from, and by the ARN itself only where that is a plain value.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pulumi_policy import PolicyResource

from documents import many
from origins import sources
from privileges import ROLE, Document, documents_in

POLICY = "aws:iam/policy:Policy"

INLINE = {
    "aws:iam/rolePolicy:RolePolicy": "role",
    "aws:iam/userPolicy:UserPolicy": "user",
    "aws:iam/groupPolicy:GroupPolicy": "group",
}
"""Types that write a document into one holder -> the property that names it."""

ATTACHING = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role": "role"},
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": {"user": "user"},
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": {"group": "group"},
    "aws:iam/policyAttachment:PolicyAttachment": {
        "role": "roles",
        "user": "users",
        "group": "groups",
    },
}
"""Types that give a managed policy -> kind of holder and the property that names holders."""

USER_GROUPS = "aws:iam/userGroupMembership:UserGroupMembership"
GROUP_USERS = "aws:iam/groupMembership:GroupMembership"


class Holder(NamedTuple):
    kind: str
    """role, user or group."""

    name: str
    """As AWS knows it."""

    def __str__(self) -> str:
        return f"IAM {self.kind} '{self.name}'"


class Held(NamedTuple):
    document: Document
    source: PolicyResource
    """The resource in which the document is written."""


class Given(NamedTuple):
    holder: Holder
    attachment: PolicyResource
    policy: PolicyResource | None
    """None if the stack does not hold the policy."""


def documents_held(resources: Sequence[PolicyResource]) -> dict[Holder, list[Held]]:
    """The documents of every holder, with those that a user has through groups.

    Not those inside the role resources themselves: see `documents_inside`.
    """
    held: defaultdict[Holder, list[Held]] = defaultdict(list)
    for holder, each in _written(resources):
        held[holder].append(each)
    for given in attached(resources):
        if given.policy is not None:
            held[given.holder].append(Held(given.policy.props["policy"], given.policy))
    for user, group in memberships(resources):
        held[Holder("user", user)] += held.get(Holder("group", group), [])
    return {holder: each for holder, each in held.items() if each}


def documents_inside(resources: Sequence[PolicyResource]) -> dict[Holder, list[Held]]:
    """The documents inside the role resources.

    AWS says which they are, so they are unknown before a role is there: read these last.
    """
    return {
        Holder("role", role.props["name"]): [
            Held(document, role) for document in documents_in(ROLE, role.props)
        ]
        for role in resources
        if role.resource_type == ROLE
    }


def attached(resources: Sequence[PolicyResource]) -> Iterator[Given]:
    """Every managed policy that somebody gets."""
    policies = [resource for resource in resources if resource.resource_type == POLICY]
    for resource in resources:
        for kind, named in ATTACHING.get(resource.resource_type, {}).items():
            for name in many(resource.props.get(named)):
                yield Given(Holder(kind, name), resource, _policy_of(resource, policies))


def memberships(resources: Sequence[PolicyResource]) -> Iterator[tuple[str, str]]:
    """User and group, for each membership."""
    for resource in resources:
        if resource.resource_type == USER_GROUPS:
            for group in resource.props["groups"]:
                yield resource.props["user"], group
        if resource.resource_type == GROUP_USERS:
            for user in resource.props["users"]:
                yield user, resource.props["group"]


def _policy_of(
    attachment: PolicyResource, policies: Sequence[PolicyResource]
) -> PolicyResource | None:
    computed_from = sources(attachment, "policyArn", POLICY)
    if computed_from:
        return computed_from[0]
    arn: Any = attachment.props["policyArn"]
    if ":iam::aws:policy/" in arn:
        return None
    return next((policy for policy in policies if policy.props["arn"] == arn), None)


def _written(resources: Sequence[PolicyResource]) -> Iterator[tuple[Holder, Held]]:
    for resource in resources:
        kind = INLINE.get(resource.resource_type)
        if kind is not None:
            yield Holder(kind, resource.props[kind]), Held(resource.props["policy"], resource)
