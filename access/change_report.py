"""Changes of access, to be read: on a terminal, or as a comment of a pull request."""

from collections.abc import Iterator, Sequence

import click

from access.changes import Change

NOTHING = "Nobody gains or loses access."
HEADINGS = {
    "person": "People",
    "action": "Actions",
    "role": "What roles allow",
    "trust": "Whom roles trust",
}
OF_PEOPLE = ("person", "action")


def as_text(found: Sequence[Change]) -> Iterator[str]:
    if not found:
        yield NOTHING
        return
    width = max(len(change.subject) for change in found)
    for kind, heading in HEADINGS.items():
        lines = [change for change in found if change.kind == kind]
        if lines:
            yield click.style(heading, bold=True)
        for change in lines:
            colour = "red" if change.gains else "green"
            sign = click.style("+" if change.appears else "-", fg=colour)
            yield f"  {sign} {change.subject:{width}}  {change.told}{_people(change)}"
    yield summary(found)


def as_markdown(found: Sequence[Change], name: str) -> Iterator[str]:
    yield from (f"### Access: {name}", "")
    if not found:
        yield NOTHING
        return
    yield f"**{summary(found)}**"
    for kind, heading in HEADINGS.items():
        lines = [change for change in found if change.kind == kind]
        if not lines:
            continue
        yield from ("", f"#### {heading}", "", "| | who | what |", "|---|---|---|")
        for change in lines:
            verb = "gains" if change.gains else "loses"
            told = change.told if change.appears else f"no longer: {change.told}"
            yield f"| {verb} | {_cell(change.subject)} | {_cell(told)}{_people(change)} |"


def summary(found: Sequence[Change]) -> str:
    """How many people gain and lose, and how many changes roles see."""
    told = []
    for gains, verb, effect in ((True, "gain", "widen"), (False, "lose", "narrow")):
        of_people = {c.subject for c in found if c.gains == gains and c.kind in OF_PEOPLE}
        of_roles = [c for c in found if c.gains == gains and c.kind not in OF_PEOPLE]
        if of_people:
            told.append(_counted(len(of_people), f"person {verb}s", f"people {verb}"))
        if of_roles:
            told.append(
                _counted(len(of_roles), f"change {effect}s roles", f"changes {effect} roles")
            )
    return f"{'; '.join(told)}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _people(change: Change) -> str:
    concerned = "" if change.kind in OF_PEOPLE else _counted(change.people, "person", "people")
    return f" ({concerned})" if concerned else ""


def _cell(text: str) -> str:
    """Text as a table's cell takes it: nothing in it ends the cell, or is read as markup."""
    plain = " ".join(text.replace("`", "").split())
    return f"`{plain.replace('|', chr(92) + '|')}`"
