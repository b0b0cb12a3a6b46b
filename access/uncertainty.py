"""What a policy allows when not all of a request is known: at the least, and at the most.

A stack file does not say from where somebody calls, which tags Okta sends, or on which resource.
Instead of a guess there are two readings of each policy; a decision is certain where both agree.
An Allow that matches more can only allow more, and a Deny that matches more can only allow less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from okta_aws_federation.iam.evaluator import Decision
from okta_aws_federation.iam.policy import EVERY_RESOURCE, Policy, Statement

Bound = Literal["lower", "upper"]
BOUNDS: tuple[Bound, Bound] = ("lower", "upper")


@dataclass(frozen=True)
class DecisionRange:
    """What is decided if everything unknown stands against the person, and if all is for them."""

    lower: Decision
    upper: Decision
    depends_on: tuple[str, ...] = ()
    """Condition keys that decide, if the two differ."""

    @classmethod
    def certain(cls, decision: Decision) -> DecisionRange:
        """A decision that nothing unknown changes."""
        return cls(decision, decision)

    @classmethod
    def between(cls, lower: Decision, upper: Decision, unknown: Iterable[str]) -> DecisionRange:
        """Two readings, which the unknown tells apart if they differ."""
        return cls(lower, upper, tuple(unknown) if lower.effect != upper.effect else ())

    @property
    def allowed(self) -> bool:
        """Whether it is allowed, whatever the unknown is."""
        return self.lower.allowed

    @property
    def possible(self) -> bool:
        """Whether it can be allowed."""
        return self.upper.allowed


def join(one: DecisionRange, other: DecisionRange) -> DecisionRange:
    """What is decided if nobody knows which of the two holds."""
    lower = one.lower if not one.allowed else other.lower
    upper = one.upper if one.possible else other.upper
    keys = {*one.depends_on, *other.depends_on}
    if not keys and lower.allowed != upper.allowed:
        keys = {"aws:tagkeys"}
    return DecisionRange(lower, upper, tuple(sorted(keys)))


def in_sequence(*steps: DecisionRange) -> DecisionRange:
    """What is decided if all of these have to be allowed; the first that is not says why."""
    lower = next((each.lower for each in steps if not each.allowed), steps[-1].lower)
    upper = next((each.upper for each in steps if not each.possible), steps[-1].upper)
    if not upper.allowed:
        return DecisionRange(lower, upper)
    return DecisionRange(lower, upper, tuple(sorted({key for s in steps for key in s.depends_on})))


def decision_range(
    decide: Callable[[Bound, frozenset[str]], Decision],
    unknown: frozenset[str],
    assumed: frozenset[str],
    *,
    alike: bool = True,
) -> DecisionRange:
    """What is decided at the least and at the most, with these condition keys open.

    `assumed`: keys whose value the caller can make otherwise, so that they count for what is
    certainly allowed, and never for what is certainly not. `alike`: whether both bounds are one
    decision where nothing is unknown.
    """
    lower = decide("lower", unknown)
    upper = lower if alike and not unknown else decide("upper", unknown)
    if assumed and not upper.allowed:
        otherwise = decide("upper", unknown | assumed)
        if otherwise.allowed:
            unknown, upper = unknown | assumed, otherwise
    return DecisionRange.between(lower, upper, sorted(unknown))


Known = Callable[[str], bool]


def unknown_keys(policies: tuple[Policy, ...], action: str, known: Known) -> frozenset[str]:
    """The condition keys, in lower case, that the policies ask of this action without an answer."""
    keys = (statement.keys for policy in policies for statement in policy.statements_for(action))
    return frozenset(key for keys in keys for key in keys if not known(key))


def approximate(
    policy: Policy, unknown: frozenset[str], bound: Bound, unset: frozenset[str] | None = None
) -> Policy:
    """The policy as it stands if the unknown is against the person (`lower`) or for them (`upper`).

    `unset`: given if the question is about some resource, whichever, so that a policy for one of
    them counts: the condition keys without a value, in whose place no resource is meant.
    """
    statements = []
    for statement in policy.statements:
        matches_more = statement.allows == (bound == "upper")
        read = _known_part(statement, unknown, matches_more)
        if unset is not None and read is not None:
            read = _on_some_resource(read, unset)
        if read is not None:
            statements.append(read)
    return replace(policy, statements=tuple(statements), _by_action={})


def _known_part(
    statement: Statement, unknown: frozenset[str], matches_more: bool
) -> Statement | None:
    if not statement.keys & unknown:
        return statement
    if matches_more:
        open_resource = any(template.keys & unknown for template in statement.resources)
        return replace(
            statement,
            conditions=tuple(each for each in statement.conditions if not each.keys & unknown),
            resources=(EVERY_RESOURCE,) if open_resource else statement.resources,
            except_resources=statement.except_resources and not open_resource,
        )
    return None


def _on_some_resource(statement: Statement, unset: frozenset[str]) -> Statement | None:
    unmatched = [each for each in statement.resources if each.required_keys & unset]
    if unmatched and (statement.except_resources or len(unmatched) == len(statement.resources)):
        return None
    if statement.allows or statement.everywhere:
        return replace(statement, resources=(EVERY_RESOURCE,), except_resources=False)
    return None
