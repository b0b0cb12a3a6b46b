"""People x roles x actions: who can enter what, and what they can do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access.estate import Entry, Estate
from settings import Place


@dataclass(frozen=True)
class Row:
    """A role that a person can enter, and what is allowed there, action by action."""

    place: Place
    group: str
    allowed: tuple[bool | None, ...]
    """None: it depends on what the stack file does not say."""


def matrix(estate: Estate, actions: Sequence[str] = ()) -> Mapping[str, tuple[Row, ...]]:
    """Login -> the person's roles. Rows that are alike are one object, however many have them."""
    shared: dict[tuple[str | None, Entry], Row] = {}
    whole: dict[tuple[Entry, ...], tuple[Row, ...]] = {}
    found: dict[str, tuple[Row, ...]] = {}
    alike = not any(
        estate.is_personal(place) for place in (estate.stack.places.values() if actions else ())
    )
    for login, entries in estate.entries.items():
        if alike and entries in whole:
            found[login] = whole[entries]
            continue
        rows = []
        for entry in entries:
            key = (login if estate.is_personal(entry.place) else None, entry)
            if key not in shared:
                shared[key] = _row(estate, login, entry, actions)
            rows.append(shared[key])
        found[login] = whole[entries] = tuple(rows)
    return found


def _row(estate: Estate, login: str, entry: Entry, actions: Sequence[str]) -> Row:
    certain = not estate.policies[entry.place].unknown
    spans = (estate.span(login, entry.place, action) for action in actions)
    allowed = (
        span.allowed if certain and span.allowed == span.possible else None for span in spans
    )
    return Row(entry.place, entry.group, tuple(allowed))
