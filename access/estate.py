"""Who reaches what in a stack, from its settings and nothing else.

person -> groups -> roles (the group of the lowest priority decides, or all with generated names)
-> policies and boundary -> allow or deny, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from access import aws_managed
from access.evaluator import Decision, Policy, Principal, Request, evaluate
from settings import Place, Settings, policy


@dataclass(frozen=True)
class Entry:
    """A role that a person can enter, and the group that opens it."""

    place: Place
    group: str


@dataclass(frozen=True)
class Answer:
    """Whether a person may do something, in which role, and why."""

    allowed: bool
    place: Place | None
    reason: str


@dataclass(frozen=True)
class RolePolicies:
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    unknown: tuple[str, ...]
    """ARNs of policies whose content nobody here knows; they may allow more, or deny."""


class Estate:
    """A stack's people, roles and policies."""

    def __init__(self, stack: Settings) -> None:
        self.stack = stack

    @cached_property
    def people(self) -> list[str]:
        """Everybody whom the stack file puts into a group."""
        return self.stack.everybody

    @cached_property
    def entries(self) -> Mapping[str, tuple[Entry, ...]]:
        """Login -> the roles that the person can choose from."""
        return {login: tuple(self._entries(login)) for login in self.people}

    def _entries(self, login: str) -> list[Entry]:
        stack = self.stack
        if stack.maps_groups:
            return [
                Entry(Place(group.account, group.role), group.name)
                for group in stack.role_groups.values()
                if login in group.members
            ]
        groups = [name for name in stack.groups if login in stack.members_of(name)]
        if not groups:
            return []
        # Okta combines the roles of several groups only if told so in its schema editor.
        first = min(groups, key=stack.priorities.__getitem__)
        return [Entry(Place(stack.home, role), first) for role in sorted(stack.groups[first].roles)]

    @cached_property
    def policies(self) -> Mapping[Place, RolePolicies]:
        return {place: self._policies(place) for place in self.stack.places.values()}

    def _policies(self, place: Place) -> RolePolicies:
        role, account = self.stack.roles[place.role], self.stack.accounts[place.account]
        arns = [account.policy_arn(reference) for reference in role.managed_policies]
        found = {arn: aws_managed.policy(arn) for arn in arns}
        own = {**role.customer_policies, **role.inline_policies}
        documents = [Policy.parse(policy(told), name=name) for name, told in own.items()]
        boundary_arn = account.policy_arn(role.boundary) if role.boundary else None
        boundary = aws_managed.policy(boundary_arn) if boundary_arn else None
        unknown = [arn for arn, known in found.items() if known is None]
        if boundary_arn and boundary is None:
            unknown.append(boundary_arn)
        return RolePolicies(
            (*(known for known in found.values() if known), *documents),
            (boundary,) if boundary else None,
            tuple(unknown),
        )

    def decide(self, login: str, place: Place, action: str, resource: str = "*") -> Decision:
        """What AWS answers once the person is in the role."""
        account, held = self.stack.accounts[place.account], self.policies[place]
        arn = account.partition.role_arn(account.id, place.role, self.stack.roles[place.role].path)
        session = (
            f"arn:{account.partition.name}:sts::{account.id}:assumed-role/{place.role}/{login}"
        )
        request = Request(
            action,
            resource,
            Principal.session(session, arn),
            {"aws:PrincipalArn": arn, "aws:RequestedRegion": account.region},
            account.id,
        )
        return evaluate(request, identity=held.identity, boundary=held.boundary)

    def answer(self, login: str, action: str, resource: str = "*") -> Answer:
        """Whether any of the person's roles allows it; the reason names what decided."""
        entries = self.entries.get(login, ())
        if not entries:
            return Answer(False, None, f"{login} is in no group of this stack")
        refused = ""
        for entry in entries:
            decision = self.decide(login, entry.place, action, resource)
            if decision.allowed:
                return Answer(True, entry.place, f"as {entry.place.role}: {decision.reason}")
            refused = f"as {entry.place.role}: {decision.reason}"
            if unknown := self.policies[entry.place].unknown:
                refused += f" (not known here: {', '.join(unknown)})"
        return Answer(False, entries[-1].place, refused)
