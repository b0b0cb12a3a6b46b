"""All that a role allows: statement by statement, or action by action."""

from collections.abc import Iterator

from access.actions import snapshot
from access.estate import Estate
from okta_aws_federation.iam.matching import plain
from okta_aws_federation.iam.policy import Statement
from settings import AccountRole


def granted(estate: Estate, place: AccountRole) -> Iterator[str]:
    """What each statement of the role's policies says, and what limits them all."""
    held = estate.policies[place]
    for policy in held.identity:
        for statement in policy.statements:
            yield f"{_said(statement)}  [{policy.name}]"
    for policy in held.boundary or ():
        yield f"no more than {policy.name}, the boundary"
    for arn in held.unknown:
        yield f"whatever {arn} says; its content is not known here"


def _said(statement: Statement) -> str:
    verb = "may" if statement.allows else "may not"
    actions = ", ".join(plain(each) for each in statement.actions)
    if statement.except_actions:
        actions = f"all but {actions}"
    where = "" if statement.everywhere else f" on {_resources(statement)}"
    when = f" if {', '.join(sorted(statement.keys))} fits" if statement.conditions else ""
    return f"{verb} {actions}{where}{when}"


def _resources(statement: Statement) -> str:
    told = ", ".join(sorted(template.text for template in statement.resources))
    return f"all but {told}" if statement.except_resources else told


def reachable(estate: Estate, login: str, place: AccountRole) -> set[str]:
    """Every action of AWS that is allowed on some resource."""
    services = snapshot()[1]
    return {
        action
        for service, names in services.items()
        for name in names.values()
        if estate.span(login, place, action := f"{service}:{name}", None).possible
    }
