"""The shortest change of a stack file after which an expectation holds.

A change is proposed only if it was tried: the stack file with it is read anew, and judged anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from access.answers import grants_of
from access.expectations import Outcome, evaluate_expectation, outcomes
from access.model import AccessModel
from access.role_chains import ASSUME
from access.sign_in import refused_tag
from settings import Settings, SettingsError, parse, short_name

Edit = Callable[[dict[str, Any]], None]
"""Changes the values of a stack file in place."""


@dataclass(frozen=True)
class Change:
    """Edits of a stack file, in words and to be applied."""

    description: str
    edits: tuple[Edit, ...]

    def applied(self, stack: Settings) -> Settings:
        """The stack file with the change. Raises SettingsError if it is refused with it."""
        values = stack.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for edit in self.edits:
            edit(values)
        return parse(values)


def failed(model: AccessModel) -> list[Outcome]:
    """What is expected and does not hold, each with what to do."""
    return [
        line if line.fix else replace(line, fix=fix(model, line))
        for line in outcomes(model)
        if line.satisfied is False
    ]


def undetermined(model: AccessModel) -> list[Outcome]:
    """What is expected, and can be neither shown nor refuted from the stack file."""
    return [line for line in outcomes(model) if line.satisfied is None]


def fix(model: AccessModel, line: Outcome) -> str:
    """The shortest change after which the line holds; of two, the one that breaks less else."""
    result = shortest(model, line)
    if result is not None:
        return result.description
    login = model.login(line.subject.login) if line.subject.login else None
    if line.expected and login and refused_tag(model.stack, login):
        return "change the person's attribute in Okta, or send another one as the tag"
    if line.expected and line.subject.login and not grants_of(model, line.subject):
        return f"add {line.subject} to a group whose roles allow {line.query.action}"
    if line.expected:
        return f"add a policy that allows {line.query.action} to a role of theirs"
    return "take the person out of the group, or the policy from the role"


def shortest(model: AccessModel, line: Outcome) -> Change | None:
    """The change that `fix` tells; None if no edit of groups and attachments is enough."""
    good: list[tuple[int, int, int, Change]] = []
    for change in _allowing(model, line) if line.expected else _refusing(model, line):
        try:
            changed = AccessModel(change.applied(model.stack), model.resolver)
        except SettingsError:
            continue
        if evaluate_expectation(changed, line, known=model.people).satisfied:
            broken = sum(each.satisfied is False for each in outcomes(changed, known=model.people))
            good.append((broken, len(change.edits), len(good), change))
    return min(good, key=lambda each: each[:3])[3] if good else None


def _allowing(model: AccessModel, line: Outcome) -> Iterator[Change]:
    stack, subject = model.stack, line.subject
    groups = sorted(stack.groups, key=stack.priorities.__getitem__)
    if subject.group is not None:
        for role in sorted(stack.roles.keys() - set(stack.groups[subject.group].roles)):
            yield Change(
                f"add {role} to groups.{subject.group}.roles", (_add_role(subject.group, role),)
            )
        return
    login = model.login(str(subject.login))
    mine = list(model.groups_of.get(login, ()))
    for name in groups:
        if name not in mine:
            opens = " and ".join(sorted(stack.groups[name].roles))
            joined = f"add {login} to groups.{name}.members, which opens {opens}"
            yield Change(joined, (_add_member(name, login),))
            if mine and not stack.uses_group_mapping:
                moved = f"{joined}, and take them out of {' and '.join(mine)}"
                yield Change(
                    moved,
                    (_add_member(name, login), *(_remove_member(each, login) for each in mine)),
                )
    for name in mine:
        for role in sorted(stack.roles.keys() - set(stack.groups[name].roles)):
            yield Change(f"add {role} to groups.{name}.roles", (_add_role(name, role),))


def _refusing(model: AccessModel, line: Outcome) -> Iterator[Change]:
    stack = model.stack
    login = line.subject.login and model.login(line.subject.login)
    yield from _without_policies(model, line)
    if login is not None:
        groups = model.groups_of.get(login, ())
        for name in groups:
            description, edits = f"take {login} out of groups.{name}", [_remove_member(name, login)]
            if len(groups) == 1:  # an expectation about nobody would be refused
                description, edits = f"{description} and expect", [*edits, _expect_nothing(login)]
            yield Change(description, tuple(edits))
    yield from _without_hop(model, line)
    if line.subject.group is not None:
        for role in sorted(stack.groups[line.subject.group].roles):
            description = f"take {role} out of groups.{line.subject.group}.roles"
            yield Change(description, (_remove_role(line.subject.group, role),))


def _without_policies(model: AccessModel, line: Outcome) -> Iterator[Change]:
    """Take away the policy that allows it, and the next one that then does, until none is left."""
    change, now = Change("", ()), line
    while now.answer is not None and now.answer.account_role is not None and now.satisfied is False:
        role, policy = now.answer.account_role.role, now.answer.policy
        if policy is None or len(change.edits) > 4:
            return
        description = f"take {policy} from roles.{role}"
        change = Change(
            f"{change.description}, and {description}" if change.description else description,
            (*change.edits, _detach_policy(role, policy)),
        )
        try:
            now = evaluate_expectation(
                AccessModel(change.applied(model.stack), model.resolver), line
            )
        except SettingsError:
            return
        if now.satisfied:
            yield change


def _without_hop(model: AccessModel, line: Outcome) -> Iterator[Change]:
    """Take away the policy with which a role chain leaves a role."""
    grant = line.answer.grant if line.answer else None
    if grant is None or not grant.via:
        return
    source = grant.via[-1]
    for policy in model.policies[source].identity:
        if any(each.allows for each in policy.statements_for(ASSUME)):
            description = f"take {policy.name} from roles.{source.role}"
            yield Change(description, (_detach_policy(source.role, policy.name),))


def _add_member(group: str, login: str) -> Edit:
    return lambda values: values["groups"][group].setdefault("members", []).append(login)


def _remove_member(group: str, login: str) -> Edit:
    def remove(values: dict[str, Any]) -> None:
        section = values["groups"][group]
        section["members"] = [m for m in section.get("members", ()) if m.lower() != login.lower()]
        for member in [m for m in section.get("temporary", {}) if m.lower() == login.lower()]:
            del section["temporary"][member]

    return remove


def _expect_nothing(login: str) -> Edit:
    def remove(values: dict[str, Any]) -> None:
        values["expect"] = [
            each
            for each in values.get("expect", ())
            if (each.get("user") or "").lower() != login.lower()
        ]

    return remove


def _add_role(group: str, role: str) -> Edit:
    return lambda values: values["groups"][group]["roles"].append(role)


def _remove_role(group: str, role: str) -> Edit:
    return lambda values: values["groups"][group]["roles"].remove(role)


def _detach_policy(role: str, policy: str) -> Edit:
    def detach(values: dict[str, Any]) -> None:
        section = values["roles"][role]
        section["managedPolicies"] = [
            each for each in section.get("managedPolicies", ()) if short_name(each) != policy
        ]
        for kind in ("customerPolicies", "inlinePolicies"):
            section.get(kind, {}).pop(policy, None)

    return detach
