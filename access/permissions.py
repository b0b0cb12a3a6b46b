"""All that a role allows: statement by statement, or action by action."""

from collections.abc import Iterator

from access.actions import snapshot
from access.model import AccessModel
from access.role_chains import RoleGrant
from okta_aws_federation.iam.matching import plain
from okta_aws_federation.iam.policy import Statement
from settings import AccountRole

ADMINISTRATION = ("iam:attachrolepolicy", "iam:putrolepolicy", "iam:attachuserpolicy")
"""Whoever may do one of these may give themselves anything else."""


def describe_permissions(model: AccessModel, account_role: AccountRole) -> Iterator[str]:
    """What each statement of the role's policies says, and what limits them all."""
    role_policies = model.policies[account_role]
    for policy in role_policies.identity:
        for statement in policy.statements:
            yield f"{describe_statement(statement)}  [{policy.name}]"
    for policy in role_policies.boundary or ():
        yield f"no more than {policy.name}, the boundary"
    for arn in role_policies.unknown:
        yield f"whatever {arn} says; its content is not known here"


def describe_statement(statement: Statement) -> str:
    """A statement of a policy in a line: what it allows or denies, where, and under what."""
    verb = "may" if statement.allows else "may not"
    actions = ", ".join(plain(each) for each in statement.actions)
    if statement.except_actions:
        actions = f"all but {actions}"
    where = "" if statement.everywhere else f" on {_resources(statement)}"
    when = f" if {', '.join(sorted(statement.keys))} fits" if statement.conditions else ""
    return f"{verb} {actions}{where}{when}"


def _resources(statement: Statement) -> str:
    resources = ", ".join(sorted(template.text for template in statement.resources))
    return f"all but {resources}" if statement.except_resources else resources


def allowed_actions(model: AccessModel, login: str, grant: RoleGrant) -> set[str]:
    """Every action of AWS that is allowed on some resource."""
    services = snapshot()[1]
    return {
        action
        for service, names in services.items()
        for name in names.values()
        if model.in_role(login, grant, action := f"{service}:{name}", None).possible
    }
