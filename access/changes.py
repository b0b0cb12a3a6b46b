"""Who gains and who loses access between two versions of a stack file.

Each estate is written down as plain statements about people and roles; what differs between the two
lists is the change. So a change and its reversal always mirror each other.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from access import actions
from access.answers import Subject, can, can_anywhere, named
from access.estate import Estate
from access.reach import granted
from access.trusts import trust_document
from settings import AccountRole

Kind = Literal["person", "action", "role", "trust"]
SESSIONS = "sessions of up to "


@dataclass(frozen=True, order=True)
class Fact:
    """One thing that is so in an estate."""

    kind: Kind
    subject: str
    """A login, or a role."""
    told: str
    widens: bool = True
    """Whether it gives access; a denial and a boundary take it."""


@dataclass(frozen=True, order=True)
class Change:
    """A gain or a loss of access."""

    kind: Kind
    subject: str
    told: str
    appears: bool
    """Whether it is new; else it is gone."""
    gains: bool
    """Whether access is gained: by what is new and gives, or by what took and is gone."""
    people: int
    """How many people it concerns."""


def changes(before: Estate | None, after: Estate | None, asked: Iterable[str] = ()) -> list[Change]:
    """What changes; an estate that is not there gives nobody anything.

    `asked`: actions to decide for everybody, beside those that either file expects of somebody.
    """
    estates = [estate for estate in (before, after) if estate is not None]
    wanted = sorted({*asked, *(action for estate in estates for action in expected(estate))})
    old, new = (
        Counter(facts(each, wanted)) if each else Counter[Fact]() for each in (before, after)
    )
    found = [_change(fact, True, after) for fact in new - old]
    found += [_change(fact, False, before) for fact in old - new]
    return sorted(_with_longest_sessions(found))


def _change(fact: Fact, appears: bool, estate: Estate | None) -> Change:
    people = 1
    if estate is not None and fact.kind in ("role", "trust"):
        people = _people_in(estate, fact.subject)
    return Change(fact.kind, fact.subject, fact.told, appears, appears == fact.widens, people)


def _people_in(estate: Estate, role: str) -> int:
    return sum(
        any(named(estate, entry.place) == role for entry in entries)
        for entries in estate.offers.values()
    )


def _with_longest_sessions(found: list[Change]) -> Iterator[Change]:
    """Of the hours that a session gains or loses, only the last."""
    longest: dict[tuple[str, bool], Change] = {}
    for change in found:
        if not change.told.startswith(SESSIONS):
            yield change
            continue
        key = (change.subject, change.gains)
        longest[key] = max(change, longest.get(key, change), key=_hours)
    yield from longest.values()


def _hours(change: Change) -> int:
    return int(change.told.removeprefix(SESSIONS).split()[0])


def expected(estate: Estate) -> Iterator[str]:
    """The single actions that the stack file expects something of."""
    for expectation in estate.stack.expect:
        for asked in (*expectation.can, *expectation.cannot):
            if len(actions.expanded(asked.action)) == 1:
                yield asked.action


def facts(estate: Estate, wanted: Iterable[str]) -> Iterator[Fact]:
    """All that is so in an estate, as far as access goes."""
    asked = list(wanted)
    for login, entries in estate.entries.items():
        for entry in entries:
            yield Fact("person", login, f"enters {named(estate, entry.place)}")
        for action in asked:
            yield from _decided(estate, login, action)
    for place in estate.stack.account_roles.values():
        yield from _role(estate, place)


def _decided(estate: Estate, login: str, action: str) -> Iterator[Fact]:
    subject = Subject(login=login)
    if can(estate, subject, action).allowed:
        yield Fact("action", login, f"can {action}")
    elif (answer := can_anywhere(estate, subject, action)).possible:
        how = "on some resources" if answer.allowed else "under conditions"
        yield Fact("action", login, f"can {action} {how}")


def _role(estate: Estate, place: AccountRole) -> Iterator[Fact]:
    role, name = estate.stack.roles[place.role], named(estate, place)
    for line in granted(estate, place):
        yield Fact("role", name, line, widens=not line.startswith(("may not ", "no more than ")))
    # Each hour is a fact of its own, so that a longer session is a gain and no loss beside it.
    for hours in range(2, role.session_hours + 1):
        yield Fact("role", name, f"{SESSIONS}{hours} hours")
    for statement in trust_document(estate.stack, place)["Statement"]:
        told = f"trusts {json.dumps(statement, sort_keys=True)}"
        yield Fact("trust", name, told, widens=statement["Effect"] == "Allow")
