"""The policy documents of each IAM role, user and group of a stack, by name.

A preview knows the names of what it will create, and not yet the ARNs. So an attachment is followed
by what its ARN was computed from, and by the ARN itself only where that is a plain value.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pulumi_policy import PolicyResource

from dependencies import sources
from documents import as_list
from privileges import Document, documents_in
from trust import ROLE

POLICY = "aws:iam/policy:Policy"

INLINE = {
    "aws:iam/rolePolicy:RolePolicy": "role",
    "aws:iam/userPolicy:UserPolicy": "user",
    "aws:iam/groupPolicy:GroupPolicy": "group",
}
"""Types that write a document into one principal -> the property that names it."""

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
"""Types that attach a managed policy -> kind of principal and the property that names them."""

USER_GROUPS = "aws:iam/userGroupMembership:UserGroupMembership"
GROUP_USERS = "aws:iam/groupMembership:GroupMembership"


class Principal(NamedTuple):
    """An IAM role, user or group of the stack."""

    kind: str
    """role, user or group."""

    name: str
    """As AWS knows it."""

    def __str__(self) -> str:
        return f"IAM {self.kind} '{self.name}'"


class AttachedDocument(NamedTuple):
    """A policy document that a principal has."""

    document: Document
    source: PolicyResource
    """The resource in which the document is written."""


class Attachment(NamedTuple):
    """A managed policy that a principal gets."""

    principal: Principal
    resource: PolicyResource
    policy: PolicyResource | None
    """None if the stack does not contain the policy."""


def attached_documents(
    resources: Sequence[PolicyResource],
) -> dict[Principal, list[AttachedDocument]]:
    """The documents of every principal, with those that a user has through groups.

    Not those inside the role resources themselves: see `inline_role_documents`.
    """
    documents: defaultdict[Principal, list[AttachedDocument]] = defaultdict(list)
    for principal, each in _inline(resources):
        documents[principal].append(each)
    for attachment in attachments(resources):
        if attachment.policy is not None:
            documents[attachment.principal].append(
                AttachedDocument(attachment.policy.props["policy"], attachment.policy)
            )
    for user, group in memberships(resources):
        documents[Principal("user", user)] += documents.get(Principal("group", group), [])
    return {principal: each for principal, each in documents.items() if each}


def inline_role_documents(
    resources: Sequence[PolicyResource],
) -> dict[Principal, list[AttachedDocument]]:
    """The documents inside the role resources.

    AWS says which they are, so they are unknown before a role is there: read these last.
    """
    return {
        Principal("role", role.props["name"]): [
            AttachedDocument(document, role) for document in documents_in(ROLE, role.props)
        ]
        for role in resources
        if role.resource_type == ROLE
    }


def attachments(resources: Sequence[PolicyResource]) -> Iterator[Attachment]:
    """Every managed policy that somebody gets."""
    policies = [resource for resource in resources if resource.resource_type == POLICY]
    for resource in resources:
        for kind, named in ATTACHING.get(resource.resource_type, {}).items():
            for name in as_list(resource.props.get(named)):
                yield Attachment(Principal(kind, name), resource, _policy_of(resource, policies))


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
    resource: PolicyResource, policies: Sequence[PolicyResource]
) -> PolicyResource | None:
    computed_from = sources(resource, "policyArn", POLICY)
    if computed_from:
        return computed_from[0]
    arn: Any = resource.props["policyArn"]
    if ":iam::aws:policy/" in arn:
        return None
    return next((policy for policy in policies if policy.props["arn"] == arn), None)


def _inline(resources: Sequence[PolicyResource]) -> Iterator[tuple[Principal, AttachedDocument]]:
    for resource in resources:
        kind = INLINE.get(resource.resource_type)
        if kind is not None:
            yield (
                Principal(kind, resource.props[kind]),
                AttachedDocument(resource.props["policy"], resource),
            )
