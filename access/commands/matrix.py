from collections.abc import Iterator

import click

from access.answers import beyond, grant_label, role_label
from access.commands.options import OK, Invocation, stack_file
from access.commands.parameters import ACTION
from access.explanation import BEYOND
from access.matrix import Row, ended_memberships
from access.matrix import matrix as computed
from access.model import AccessModel
from access.role_chains import RoleGrant


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
    """Who can assume which roles, and with --action what they can do there.

    An action is asked on `*`. Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    rows = computed(model, actions)
    ended = ended_memberships(model)
    value = {login: [_as_json(row, actions) for row in person] for login, person in rows.items()}
    for each in ended:
        value.setdefault(each.login, []).append(
            {"group": each.group, "ended": str(each.last_day), "member_until": "the next update"}
        )

    def lines() -> str:
        head = ("person", "role", "group", *actions)
        table = [
            (login, _label(model, row), row.group, *map(yes_or_no, row.allowed))
            for login, person in rows.items()
            for row in person
        ]
        table += [(login, "-", "-") for login, person in rows.items() if not person]
        notes = [
            f"{each.login}: ended in {each.group} on {each.last_day}, still a member until the "
            "next update"
            for each in ended
        ]
        notes += list(_beyond(model))
        return "\n".join([*aligned(head, table), *notes, invocation.note()])

    invocation.answer(value, lines)
    return OK


def _label(model: AccessModel, row: Row) -> str:
    return grant_label(model, RoleGrant(row.account_role, row.group, row.via))


def _as_json(row: Row, actions: tuple[str, ...]) -> dict[str, object]:
    value: dict[str, object] = {
        "account": row.account_role.account,
        "role": row.account_role.role,
        "group": row.group,
    }
    if row.via:
        value["via"] = [{"account": each.account, "role": each.role} for each in row.via]
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


def aligned(head: tuple[str, ...], table: list[tuple[str, ...]]) -> list[str]:
    """The table in columns, its head dimmed on a terminal."""
    rows = [head, *table]
    widths = [
        max(len(row[column]) for row in rows if column < len(row)) for column in range(len(head))
    ]
    output = [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    return [click.style(output[0], dim=True), *output[1:]]
