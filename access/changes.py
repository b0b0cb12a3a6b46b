"""Who gains and who loses access between two versions of a stack file.

Each estate is written down as plain statements about people and roles; what differs between the two
lists is the change. So a change and its reversal always mirror each other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from access import actions
from access.answers import Subject, can, grant_label, role_label
from access.model import AccessModel
from access.permissions import ADMINISTRATION, describe_statement
from access.role_chains import ASSUME
from access.trusts import describe_trust, trust_document
from okta_aws_federation.iam.policy import Statement
from settings import AccountRole

Kind = Literal["person", "action", "role", "trust"]
SESSIONS = "sessions of up to "


@dataclass(frozen=True, order=True)
class Fact:
    """One thing that is so in an estate."""

    kind: Kind
    subject: str
    """A login, or a role."""
    description: str
    widens: bool = True
    """Whether it gives access; a denial and a boundary take it."""
    danger: int = field(default=0, compare=False)
    """2: permissions can be changed by it; 1: whoever is outside the file gets in; else 0."""


@dataclass(frozen=True, order=True)
class Change:
    """A gain or a loss of access."""

    kind: Kind
    subject: str
    description: str
    appears: bool
    """Whether it is new; else it is gone."""
    gains: bool
    """Whether access is gained: by what is new and gives, or by what took and is gone."""
    people: int
    """How many people it concerns."""
    danger: int = field(default=0, compare=False)
    """As that of the fact, where it is a gain."""

    @property
    def order(self) -> tuple[object, ...]:
        """What a reader must not miss comes first: gains, and of those the most dangerous."""
        return (not self.gains, -self.danger, self.kind, self.subject, self.description)


def changes(
    before: AccessModel | None, after: AccessModel | None, queried: Iterable[str] = ()
) -> list[Change]:
    """What changes; an estate that is not there gives nobody anything.

    `asked`: actions to decide for everybody, beside those that either file expects of somebody.
    """
    estates = [model for model in (before, after) if model is not None]
    wanted = sorted({*queried, *(action for model in estates for action in expected(model))})
    old, new = (
        Counter(facts(each, wanted)) if each else Counter[Fact]() for each in (before, after)
    )
    result = [_change(fact, True, after) for fact in new - old]
    result += [_change(fact, False, before) for fact in old - new]
    return sorted(_with_longest_sessions(result), key=lambda change: change.order)


def _change(fact: Fact, appears: bool, model: AccessModel | None) -> Change:
    people = 1
    if model is not None and fact.kind in ("role", "trust"):
        people = _people_in(model, fact.subject)
    gains = appears == fact.widens
    return Change(
        fact.kind, fact.subject, fact.description, appears, gains, people, fact.danger * gains
    )


def _people_in(model: AccessModel, role: str) -> int:
    return sum(
        any(role_label(model, grant.account_role) == role for grant in grants)
        for grants in model.offered_roles.values()
    )


def _with_longest_sessions(result: list[Change]) -> Iterator[Change]:
    """Of the hours that a session gains or loses, only the last."""
    longest: dict[tuple[str, bool], Change] = {}
    for change in result:
        if not change.description.startswith(SESSIONS):
            yield change
            continue
        key = (change.subject, change.gains)
        longest[key] = max(change, longest.get(key, change), key=_hours)
    yield from longest.values()


def _hours(change: Change) -> int:
    return int(change.description.removeprefix(SESSIONS).split()[0])


def expected(model: AccessModel) -> Iterator[str]:
    """The single actions that the stack file expects something of."""
    for expectation in model.stack.expect:
        for queried in (*expectation.can, *expectation.cannot):
            if len(actions.expand_wildcard(queried.action)) == 1:
                yield queried.action


def facts(model: AccessModel, wanted: Iterable[str]) -> Iterator[Fact]:
    """All that is so in an estate, as far as access goes."""
    queried = list(wanted)
    for login, grants in model.assumable_roles.items():
        for grant in grants:
            danger = 2 * administers(model, grant.account_role)
            yield Fact("person", login, f"enters {grant_label(model, grant)}", danger=danger)
        for action in queried:
            yield from _decided(model, login, action)
    for account_role in model.stack.account_roles.values():
        yield from _role(model, account_role)


def _decided(model: AccessModel, login: str, action: str) -> Iterator[Fact]:
    subject, danger = Subject(login=login), 2 * (action.lower() in ADMINISTRATION)
    if can(model, subject, action).allowed:
        yield Fact("action", login, f"can {action}", danger=danger)
    elif (answer := can(model, subject, action, None)).possible:
        how = "on some resources" if answer.allowed else "under conditions"
        yield Fact("action", login, f"can {action} {how}", danger=danger)


def _role(model: AccessModel, account_role: AccountRole) -> Iterator[Fact]:
    role, name = model.stack.roles[account_role.role], role_label(model, account_role)
    policies, own = model.policies[account_role], {**role.customer_policies, **role.inline_policies}
    for policy in policies.identity:
        danger = 2 * any(map(changes_permissions, policy.statements))
        if policy.name not in own:  # of AWS or of the account: its name is what a reader knows
            widens = any(statement.allows for statement in policy.statements)
            yield Fact("role", name, f"what {policy.name} allows", widens, danger)
            continue
        for statement in policy.statements:
            line = f"{describe_statement(statement)}  [{policy.name}]"
            danger = 2 * changes_permissions(statement) or int(assumes_roles(statement))
            yield Fact("role", name, line, statement.allows, danger)
    for policy in policies.boundary or ():
        line = f"no more than {policy.name}, the boundary"
        yield Fact("role", name, line, widens=False)
    for arn in policies.unknown:
        yield Fact("role", name, f"whatever {arn} says; its content is not known here")
    # Each hour is a fact of its own, so that a longer session is a gain and no loss beside it.
    for hours in range(2, role.session_hours + 1):
        yield Fact("role", name, f"{SESSIONS}{hours} hours")
    for statement in trust_document(model.stack, account_role)["Statement"]:
        foreign = "AWS" in statement.get("Principal", {}) or statement.get("Principal") == "*"
        allows = statement["Effect"] == "Allow"
        yield Fact("trust", name, describe_trust(statement), allows, int(foreign))


def administers(model: AccessModel, account_role: AccountRole) -> bool:
    """Whether whoever is in the role may change permissions, and so give themselves anything."""
    return any(
        model.decision_range(None, account_role, action, None).possible for action in ADMINISTRATION
    )


def changes_permissions(statement: Statement) -> bool:
    """Whether the statement alone lets somebody change permissions."""
    return statement.allows and any(map(statement.covers_action, ADMINISTRATION))


def assumes_roles(statement: Statement) -> bool:
    """Whether the statement lets somebody go on to other roles."""
    return statement.allows and statement.covers_action(ASSUME)
