"""What a policy gives away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs, Severity, StackValidationArgs

import documents
from findings import Finding, finding, resource_rule, stack_rule, strings
from trust import ROLE

DOCUMENT_HOLDERS = {
    "aws:iam/policy:Policy": "IAM policy",
    "aws:iam/rolePolicy:RolePolicy": "IAM role policy",
    "aws:iam/userPolicy:UserPolicy": "IAM user policy",
    "aws:iam/groupPolicy:GroupPolicy": "IAM group policy",
}
"""Types whose property `policy` is a policy document, and what a message calls them."""

ATTACHMENTS = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "IAM role policy attachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "IAM user policy attachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "IAM group policy attachment",
    "aws:iam/policyAttachment:PolicyAttachment": "IAM policy attachment",
}
"""Types whose property `policyArn` is a policy that somebody gets."""

EXCLUSIVE_ATTACHMENTS = {
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "IAM role's policies",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "IAM user's policies",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": (
        "IAM group's policies"
    ),
}
"""Types whose property `policyArns` is all that somebody gets: what is missing is attached."""

NOUNS = DOCUMENT_HOLDERS | ATTACHMENTS | EXCLUSIVE_ATTACHMENTS | {ROLE: "IAM role"}

Document = str | Mapping[str, Any]

BREAK_GLASS_ROLES = strings("Names of the break-glass roles in AWS.")

_ADMINISTRATOR_ACCESS = re.compile(r"arn:[^:]+:iam::aws:policy/AdministratorAccess")


def documents_in(resource_type: str, props: Mapping[str, Any]) -> list[Document]:
    """The permission documents written in a resource."""
    if resource_type in DOCUMENT_HOLDERS:
        return [props["policy"]]
    if resource_type == ROLE:
        return [inline["policy"] for inline in props.get("inlinePolicies") or []]
    return []


def arns_in(resource_type: str, props: Mapping[str, Any]) -> list[str]:
    """The managed policies that a resource attaches, by ARN."""
    if resource_type in ATTACHMENTS:
        return [props["policyArn"]]
    if resource_type in EXCLUSIVE_ATTACHMENTS:
        return list(props["policyArns"])
    if resource_type == ROLE:
        return list(props.get("managedPolicyArns") or [])
    return []


def is_administrator_access(arn: str) -> bool:
    """Whether an ARN is that of AWS's policy AdministratorAccess, in any partition."""
    return _ADMINISTRATOR_ACCESS.fullmatch(arn) is not None


def is_full_admin(document: Document) -> bool:
    """Whether a document allows every action on every resource.

    A condition does not excuse it: whoever meets the condition is an administrator.
    """
    return any(
        any(not action.strip("*:") for action in statement.actions)
        and any(not resource.strip("*:") for resource in statement.resources)
        for statement in documents.allows(document)
    )


def administration_in(resource_type: str, props: Mapping[str, Any]) -> Iterator[str]:
    """The ways in which a resource makes an administrator."""
    if any(is_administrator_access(arn) for arn in arns_in(resource_type, props)):
        yield "AdministratorAccess"
    if any(is_full_admin(document) for document in documents_in(resource_type, props)):
        yield "*:*"


def break_glass(args: ResourceValidationArgs) -> bool:
    """Whether the resource serves a role that the configuration keeps for emergencies."""
    roles = args.get_config().get("breakGlassRoles")
    if not roles:
        return False
    named = "name" if args.resource_type == ROLE else "role"
    if args.resource_type in EXCLUSIVE_ATTACHMENTS:
        named = "roleName"
    return args.props.get(named) in roles


def service_wildcards(document: Document) -> list[str]:
    """Action patterns that take all of a service, including what AWS adds to it next year."""
    return [
        pattern
        for statement in documents.allows(document)
        for pattern in statement.action_patterns
        if pattern.startswith("NotAction ") or not pattern.partition(":")[2].strip("*?")
    ]


def unmanaged_admin_attachments(
    role: PolicyResource, resources: Sequence[PolicyResource]
) -> list[str]:
    """Administrator policies that AWS says a role has, and that no attachment of the stack gives.

    AWS is asked when the state is refreshed; the engine shows the answer to rules over the stack.
    """
    administrator = [
        arn for arn in role.props.get("managedPolicyArns") or () if is_administrator_access(arn)
    ]
    if not administrator:
        return []
    managed = {
        resource.props["policyArn"]
        for resource in resources
        if resource.resource_type in ATTACHMENTS
        and role.props["name"] in (resource.props.get("role"), *(resource.props.get("roles") or ()))
    }
    return [arn for arn in administrator if arn not in managed]


@resource_rule(Severity.CRITICAL, *NOUNS, breakGlassRoles=BREAK_GLASS_ROLES)
def no_administrator_access(args: ResourceValidationArgs) -> Iterator[Finding]:
    """Nobody is an administrator except through a break-glass role."""
    grants = list(administration_in(args.resource_type, args.props))
    if not grants or break_glass(args):
        return
    for grant in grants:
        yield finding(
            args,
            grant,
            f"{NOUNS[args.resource_type]} '{args.name}' must not give {grant}: "
            "give the actions that the work needs, or list the role in breakGlassRoles.",
        )


@stack_rule(Severity.CRITICAL, breakGlassRoles=BREAK_GLASS_ROLES)
def no_administrator_by_hand(args: StackValidationArgs) -> Iterator[Finding]:
    """Nobody made a role an administrator outside the program."""
    break_glass_roles = args.get_config().get("breakGlassRoles", ())
    for role in args.resources:
        if role.resource_type != ROLE:
            continue
        for arn in unmanaged_admin_attachments(role, args.resources):
            if role.props["name"] not in break_glass_roles:
                yield finding(
                    role,
                    "AdministratorAccess",
                    f"IAM role '{role.name}' must not have {arn}, which this stack does not "
                    "attach: detach it in AWS, or list the role in breakGlassRoles.",
                )


@resource_rule(Severity.MEDIUM)
def no_service_wildcard(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A policy lists the actions that it allows."""
    for document in documents_in(args.resource_type, args.props):
        if is_full_admin(document):
            continue  # no-administrator-access speaks of these, and knows who may
        for wildcard in service_wildcards(document):
            yield finding(
                args,
                wildcard,
                f"{NOUNS[args.resource_type]} '{args.name}' must list the actions that it allows, "
                f"not {wildcard}.",
            )
