"""Answers about a person or a group: may they, in which role, and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from access.escalations import escalations
from access.model import AccessModel
from access.request_context import NOTHING, value_of
from access.role_chains import RoleGrant
from access.uncertainty import DecisionRange
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole, Settings
from settings.sections import Group

_ONE_VALUE = re.compile(r"""\s*(user\.\w+)\s*==\s*(["'])([^"'\\]*)\2\s*""")
"""A group rule that compares one attribute with one value."""


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
    grant: RoleGrant | None
    """The role, and how it was entered; None if there is none."""
    reason: str
    depends_on: tuple[str, ...] = ()
    """Condition keys, and ARNs of policies whose content is not known."""
    policy: str | None = None
    """The name of the policy that allowed it."""

    @property
    def account_role(self) -> AccountRole | None:
        return self.grant.account_role if self.grant else None


def as_spelled(model: AccessModel, subject: Subject) -> Subject:
    """The subject as the stack file spells it: neither logins nor group names tell case apart."""
    if subject.login is not None:
        return Subject(login=model.login(subject.login))
    return Subject(group=model.group(subject.group or ""))


def grants_of(model: AccessModel, subject: Subject) -> Sequence[RoleGrant]:
    """The roles that the subject can enter in AWS: from Okta, and from those by role chains."""
    subject = as_spelled(model, subject)
    if subject.login is not None:
        return model.assumable_roles.get(subject.login, ())
    return model.grants_of_group(subject.group or "")


def beyond(model: AccessModel, login: str | None, grant: RoleGrant) -> Iterator[tuple[str, str]]:
    """What a role allows that leads to more than the stack file says, and what closes it."""
    for resource in model.roles_beyond(login, grant):
        yield (
            f"may assume {resource}, which this file does not have",
            "add that role to the file, or deny sts:AssumeRole on it",
        )
    for actions, how in escalations(model, login, grant):
        yield f"may {' and '.join(actions)}, which {how}", f"deny {actions[0]}, or leave it out"


def leads_beyond(model: AccessModel, subject: Subject) -> Iterator[tuple[RoleGrant, str, str]]:
    """The same of all roles that the subject can enter."""
    subject = as_spelled(model, subject)
    for grant in grants_of(model, subject):
        for more, fix in beyond(model, subject.login, grant):
            yield grant, more, fix


def further_groups(model: AccessModel, subject: Subject) -> list[str]:
    """Groups that a rule or a directory fills, and that may add to what a person's groups give.

    Not a group that loses against one of theirs, nor one whose rule they fail by what the file
    says of them.
    """
    if (login := as_spelled(model, subject).login) is None:
        return []
    stack, own = model.stack, model.groups_of.get(login, ())
    filled = [name for name, group in stack.groups.items() if group.rule or not group.is_managed]
    if own and not model.adds_up_groups:
        filled = [name for name in filled if stack.priorities[name] < stack.priorities[own[0]]]
    return [
        name
        for name in filled
        if name not in own and not _fails_rule(stack, login, stack.groups[name])
    ]


def _fails_rule(stack: Settings, login: str, group: Group) -> bool:
    """Whether what the file says of a person is another value than the one that the rule wants."""
    rule = _ONE_VALUE.fullmatch(group.rule or "")
    value = value_of(stack, login, rule[1]) if rule and group.is_managed else None
    return rule is not None and value is not None and value.lower() != rule[3].lower()


def can(
    model: AccessModel,
    subject: Subject,
    action: str,
    resource: str | None = "*",
    context: Mapping[str, ContextValue] = NOTHING,
) -> Answer:
    """Whether one of their roles allows it: on the resource, asked on `*`, or (None) on some
    resource, whichever."""
    subject = as_spelled(model, subject)
    grants = grants_of(model, subject)
    if not grants:
        return Answer(False, False, None, no_role_reason(model, subject))
    login = subject.login
    answers = [in_role(model, login, grant, action, resource, context) for grant in grants]
    return max(answers, key=lambda answer: (answer.allowed, answer.possible))


def in_role(
    model: AccessModel,
    login: str | None,
    grant: RoleGrant,
    action: str,
    resource: str | None = "*",
    context: Mapping[str, ContextValue] = NOTHING,
) -> Answer:
    """Whether the role allows it, and AWS lets the person in; `login` None: some person.

    A policy whose content is not known may allow anything, but a known deny stays.
    """
    admission = model.entry(login, grant, context)
    bounds = model.in_role(login, grant, action, resource, context)
    unknown = model.policies[grant.account_role].unknown
    label = grant_label(model, grant)
    denied = bounds.upper.effect == "explicitDeny"
    depends_on = (*admission.depends_on, *bounds.depends_on, *(() if denied else unknown))
    statement = bounds.upper.statement if bounds.possible else None
    return Answer(
        allowed=admission.allowed and bounds.allowed and not unknown,
        possible=admission.possible and (bounds.possible or bool(unknown and not denied)),
        grant=grant,
        reason=f"as {label}: {_reason(bounds, admission)}{dependence(depends_on)}",
        depends_on=depends_on,
        policy=statement.policy if statement else None,
    )


def _reason(bounds: DecisionRange, admission: DecisionRange) -> str:
    if not admission.allowed:
        return admission.lower.reason
    return (bounds.upper if bounds.possible and not bounds.allowed else bounds.lower).reason


def dependence(depends_on: Sequence[str]) -> str:
    """What a sentence ends with that is not certain."""
    return f" (depends on {', '.join(depends_on)})" if depends_on else ""


def no_role_reason(model: AccessModel, subject: Subject) -> str:
    """Why somebody has no role in AWS."""
    subject = as_spelled(model, subject)
    if subject.login is None:
        offered = model.roles_by_group.get(subject.group or "", ())
    elif not (offered := model.offered_roles.get(subject.login, ())):
        return f"{subject} is in no group of this stack"
    if not offered:
        return f"{subject} opens no role of this stack"
    account_role = offered[0].account_role
    refused = model.assume_role_decision(subject.login, account_role).upper.reason
    return f"AWS does not let {subject} in as {role_label(model, account_role)}: {refused}"


def role_label(model: AccessModel, account_role: AccountRole) -> str:
    """A role, with its account where there are several."""
    return (
        f"{account_role.account}/{account_role.role}"
        if len(model.stack.accounts) > 1
        else account_role.role
    )


def grant_label(model: AccessModel, grant: RoleGrant) -> str:
    """A role, and the roles before it in a role chain: `Admin, assumed from Entry`."""
    label = role_label(model, grant.account_role)
    return label + "".join(f", assumed from {role_label(model, v)}" for v in reversed(grant.via))
