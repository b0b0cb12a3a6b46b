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

NAMES_SHOWN = 4
"""How many people a box names; of more it counts the rest."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """What has a box of its own."""

    key: str
    lines: tuple[str, ...]
    """What the box shows."""
    title: str
    """All that the lines leave out."""
    marks: tuple[str, ...] = ()
    """Words that a reader must not miss: admin, closed, boundary."""


@dataclass(frozen=True, kw_only=True)
class People(Node):
    """Everybody whom the same groups have."""

    logins: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Group(Node):
    """An Okta group of a stack."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Role(Node):
    """A role of a stack in one account."""

    stack: str
    account: str
    """The account's short name and its id."""
    name: str
    policies: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
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
    edges: list[Edge] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def graph(estates: Mapping[str, AccessModel]) -> Graph:
    """The picture of these stacks, by name. The same stacks give the same picture."""
    result = Graph()
    groups: dict[tuple[str, str], Group] = {}
    roles: dict[tuple[str, AccountRole], Role] = {}
    for stack, model in estates.items():
        for name in sorted(model.stack.groups):
            groups[stack, name] = _group(f"g{len(groups)}", stack, model, name)
        for account_role in sorted(model.stack.account_roles.values()):
            roles[stack, account_role] = _role(f"r{len(roles)}", stack, model, account_role)
    result.groups, result.roles = list(groups.values()), list(roles.values())
    bundles = _bundles(estates)
    for number, (membership, logins) in enumerate(sorted(bundles.items())):
        node = _people(f"p{number}", estates, sorted(logins))
        result.people.append(node)
        first = node.logins[0]
        for stack, name in membership:
            result.edges.append(
                Edge(node.key, groups[stack, name].key, _leads_on(estates[stack], first, name))
            )
    result.edges += _from_groups(estates, groups, roles)
    result.edges += dict.fromkeys(_chained(estates, roles))
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
) -> Iterator[Edge]:
    for (stack, name), group in groups.items():
        model = estates[stack]
        for grant in model.roles_by_group[name]:
            is_open = model.assume_role_decision(None, grant.account_role).possible
            yield Edge(group.key, roles[stack, grant.account_role].key, is_open)


def _chained(
    estates: Mapping[str, AccessModel], roles: Mapping[tuple[str, AccountRole], Role]
) -> Iterator[Edge]:
    for stack, model in estates.items():
        for name in sorted(model.stack.groups):
            for grant in model.grants_of_group(name):
                for source, target in pairwise(grant.path):
                    yield Edge(roles[stack, source].key, roles[stack, target].key, True)


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


def _people(key: str, estates: Mapping[str, AccessModel], logins: Sequence[str]) -> People:
    last_days = {
        login: last
        for model in estates.values()
        for group in model.stack.groups.values()
        for login, last in sorted(group.temporary.items())
        if last >= model.stack.today
    }
    labels = [
        f"{login} until {last_days[login]}" if login in last_days else login for login in logins
    ]
    lines = labels
    if len(labels) > NAMES_SHOWN:
        rest = len(labels) - NAMES_SHOWN + 1
        lines = [f"{len(labels)} people", *labels[: NAMES_SHOWN - 1], f"and {rest} more"]
    return People(key=key, lines=tuple(lines), title="\n".join(labels), logins=tuple(logins))


def _group(key: str, stack: str, model: AccessModel, name: str) -> Group:
    group = model.stack.groups[name]
    notes = [f"priority {group.priority}"] if group.priority is not None else []
    notes += [f"and by rule: {group.rule}"] if group.rule else []
    notes += [] if group.is_managed else ["and whom a directory puts into it"]
    title = "\n".join((f"{stack}: {name}", *notes))
    return Group(key=key, lines=(name, *notes), title=title, name=name)


def _role(key: str, stack: str, model: AccessModel, account_role: AccountRole) -> Role:
    name, role_policies = account_role.role, model.policies[account_role]
    policies = (*(policy.name for policy in role_policies.identity), *role_policies.unknown)
    account = f"{account_role.account} {model.stack.accounts[account_role.account].id}"
    marks = tuple(_marks(model, account_role))
    return Role(
        key=key,
        lines=(name, ", ".join(policies) or "no policy"),
        title="\n".join((f"{stack}, {account}: {name}", *marks, *policies)),
        marks=marks,
        stack=stack,
        account=account,
        name=name,
        policies=policies,
    )


def _marks(model: AccessModel, account_role: AccountRole) -> Iterator[str]:
    section = model.stack.roles[account_role.role]
    if administers(model, account_role):
        yield "admin"
    if not model.assume_role_decision(None, account_role).possible:
        yield "closed"
    elif section.trust.closes is not None:
        yield f"until {section.trust.closes}"
    if section.boundary:
        yield "boundary"
