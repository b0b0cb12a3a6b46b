import click

from access.answers import named
from access.commands.options import FINE, Question, stack_file
from access.commands.questions import ACTION
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
def matrix(question: Question, actions: tuple[str, ...]) -> int:
    """Who can enter which roles, and with --action what they can do there.

    An action is asked on `*`. Exit code 0, or 2: the file is refused.
    """
    estate = question.estate
    rows = computed(estate, actions)
    value = {
        login: [
            {"account": row.place.account, "role": row.place.role, "group": row.group}
            | ({"actions": dict(zip(actions, row.allowed, strict=True))} if actions else {})
            for row in person
        ]
        for login, person in rows.items()
    }

    def lines() -> str:
        head = ("person", "role", "group", *actions)
        table = [
            (login, named(estate, row.place), row.group, *map(yes_or_no, row.allowed))
            for login, person in rows.items()
            for row in person
        ]
        table += [(login, "-", "-") for login, person in rows.items() if not person]
        return "\n".join([*aligned(head, table), question.note()])

    question.answer(value, lines)
    return FINE


def yes_or_no(allowed: bool | None) -> str:
    return "?" if allowed is None else "yes" if allowed else "-"


def aligned(head: tuple[str, ...], table: list[tuple[str, ...]]) -> list[str]:
    """The table in columns, its head dimmed on a terminal."""
    rows = [head, *table]
    widths = [
        max(len(row[column]) for row in rows if column < len(row)) for column in range(len(head))
    ]
    told = [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    return [click.style(told[0], dim=True), *told[1:]]
