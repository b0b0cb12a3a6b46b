"""Mode group-mapping: the groups whose names say account and role, and who is in each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from okta_aws_federation.group_names import group_name
from okta_aws_federation.okta_app import quoted
from settings.sections import Account, Group


class AccountRole(NamedTuple):
    """A role in an account."""

    account: str
    """The account's short name."""
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleGroup:
    """An Okta group that opens one role in one account."""

    name: str
    account: str
    """The account's short name."""
    role: str
    source_groups: tuple[str, ...]
    """The groups of the stack file whose people are in it."""
    members: tuple[str, ...]
    """Logins."""
    rule: str | None
    """Okta expression of who else is in it."""


def members_at(day: date, group: Group) -> list[str]:
    """Who is in a group on a day, as far as the stack file names people."""
    staying = {login for login, last in group.temporary.items() if day <= last}
    return sorted({*group.members} | staying)


def role_groups(
    template: str,
    accounts: Mapping[str, Account],
    account_roles: Iterable[AccountRole],
    groups: Mapping[str, Group],
    today: date,
) -> dict[str, RoleGroup]:
    """Every role of an account that a group opens, as a group of its own, by name."""
    by_role: dict[str, dict[str, Group]] = {}
    for name, group in sorted(groups.items()):
        for role in group.roles:
            by_role.setdefault(role, {})[name] = group
    result = {}
    for account, role in sorted(account_roles):
        sources = {
            name: group
            for name, group in by_role.get(role, {}).items()
            if account in (group.accounts or accounts)
        }
        if sources:
            members: set[str] = set().union(*(members_at(today, each) for each in sources.values()))
            name = group_name(template, accounts[account].id, role)
            result[name] = RoleGroup(
                name=name,
                account=account,
                role=role,
                source_groups=tuple(sources),
                members=tuple(sorted(members)),
                rule=joined_rule(sources),
            )
    return result


def joined_rule(groups: Mapping[str, Group]) -> str | None:
    """Who is in one of the groups by rule, or because a directory says so."""
    parts = [part for name, group in sorted(groups.items()) for part in rule_parts(name, group)]
    return " or ".join(parts) or None


def rule_parts(name: str, group: Group) -> list[str]:
    """Expressions of who is in a group that Okta fills itself."""
    parts = [f"({group.rule})"] if group.rule else []
    if group.id:
        parts.append(f"isMemberOfAnyGroup({quoted(group.id)})")
    elif group.existing:
        parts.append(f"isMemberOfGroupName({quoted(name)})")
    return parts
