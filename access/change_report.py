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
LONGEST_COMMENT = 65_536
"""Characters that GitHub takes: "body is too long (maximum is 65536 characters)"."""
LONGEST_LINE = 600


def as_text(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield NOTHING
        return
    width = max(len(change.subject) for change in changes)
    for kind, heading in HEADINGS.items():
        lines = [change for change in changes if change.kind == kind]
        if lines:
            yield click.style(heading, bold=True)
        for change in lines:
            colour = "red" if change.gains else "green"
            sign = click.style("+" if change.appears else "-", fg=colour)
            text = f"{shortened(change.description)}{_people(change)}"
            yield f"  {sign} {change.subject:{width}}  {text}"
    yield summary(changes)


def as_markdown(
    changes: Sequence[Change], name: str, limit: int = LONGEST_COMMENT
) -> Iterator[str]:
    """A comment of at most `limit` characters; what is cut is the least dangerous, and counted."""
    yield from (f"### Access: {name}", "")
    if not changes:
        yield NOTHING
        return
    yield f"**{summary(changes)}**"
    room = limit - 1000 - len(name)  # for what stands around the rows
    rows: dict[Change, str] = {}
    for change in sorted(changes, key=lambda each: each.order):
        row = _row(change)
        room -= len(row) + 1
        if room < 0:
            break
        rows[change] = row
    for kind, heading in HEADINGS.items():
        lines = [row for change, row in rows.items() if change.kind == kind]
        if lines:
            yield from ("", f"#### {heading}", "", "| | who | what |", "|---|---|---|", *lines)
    if cut := len(changes) - len(rows):
        yield from ("", f"and {_counted(cut, 'change', 'changes')} more, less dangerous than these")


def _row(change: Change) -> str:
    verb = "gains" if change.gains else "loses"
    text = change.description if change.appears else f"no longer: {change.description}"
    return f"| {verb} | {_cell(change.subject)} | {_cell(text)}{_people(change)} |"


def shortened(text: str, longest: int = LONGEST_LINE) -> str:
    """A line as long as somebody reads it, with how much is left out."""
    if len(text) <= longest:
        return text
    begin = text[:longest].rpartition(" ")[0] or text[:longest]
    return f"{begin} ... and {len(text) - len(begin):,} characters more"


def summary(changes: Sequence[Change]) -> str:
    """How many people gain and lose, and how many changes roles see."""
    parts = []
    for gains, verb, effect in ((True, "gain", "widen"), (False, "lose", "narrow")):
        of_people = {c.subject for c in changes if c.gains == gains and c.kind in OF_PEOPLE}
        of_roles = [c for c in changes if c.gains == gains and c.kind not in OF_PEOPLE]
        if of_people:
            parts.append(_counted(len(of_people), f"person {verb}s", f"people {verb}"))
        if of_roles:
            parts.append(
                _counted(len(of_roles), f"change {effect}s roles", f"changes {effect} roles")
            )
    return f"{'; '.join(parts)}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _people(change: Change) -> str:
    concerned = "" if change.kind in OF_PEOPLE else _counted(change.people, "person", "people")
    return f" ({concerned})" if concerned else ""


def _cell(text: str) -> str:
    """Text as a table's cell takes it: nothing in it ends the cell, or is read as markup."""
    plain = shortened(" ".join(text.replace("`", "").split()))
    return f"`{plain.replace('|', chr(92) + '|')}`"
