from collections.abc import Iterator

import click

from access.actions import snapshot
from access.answers import named
from access.commands.options import FINE, Question, stack_file
from access.estate import Estate
from access.reach import granted, reachable
from settings import AccountRole


@click.command("what-can")
@click.option("--expand", is_flag=True, help="Every action by its name, decided one by one.")
@stack_file
@click.argument("person")
def what_can(question: Question, expand: bool, person: str) -> int:
    """What PERSON may do, role by role: the statements that allow something, or each action.

    An action counts if it is allowed on some resource. Exit code 0, or 2: the file is refused.
    """
    estate = question.estate
    places = [entry.place for entry in estate.entries.get(person, ())]
    value = {
        named(estate, place): (
            sorted(reachable(estate, person, place)) if expand else list(granted(estate, place))
        )
        for place in places
    }

    def lines() -> str:
        told = [line for place in places for line in _role(estate, person, place, expand)]
        return "\n".join([*(told or [f"{person} enters no role of this stack"]), question.note()])

    question.answer(value, lines)
    return FINE


def _role(estate: Estate, person: str, place: AccountRole, expand: bool) -> Iterator[str]:
    yield click.style(named(estate, place), bold=True)
    if not expand:
        yield from (f"  {line}" for line in granted(estate, place))
        return
    found = reachable(estate, person, place)
    yield f"  {len(found)} actions, of those that {snapshot()[0]} knows"
    yield from (f"  {action}" for action in sorted(found))
