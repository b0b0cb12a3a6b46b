"""What the picture shows: people who are alike as one node, groups, roles, and the ways between.

People are alike if the same groups hold them; so a picture of 300 people is not larger than their
teams. Several stack files, such as those of two environments, share one picture.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from access.estate import Estate
from settings import AccountRole

ADMINISTRATION = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:AttachUserPolicy")
"""Whoever may do one of these may give themselves anything else."""


@dataclass(frozen=True)
class People:
    """Everybody whom the same groups hold."""

    key: str
    logins: tuple[str, ...]
    soon_over: Mapping[str, str]
    """Login -> the last day of a temporary membership."""


@dataclass(frozen=True)
class Group:
    key: str
    stack: str
    name: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Role:
    key: str
    stack: str
    account: str
    """The account's short name and its id."""
    name: str
    policies: tuple[str, ...]
    marks: tuple[str, ...]
    """Words that a reader must not miss: admin, closed, boundary."""


@dataclass(frozen=True)
class Way:
    """From people to a group, or from a group to a role."""

    start: str
    end: str
    open: bool
    """Whether it leads anywhere: not, if priority hides the group or AWS refuses the person."""


@dataclass(frozen=True)
class Row:
    """One person in one role: what the table beneath the picture says."""

    login: str
    stack: str
    account: str
    role: str
    groups: tuple[str, ...]
    policies: tuple[str, ...]
    marks: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass
class Graph:
    people: list[People] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def graph(estates: Mapping[str, Estate]) -> Graph:
    """The picture of these stacks, by name. The same stacks give the same picture."""
    found = Graph()
    groups: dict[tuple[str, str], Group] = {}
    roles: dict[tuple[str, AccountRole], Role] = {}
    for stack, estate in estates.items():
        for name in sorted(estate.stack.groups):
            key = f"g{len(groups)}"
            groups[stack, name] = Group(key, stack, name, tuple(_notes(estate, name)))
        for place in sorted(estate.stack.account_roles.values()):
            roles[stack, place] = _role(f"r{len(roles)}", stack, estate, place)
    found.groups, found.roles = list(groups.values()), list(roles.values())
    bundles = _bundles(estates)
    for number, (membership, logins) in enumerate(sorted(bundles.items())):
        node = People(f"p{number}", tuple(sorted(logins)), _soon_over(estates, logins))
        found.people.append(node)
        first = node.logins[0]
        for stack, name in membership:
            found.ways.append(
                Way(node.key, groups[stack, name].key, _leads_on(estates[stack], first, name))
            )
    found.ways += _from_groups(estates, groups, roles)
    found.rows = list(_rows(estates, found, groups, roles))
    return found


def _bundles(estates: Mapping[str, Estate]) -> Mapping[tuple[tuple[str, str], ...], list[str]]:
    """The groups of people -> the people."""
    memberships: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for stack, estate in estates.items():
        for login, names in estate.groups_of.items():
            memberships[login] += [(stack, name) for name in sorted(names)]
    bundles: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for login, membership in memberships.items():
        bundles[tuple(membership)].append(login)
    return bundles


def _leads_on(estate: Estate, login: str, group: str) -> bool:
    """Whether the group gives its people something: another may win over it."""
    every = estate.stack.uses_group_mapping or estate.stack.app.combine_roles
    return every or estate.groups_of[login][0] == group


def _from_groups(
    estates: Mapping[str, Estate],
    groups: Mapping[tuple[str, str], Group],
    roles: Mapping[tuple[str, AccountRole], Role],
) -> Iterator[Way]:
    for (stack, name), group in groups.items():
        estate = estates[stack]
        for entry in estate.opened_by[name]:
            is_open = estate.admission(None, entry.place).possible
            yield Way(group.key, roles[stack, entry.place].key, is_open)


def _rows(
    estates: Mapping[str, Estate],
    found: Graph,
    groups: Mapping[tuple[str, str], Group],
    roles: Mapping[tuple[str, AccountRole], Role],
) -> Iterator[Row]:
    node_of = {login: node.key for node in found.people for login in node.logins}
    for stack, estate in estates.items():
        for login, entries in estate.entries.items():
            for entry in entries:
                role = roles[stack, entry.place]
                through = [
                    groups[stack, name]
                    for name in estate.groups_of[login]
                    if _leads_on(estate, login, name)
                    and entry.place in {each.place for each in estate.opened_by[name]}
                ]
                yield Row(
                    login,
                    stack,
                    role.account,
                    role.name,
                    tuple(group.name for group in through),
                    role.policies,
                    role.marks,
                    (node_of[login], *(group.key for group in through), role.key),
                )


def _notes(estate: Estate, name: str) -> Iterator[str]:
    group = estate.stack.groups[name]
    if group.priority is not None:
        yield f"priority {group.priority}"
    if group.rule:
        yield f"and by rule: {group.rule}"
    if not group.is_managed:
        yield "and whom a directory puts into it"


def _role(key: str, stack: str, estate: Estate, place: AccountRole) -> Role:
    held, said = estate.policies[place], estate.stack.roles[place.role]
    policies = (*(policy.name for policy in held.identity), *held.unknown)
    account = f"{place.account} {estate.stack.accounts[place.account].id}"
    return Role(
        key, stack, account, place.role, policies, tuple(_marks(estate, place, said.boundary))
    )


def _marks(estate: Estate, place: AccountRole, boundary: str | None) -> Sequence[str]:
    marks = []
    if any(estate.span(None, place, action, None).possible for action in ADMINISTRATION):
        marks.append("admin")
    if not estate.admission(None, place).possible:
        marks.append("closed")
    closes = estate.stack.roles[place.role].trust.closes
    if closes is not None and "closed" not in marks:
        marks.append(f"until {closes}")
    if boundary:
        marks.append("boundary")
    return marks


def _soon_over(estates: Mapping[str, Estate], logins: Sequence[str]) -> Mapping[str, str]:
    return {
        login: str(last)
        for estate in estates.values()
        for group in estate.stack.groups.values()
        for login, last in sorted(group.temporary.items())
        if login in logins and last >= estate.stack.today
    }
