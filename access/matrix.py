"""People x roles x actions: who can enter what, and what they can do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from access.answers import in_role
from access.model import AccessModel
from access.role_chains import RoleGrant


@dataclass(frozen=True)
class Row:
    """A role that a person can enter, and what is allowed there, action by action."""

    grant: RoleGrant
    allowed: tuple[bool | None, ...]
    """None: it depends on what the stack file does not say; whether AWS lets them in counts."""


@dataclass(frozen=True, order=True)
class EndedMembership:
    """A temporary membership whose last day has passed: only an update takes the person out."""

    login: str
    group: str
    last_day: date


def ended_memberships(model: AccessModel) -> list[EndedMembership]:
    """Who is still a member of a group in Okta, if no update ran since the last day."""
    return sorted(
        EndedMembership(model.login(login), name, last)
        for name, group in model.stack.groups.items()
        for login, last in group.temporary.items()
        if last < model.stack.today and name not in model.groups_of.get(model.login(login), ())
    )


def matrix(model: AccessModel, actions: Sequence[str] = ()) -> Mapping[str, tuple[Row, ...]]:
    """Login -> the person's roles. Rows that are alike are one object, however many have them."""
    shared: dict[tuple[str | None, RoleGrant], Row] = {}
    whole: dict[tuple[RoleGrant, ...], tuple[Row, ...]] = {}
    result: dict[str, tuple[Row, ...]] = {}
    personal = {
        account_role: model.depends_on_identity(account_role)
        or not model.trust_ignores_identity(account_role)
        for account_role in (model.stack.account_roles.values() if actions else ())
    }
    chained = bool(actions) and model.chains.depend_on_identity
    alike = not any(personal.values()) and not chained
    for login, grants in model.assumable_roles.items():
        if alike and grants in whole:
            result[login] = whole[grants]
            continue
        rows = []
        for grant in grants:
            own = any(map(personal.get, grant.path)) or (grant.via and chained)
            key = (login if own else None, grant)
            if key not in shared:
                shared[key] = _row(model, login, grant, actions)
            rows.append(shared[key])
        result[login] = whole[grants] = tuple(rows)
    return result


def _row(model: AccessModel, login: str, grant: RoleGrant, actions: Sequence[str]) -> Row:
    answers = [in_role(model, login, grant, action) for action in actions]
    cells = (each.allowed if each.allowed == each.possible else None for each in answers)
    return Row(grant, tuple(cells))
