"""Answers about a person or a group: may they, in which role, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access.estate import NOTHING, Entry, Estate
from access.uncertainty import Span
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole


@dataclass(frozen=True)
class Subject:
    """Whom a question is about: a person, or whoever is in a group and in no other."""

    login: str | None = None
    group: str | None = None

    def __str__(self) -> str:
        return self.login or f"group {self.group}"


@dataclass(frozen=True)
class Answer:
    """Whether somebody may do something, in which role, and why.

    Neither `allowed` nor impossible means: it depends on what a stack file does not say.
    """

    allowed: bool
    possible: bool
    place: AccountRole | None
    reason: str
    depends_on: tuple[str, ...] = ()
    """Condition keys, and ARNs of policies whose content is not known."""
    policy: str | None = None
    """The name of the policy that allowed it."""


def entries_of(estate: Estate, subject: Subject) -> Sequence[Entry]:
    """The roles that the subject can choose from in AWS."""
    if subject.login is not None:
        return estate.entries.get(subject.login, ())
    opened = estate.opened_by.get(subject.group or "", ())
    return [entry for entry in opened if estate.admission(None, entry.place).possible]


def can(
    estate: Estate,
    subject: Subject,
    action: str,
    resource: str = "*",
    context: Mapping[str, ContextValue] = NOTHING,
) -> Answer:
    """Whether one of their roles allows it: on the resource, or asked on `*`."""
    return _answer(estate, subject, action, resource, context)


def can_anywhere(
    estate: Estate,
    subject: Subject,
    action: str,
    context: Mapping[str, ContextValue] = NOTHING,
) -> Answer:
    """Whether one of their roles allows it on some resource, whichever."""
    return _answer(estate, subject, action, None, context)


def _answer(
    estate: Estate,
    subject: Subject,
    action: str,
    resource: str | None,
    context: Mapping[str, ContextValue],
) -> Answer:
    entries = entries_of(estate, subject)
    if not entries:
        return Answer(False, False, None, why_not_in(estate, subject))
    answers = [
        _in_role(estate, subject, entry.place, action, resource, context) for entry in entries
    ]
    return max(answers, key=lambda answer: (answer.allowed, answer.possible))


def _in_role(
    estate: Estate,
    subject: Subject,
    place: AccountRole,
    action: str,
    resource: str | None,
    context: Mapping[str, ContextValue],
) -> Answer:
    admission = estate.admission(subject.login, place, context)
    span = estate.span(subject.login, place, action, resource, context)
    unknown = estate.policies[place].unknown
    denied = span.most.effect == "explicitDeny"
    depends_on = (*admission.depends_on, *span.depends_on, *(() if denied else unknown))
    return Answer(
        allowed=admission.allowed and span.allowed and not unknown,
        possible=admission.possible and (span.possible or bool(unknown and not denied)),
        place=place,
        reason=f"as {named(estate, place)}: {_told(span, admission)}{_doubt(depends_on)}",
        depends_on=depends_on,
        policy=span.most.statement.policy if span.possible and span.most.statement else None,
    )


def _told(span: Span, admission: Span) -> str:
    if not admission.allowed:
        return admission.least.reason
    return (span.most if span.possible and not span.allowed else span.least).reason


def _doubt(depends_on: Sequence[str]) -> str:
    return f" (depends on {', '.join(depends_on)})" if depends_on else ""


def why_not_in(estate: Estate, subject: Subject) -> str:
    """Why somebody has no role in AWS."""
    if subject.login is not None and not estate.offers.get(subject.login):
        return f"{subject} is in no group of this stack"
    offered = (
        estate.offers[subject.login]
        if subject.login is not None
        else estate.opened_by.get(subject.group or "", ())
    )
    if not offered:
        return f"{subject} opens no role of this stack"
    place = offered[0].place
    refused = estate.admission(subject.login, place).most.reason
    return f"AWS does not let {subject} in as {named(estate, place)}: {refused}"


def named(estate: Estate, place: AccountRole) -> str:
    """A role, with its account where there are several."""
    return f"{place.account}/{place.role}" if len(estate.stack.accounts) > 1 else place.role
