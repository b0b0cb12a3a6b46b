"""The shortest change of a stack file after which an expectation holds.

A change is proposed only if it was tried: the stack file with it is read anew, and judged anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from access.estate import Estate
from access.expectations import Outcome, judged, outcomes
from settings import Settings, SettingsError, parse, short_name

Edit = Callable[[dict[str, Any]], None]
"""Changes the values of a stack file in place."""


@dataclass(frozen=True)
class Change:
    """Edits of a stack file, in words and to be applied."""

    told: str
    edits: tuple[Edit, ...]

    def applied(self, stack: Settings) -> Settings:
        """The stack file with the change. Raises SettingsError if it is refused with it."""
        values = stack.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for edit in self.edits:
            edit(values)
        return parse(values)


def missed(estate: Estate) -> list[Outcome]:
    """What is expected and does not hold, each with what to do."""
    return [
        line if line.fix else replace(line, fix=fix(estate, line))
        for line in outcomes(estate)
        if line.holds is False
    ]


def unproven(estate: Estate) -> list[Outcome]:
    """What is expected, and can be neither shown nor refuted from the stack file."""
    return [line for line in outcomes(estate) if line.holds is None]


def fix(estate: Estate, line: Outcome) -> str:
    """The shortest change after which the line holds; of two, the one that breaks less else."""
    found = shortest(estate, line)
    if found is not None:
        return found.told
    if line.wanted:
        return f"add a policy that allows {line.asked.action} to a role of theirs"
    return "take the person out of the group, or the policy from the role"


def shortest(estate: Estate, line: Outcome) -> Change | None:
    """The change that `fix` tells; None if no edit of groups and attachments is enough."""
    good: list[tuple[int, int, int, Change]] = []
    for change in _allowing(estate, line) if line.wanted else _refusing(estate, line):
        try:
            changed = Estate(change.applied(estate.stack), estate.library)
        except SettingsError:
            continue
        if judged(changed, line).holds:
            broken = sum(each.holds is False for each in outcomes(changed))
            good.append((broken, len(change.edits), len(good), change))
    return min(good, key=lambda each: each[:3])[3] if good else None


def _allowing(estate: Estate, line: Outcome) -> Iterator[Change]:
    stack, subject = estate.stack, line.subject
    groups = sorted(stack.groups, key=stack.priorities.__getitem__)
    if subject.group is not None:
        for role in sorted(stack.roles.keys() - set(stack.groups[subject.group].roles)):
            yield Change(
                f"add {role} to groups.{subject.group}.roles", (_give(subject.group, role),)
            )
        return
    login = str(subject.login)
    mine = list(estate.groups_of.get(login, ()))
    for name in groups:
        if name not in mine:
            opens = " and ".join(sorted(stack.groups[name].roles))
            joined = f"add {login} to groups.{name}.members, which opens {opens}"
            yield Change(joined, (_join(name, login),))
            if mine and not stack.uses_group_mapping:
                moved = f"{joined}, and take them out of {' and '.join(mine)}"
                yield Change(moved, (_join(name, login), *(_leave(each, login) for each in mine)))
    for name in mine:
        for role in sorted(stack.roles.keys() - set(stack.groups[name].roles)):
            yield Change(f"add {role} to groups.{name}.roles", (_give(name, role),))


def _refusing(estate: Estate, line: Outcome) -> Iterator[Change]:
    stack, login = estate.stack, line.subject.login
    yield from _without_policies(estate, line)
    if login is not None:
        for name in estate.groups_of.get(login, ()):
            yield Change(f"take {login} out of groups.{name}", (_leave(name, login),))
    if line.subject.group is not None:
        for role in sorted(stack.groups[line.subject.group].roles):
            told = f"take {role} out of groups.{line.subject.group}.roles"
            yield Change(told, (_take(line.subject.group, role),))


def _without_policies(estate: Estate, line: Outcome) -> Iterator[Change]:
    """Take away the policy that allows it, and the next one that then does, until none is left."""
    change, now = Change("", ()), line
    while now.answer is not None and now.answer.place is not None and now.holds is False:
        role, policy = now.answer.place.role, now.answer.policy
        if policy is None or len(change.edits) > 4:
            return
        told = f"take {policy} from roles.{role}"
        change = Change(
            f"{change.told}, and {told}" if change.told else told,
            (*change.edits, _drop(role, policy)),
        )
        try:
            now = judged(Estate(change.applied(estate.stack), estate.library), line)
        except SettingsError:
            return
        if now.holds:
            yield change


def _join(group: str, login: str) -> Edit:
    return lambda values: values["groups"][group].setdefault("members", []).append(login)


def _leave(group: str, login: str) -> Edit:
    def leave(values: dict[str, Any]) -> None:
        told = values["groups"][group]
        told["members"] = [each for each in told.get("members", ()) if each != login]
        told.get("temporary", {}).pop(login, None)

    return leave


def _give(group: str, role: str) -> Edit:
    return lambda values: values["groups"][group]["roles"].append(role)


def _take(group: str, role: str) -> Edit:
    return lambda values: values["groups"][group]["roles"].remove(role)


def _drop(role: str, policy: str) -> Edit:
    def drop(values: dict[str, Any]) -> None:
        told = values["roles"][role]
        told["managedPolicies"] = [
            each for each in told.get("managedPolicies", ()) if short_name(each) != policy
        ]
        for kind in ("customerPolicies", "inlinePolicies"):
            told.get(kind, {}).pop(policy, None)

    return drop
