from collections.abc import Iterator

import click

from access.actions import snapshot
from access.answers import grant_label
from access.command_line import OK
from access.commands.options import Invocation, stack_file
from access.permissions import allowed_actions, describe_permissions


@click.command("what-can")
@click.option("--expand", is_flag=True, help="Every action by its name, decided one by one.")
@stack_file
@click.argument("person")
def what_can(invocation: Invocation, expand: bool, person: str) -> int:
    """What PERSON may do, role by role.

    The statements of the roles' policies, or with --expand each action. An action counts if it is
    allowed on some resource.

    Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    login = model.login(person)
    permitted = {
        grant: (
            sorted(allowed_actions(model, login, grant))
            if expand
            else list(describe_permissions(model, grant.account_role))
        )
        for grant in model.assumable_roles.get(login, ())
    }
    value = {grant_label(model, grant): each for grant, each in permitted.items()}

    def lines() -> Iterator[str]:
        for grant, each in permitted.items():
            yield click.style(grant_label(model, grant), bold=True)
            if expand:
                yield f"  {len(each)} actions, of those that {snapshot()[0]} knows"
            yield from (f"  {line}" for line in each)
            for resource in () if expand else model.roles_beyond(login, grant):
                yield f"  whatever {resource} allows, which they may assume and this file lacks"
        if not permitted:
            yield f"{person} enters no role of this stack"

    invocation.answer(value, lines())
    return OK
