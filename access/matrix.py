"""People x roles x actions: who can enter what, and what they can do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access.model import AccessModel, RoleGrant
from settings import AccountRole


@dataclass(frozen=True)
class Row:
    """A role that a person can enter, and what is allowed there, action by action."""

    account_role: AccountRole
    group: str
    allowed: tuple[bool | None, ...]
    """None: it depends on what the stack file does not say; whether AWS lets them in counts."""


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
    alike = not any(personal.values())
    for login, grants in model.assumable_roles.items():
        if alike and grants in whole:
            result[login] = whole[grants]
            continue
        rows = []
        for grant in grants:
            key = (login if personal.get(grant.account_role) else None, grant)
            if key not in shared:
                shared[key] = _row(model, login, grant, actions)
            rows.append(shared[key])
        result[login] = whole[grants] = tuple(rows)
    return result


def _row(model: AccessModel, login: str, grant: RoleGrant, actions: Sequence[str]) -> Row:
    unknown = model.policies[grant.account_role].unknown
    entered = model.assume_role_decision(login, grant.account_role).allowed
    cells = []
    for action in actions:
        bounds = model.decision_range(login, grant.account_role, action)
        # An unknown policy may allow it, but a known deny stays.
        possible = bounds.possible or bool(unknown and bounds.upper.effect != "explicitDeny")
        allowed = bounds.allowed and entered and not unknown
        cells.append(allowed if allowed == possible else None)
    return Row(grant.account_role, grant.group, tuple(cells))
