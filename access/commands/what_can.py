from collections.abc import Iterator

import click

from access.actions import snapshot
from access.answers import role_label
from access.commands.options import OK, Invocation, stack_file
from access.model import AccessModel
from access.permissions import allowed_actions, describe_permissions
from settings import AccountRole


@click.command("what-can")
@click.option("--expand", is_flag=True, help="Every action by its name, decided one by one.")
@stack_file
@click.argument("person")
def what_can(invocation: Invocation, expand: bool, person: str) -> int:
    """What PERSON may do, role by role: the statements that allow something, or each action.

    An action counts if it is allowed on some resource. Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    places = [grant.account_role for grant in model.assumable_roles.get(person, ())]
    value = {
        role_label(model, account_role): (
            sorted(allowed_actions(model, person, account_role))
            if expand
            else list(describe_permissions(model, account_role))
        )
        for account_role in places
    }

    def lines() -> str:
        output = [
            line for account_role in places for line in _role(model, person, account_role, expand)
        ]
        return "\n".join(
            [*(output or [f"{person} enters no role of this stack"]), invocation.note()]
        )

    invocation.answer(value, lines)
    return OK


def _role(
    model: AccessModel, person: str, account_role: AccountRole, expand: bool
) -> Iterator[str]:
    yield click.style(role_label(model, account_role), bold=True)
    if not expand:
        yield from (f"  {line}" for line in describe_permissions(model, account_role))
        return
    result = allowed_actions(model, person, account_role)
    yield f"  {len(result)} actions, of those that {snapshot()[0]} knows"
    yield from (f"  {action}" for action in sorted(result))
