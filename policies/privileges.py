"""What a policy gives away."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import (
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

import documents
from findings import configurable, of, report_open

ROLE = "aws:iam/role:Role"

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

NOUNS = DOCUMENT_HOLDERS | ATTACHMENTS | {ROLE: "IAM role"}

_ADMINISTRATOR_ACCESS = re.compile(r"arn:[^:]+:iam::aws:policy/AdministratorAccess")


def documents_in(resource_type: str, props: Mapping[str, Any]) -> list[Any]:
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
    if resource_type == ROLE:
        return list(props.get("managedPolicyArns") or [])
    return []


def everything(document: str | Mapping[str, Any]) -> bool:
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
    if any(_ADMINISTRATOR_ACCESS.fullmatch(arn) for arn in arns_in(resource_type, props)):
        yield "AdministratorAccess"
    if any(everything(document) for document in documents_in(resource_type, props)):
        yield "*:*"


def break_glass(args: ResourceValidationArgs) -> bool:
    """Whether the resource serves a role that the configuration keeps for emergencies."""
    roles = args.get_config().get("breakGlassRoles")
    if not roles:
        return False
    return args.props.get("name" if args.resource_type == ROLE else "role") in roles


def check_administration(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type not in NOUNS:
        return
    ways = list(administration_in(args.resource_type, args.props))
    if not ways or break_glass(args):
        return
    found = [
        of(
            args,
            way,
            f"{NOUNS[args.resource_type]} '{args.name}' must not give {way}: "
            "give the actions that the work needs, or list the role in breakGlassRoles.",
        )
        for way in ways
    ]
    report_open(found, args.get_config(), report)


no_administrator_access = ResourceValidationPolicy(
    name="no-administrator-access",
    description="Nobody is an administrator except through a break-glass role.",
    validate=check_administration,
    config_schema=configurable(
        breakGlassRoles={
            "description": "Names of the roles, as AWS knows them, that are kept for emergencies.",
            "type": "array",
            "items": {"type": "string"},
        }
    ),
    severity=Severity.CRITICAL,
)
