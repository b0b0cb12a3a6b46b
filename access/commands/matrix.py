import click

from access.answers import role_label
from access.commands.options import OK, Invocation, stack_file
from access.commands.parameters import ACTION
from access.matrix import matrix as computed


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
    """Who can enter which roles, and with --action what they can do there.

    An action is asked on `*`. Exit code 0, or 2: the file is refused.
    """
    model = invocation.model
    rows = computed(model, actions)
    value = {
        login: [
            {"account": row.account_role.account, "role": row.account_role.role, "group": row.group}
            | ({"actions": dict(zip(actions, row.allowed, strict=True))} if actions else {})
            for row in person
        ]
        for login, person in rows.items()
    }

    def lines() -> str:
        head = ("person", "role", "group", *actions)
        table = [
            (login, role_label(model, row.account_role), row.group, *map(yes_or_no, row.allowed))
            for login, person in rows.items()
            for row in person
        ]
        table += [(login, "-", "-") for login, person in rows.items() if not person]
        return "\n".join([*aligned(head, table), invocation.note()])

    invocation.answer(value, lines)
    return OK


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
