from collections.abc import Iterator
from itertools import chain

import click

from access.answers import beyond, grant_label, role_label
from access.command_line import OK, table
from access.commands.options import Invocation, stack_file
from access.commands.parameters import ACTION
from access.explanation import BEYOND
from access.matrix import Row, ended_memberships
from access.matrix import matrix as computed
from access.model import AccessModel


@click.command()
@click.option(
    "--action",
    "actions",
    type=ACTION,
    multiple=True,
    metavar="ACTION",
    help="A column; repeatable.",
)
@stack_file
def matrix(invocation: Invocation, actions: tuple[str, ...]) -> int:
    """Who can assume which roles, and what they may do there.

    Each --action is a column, and is asked on `*`. Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    rows = computed(model, actions)
    ended = ended_memberships(model)
    value = {login: [_as_json(row, actions) for row in person] for login, person in rows.items()}
    for each in ended:
        value.setdefault(each.login, []).append(
            {"group": each.group, "ended": str(each.last_day), "member_until": "the next update"}
        )

    cells = [
        (login, grant_label(model, row.grant), row.grant.group, *map(yes_or_no, row.allowed))
        for login, person in rows.items()
        for row in person
    ]
    cells += [(login, "-", "-") for login, person in rows.items() if not person]
    lines = [table(("person", "role", "group", *actions), cells)]
    lines += [
        f"{each.login}: ended in {each.group} on {each.last_day}, still a member until the next "
        "update"
        for each in ended
    ]
    invocation.answer(value, chain(lines, _beyond(model)))
    return OK


def _as_json(row: Row, actions: tuple[str, ...]) -> dict[str, object]:
    value: dict[str, object] = {**row.grant.account_role._asdict(), "group": row.grant.group}
    if row.grant.via:
        value["via"] = [each._asdict() for each in row.grant.via]
    if actions:
        value["actions"] = dict(zip(actions, row.allowed, strict=True))
    return value


def _beyond(model: AccessModel) -> Iterator[str]:
    """A line for each role from which roles can be assumed that the file does not have."""
    grants = {
        grant.account_role: grant
        for person in model.assumable_roles.values()
        for grant in person
        if not grant.via
    }
    for account_role, grant in sorted(grants.items()):
        for more, _ in beyond(model, None, grant):
            yield BEYOND.format(role_label(model, account_role), more)


def yes_or_no(allowed: bool | None) -> str:
    return "?" if allowed is None else "yes" if allowed else "-"
