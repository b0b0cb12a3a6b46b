"""People x roles x actions: who can enter what, and what they can do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access.estate import Entry, Estate
from settings import AccountRole


@dataclass(frozen=True)
class Row:
    """A role that a person can enter, and what is allowed there, action by action."""

    place: AccountRole
    group: str
    allowed: tuple[bool | None, ...]
    """None: it depends on what the stack file does not say; whether AWS lets them in counts."""


def matrix(estate: Estate, actions: Sequence[str] = ()) -> Mapping[str, tuple[Row, ...]]:
    """Login -> the person's roles. Rows that are alike are one object, however many have them."""
    shared: dict[tuple[str | None, Entry], Row] = {}
    whole: dict[tuple[Entry, ...], tuple[Row, ...]] = {}
    found: dict[str, tuple[Row, ...]] = {}
    personal = {
        place: estate.is_personal(place) or not estate.admits_all_alike(place)
        for place in (estate.stack.account_roles.values() if actions else ())
    }
    alike = not any(personal.values())
    for login, entries in estate.entries.items():
        if alike and entries in whole:
            found[login] = whole[entries]
            continue
        rows = []
        for entry in entries:
            key = (login if personal.get(entry.place) else None, entry)
            if key not in shared:
                shared[key] = _row(estate, login, entry, actions)
            rows.append(shared[key])
        found[login] = whole[entries] = tuple(rows)
    return found


def _row(estate: Estate, login: str, entry: Entry, actions: Sequence[str]) -> Row:
    unknown = estate.policies[entry.place].unknown
    entered = estate.admission(login, entry.place).allowed
    cells = []
    for action in actions:
        span = estate.span(login, entry.place, action)
        # An unknown policy may allow it, but a known deny stays.
        possible = span.possible or bool(unknown and span.most.effect != "explicitDeny")
        allowed = span.allowed and entered and not unknown
        cells.append(allowed if allowed == possible else None)
    return Row(entry.place, entry.group, tuple(cells))
