"""What the picture shows: people who are alike as one node, groups, roles, and the ways between.

People are alike if the same groups hold them; so a picture of 300 people is not larger than their
teams. Several stack files, such as those of two environments, share one picture.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from access.changes import administers
from access.model import AccessModel
from settings import AccountRole


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
    """From people to a group, from a group to a role, or from a role to one that it may assume."""

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


def graph(estates: Mapping[str, AccessModel]) -> Graph:
    """The picture of these stacks, by name. The same stacks give the same picture."""
    result = Graph()
    groups: dict[tuple[str, str], Group] = {}
    roles: dict[tuple[str, AccountRole], Role] = {}
    for stack, model in estates.items():
        for name in sorted(model.stack.groups):
            key = f"g{len(groups)}"
            groups[stack, name] = Group(key, stack, name, tuple(_notes(model, name)))
        for account_role in sorted(model.stack.account_roles.values()):
            roles[stack, account_role] = _role(f"r{len(roles)}", stack, model, account_role)
    result.groups, result.roles = list(groups.values()), list(roles.values())
    bundles = _bundles(estates)
    for number, (membership, logins) in enumerate(sorted(bundles.items())):
        node = People(f"p{number}", tuple(sorted(logins)), _soon_over(estates, logins))
        result.people.append(node)
        first = node.logins[0]
        for stack, name in membership:
            result.ways.append(
                Way(node.key, groups[stack, name].key, _leads_on(estates[stack], first, name))
            )
    result.ways += _from_groups(estates, groups, roles)
    result.ways += dict.fromkeys(_chained(estates, roles))
    result.rows = list(_rows(estates, result, groups, roles))
    return result


def _bundles(estates: Mapping[str, AccessModel]) -> Mapping[tuple[tuple[str, str], ...], list[str]]:
    """The groups of people -> the people."""
    memberships: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for stack, model in estates.items():
        for login, names in model.groups_of.items():
            memberships[login] += [(stack, name) for name in sorted(names)]
    bundles: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for login, membership in memberships.items():
        bundles[tuple(membership)].append(login)
    return bundles


def _leads_on(model: AccessModel, login: str, group: str) -> bool:
    """Whether the group gives its people something: another may win over it."""
    every = model.stack.uses_group_mapping or model.stack.app.combine_roles
    return every or model.groups_of[login][0] == group


def _from_groups(
    estates: Mapping[str, AccessModel],
    groups: Mapping[tuple[str, str], Group],
    roles: Mapping[tuple[str, AccountRole], Role],
) -> Iterator[Way]:
    for (stack, name), group in groups.items():
        model = estates[stack]
        for grant in model.roles_by_group[name]:
            is_open = model.assume_role_decision(None, grant.account_role).possible
            yield Way(group.key, roles[stack, grant.account_role].key, is_open)


def _chained(
    estates: Mapping[str, AccessModel], roles: Mapping[tuple[str, AccountRole], Role]
) -> Iterator[Way]:
    for stack, model in estates.items():
        for name in sorted(model.stack.groups):
            for grant in model.grants_of_group(name):
                for source, target in pairwise(grant.path):
                    yield Way(roles[stack, source].key, roles[stack, target].key, True)


def _rows(
    estates: Mapping[str, AccessModel],
    result: Graph,
    groups: Mapping[tuple[str, str], Group],
    roles: Mapping[tuple[str, AccountRole], Role],
) -> Iterator[Row]:
    node_of = {login: node.key for node in result.people for login in node.logins}
    for stack, model in estates.items():
        for login, grants in model.assumable_roles.items():
            for grant in grants:
                role = roles[stack, grant.account_role]
                through = [
                    groups[stack, name]
                    for name in model.groups_of[login]
                    if _leads_on(model, login, name)
                    and grant.path[0] in {each.account_role for each in model.roles_by_group[name]}
                ]
                yield Row(
                    login,
                    stack,
                    role.account,
                    role.name + "".join(f", assumed from {v.role}" for v in reversed(grant.via)),
                    tuple(group.name for group in through),
                    role.policies,
                    role.marks,
                    (
                        node_of[login],
                        *(group.key for group in through),
                        *(roles[stack, each].key for each in grant.path),
                    ),
                )


def _notes(model: AccessModel, name: str) -> Iterator[str]:
    group = model.stack.groups[name]
    if group.priority is not None:
        yield f"priority {group.priority}"
    if group.rule:
        yield f"and by rule: {group.rule}"
    if not group.is_managed:
        yield "and whom a directory puts into it"


def _role(key: str, stack: str, model: AccessModel, account_role: AccountRole) -> Role:
    role_policies, section = model.policies[account_role], model.stack.roles[account_role.role]
    policies = (*(policy.name for policy in role_policies.identity), *role_policies.unknown)
    account = f"{account_role.account} {model.stack.accounts[account_role.account].id}"
    return Role(
        key,
        stack,
        account,
        account_role.role,
        policies,
        tuple(_marks(model, account_role, section.boundary)),
    )


def _marks(model: AccessModel, account_role: AccountRole, boundary: str | None) -> Sequence[str]:
    marks = []
    if administers(model, account_role):
        marks.append("admin")
    if not model.assume_role_decision(None, account_role).possible:
        marks.append("closed")
    closes = model.stack.roles[account_role.role].trust.closes
    if closes is not None and "closed" not in marks:
        marks.append(f"until {closes}")
    if boundary:
        marks.append("boundary")
    return marks


def _soon_over(estates: Mapping[str, AccessModel], logins: Sequence[str]) -> Mapping[str, str]:
    return {
        login: str(last)
        for model in estates.values()
        for group in model.stack.groups.values()
        for login, last in sorted(group.temporary.items())
        if login in logins and last >= model.stack.today
    }
