from collections.abc import Iterator

import click

from access.actions import snapshot
from access.answers import grant_label
from access.commands.options import OK, Invocation, stack_file
from access.model import AccessModel
from access.permissions import allowed_actions, describe_permissions
from access.role_chains import RoleGrant


@click.command("what-can")
@click.option("--expand", is_flag=True, help="Every action by its name, decided one by one.")
@stack_file
@click.argument("person")
def what_can(invocation: Invocation, expand: bool, person: str) -> int:
    """What PERSON may do, role by role: the statements that allow something, or each action.

    An action counts if it is allowed on some resource. Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    login = model.login(person)
    grants = model.assumable_roles.get(login, ())
    value = {
        grant_label(model, grant): (
            sorted(allowed_actions(model, login, grant))
            if expand
            else list(describe_permissions(model, grant.account_role))
        )
        for grant in grants
    }

    def lines() -> str:
        output = [line for grant in grants for line in _role(model, login, grant, expand)]
        return "\n".join(
            [*(output or [f"{person} enters no role of this stack"]), invocation.note()]
        )

    invocation.answer(value, lines)
    return OK


def _role(model: AccessModel, login: str, grant: RoleGrant, expand: bool) -> Iterator[str]:
    yield click.style(grant_label(model, grant), bold=True)
    if not expand:
        yield from (f"  {line}" for line in describe_permissions(model, grant.account_role))
        yield from (f"  {line}" for line in beyond(model, login, grant))
        return
    result = allowed_actions(model, login, grant)
    yield f"  {len(result)} actions, of those that {snapshot()[0]} knows"
    yield from (f"  {action}" for action in sorted(result))


def beyond(model: AccessModel, login: str, grant: RoleGrant) -> Iterator[str]:
    """A line for each role that the person may try to assume and that the file does not have."""
    for resource in model.roles_beyond(login, grant):
        yield f"whatever {resource} allows, which they may assume and this file does not have"
