"""Who reaches what in a stack, from its settings and nothing else.

person -> groups -> roles (the group of the lowest priority decides, or all of them) -> trust policy
-> policies and boundary -> allow or deny, with the reason.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from access import aws_managed, person
from access.person import Facts
from access.trusts import trust_policy
from access.uncertainty import Reading, Span, either, read_as, unknown_keys
from okta_aws_federation.iam.evaluator import (
    NEEDS_NO_PERMISSION,
    Decision,
    Policy,
    Principal,
    Request,
    evaluate,
    evaluate_trust,
)
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole, Settings, policy_document

NOTHING: Mapping[str, ContextValue] = {}
Library = Callable[[str], Policy | None]
"""From a policy's ARN to the policy; None for one whose content nobody here knows."""


@dataclass(frozen=True)
class Entry:
    """A role that a person can enter, and the group that opens it."""

    place: AccountRole
    group: str


@dataclass(frozen=True)
class RolePolicies:
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    unknown: tuple[str, ...]
    """ARNs of policies whose content nobody here knows; they may allow more, or deny."""

    @property
    def all(self) -> tuple[Policy, ...]:
        return (*self.identity, *(self.boundary or ()))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The condition keys, in lower case, that the policies ask of a request."""
        return frozenset[str]().union(*(each.keys for each in self.all))


class Estate:
    """A stack's people, roles and policies."""

    def __init__(self, stack: Settings, library: Library = aws_managed.policy) -> None:
        self.stack = stack
        self.library = library
        self._decided: dict[tuple[object, ...], Span] = {}
        self._read: dict[tuple[object, ...], RolePolicies] = {}

    @cached_property
    def people(self) -> list[str]:
        """Everybody whom the stack file puts into a group."""
        return self.stack.all_members

    @cached_property
    def groups_of(self) -> Mapping[str, tuple[str, ...]]:
        """Login -> the person's groups, the one whose priority wins first."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.stack.groups, key=self.stack.priorities.__getitem__):
            for login in self.stack.members(name):
                found[login].append(name)
        return {login: tuple(found[login]) for login in self.people}

    @cached_property
    def opened_by(self) -> Mapping[str, tuple[Entry, ...]]:
        """Group -> the roles that Okta offers its people."""
        stack = self.stack
        if not stack.uses_group_mapping:
            return {
                name: tuple(
                    Entry(AccountRole(stack.single_account, role), name)
                    for role in sorted(group.roles)
                )
                for name, group in stack.groups.items()
            }
        found: dict[str, list[Entry]] = {name: [] for name in stack.groups}
        for group in stack.role_groups.values():
            for giver in group.source_groups:
                found[giver].append(Entry(AccountRole(group.account, group.role), group.name))
        return {name: tuple(entries) for name, entries in found.items()}

    @cached_property
    def offers(self) -> Mapping[str, tuple[Entry, ...]]:
        """Login -> the roles that are in the person's SAML response."""
        return {login: self._offers(groups) for login, groups in self.groups_of.items()}

    def _offers(self, groups: tuple[str, ...]) -> tuple[Entry, ...]:
        if not (self.stack.uses_group_mapping or self.stack.app.combine_roles):
            return self.opened_by[groups[0]] if groups else ()
        by_place: dict[AccountRole, Entry] = {}
        for group in groups:
            for entry in self.opened_by[group]:
                by_place.setdefault(entry.place, entry)
        return tuple(by_place[place] for place in sorted(by_place))

    @cached_property
    def entries(self) -> Mapping[str, tuple[Entry, ...]]:
        """Login -> the roles that the person can choose from, and that AWS lets them into."""
        everyone = all(self.admits_all_alike(place) for place in self.stack.account_roles.values())
        shared: dict[tuple[Entry, ...], tuple[Entry, ...]] = {}

        def entered(login: str, offered: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return tuple(each for each in offered if self.admission(login, each.place).possible)

        found = {}
        for login, offered in self.offers.items():
            if not everyone:
                found[login] = entered(login, offered)
                continue
            if offered not in shared:
                shared[offered] = entered(login, offered)
            found[login] = shared[offered]
        return found

    @cached_property
    def trusts(self) -> Mapping[AccountRole, Policy]:
        return {
            place: trust_policy(self.stack, place) for place in self.stack.account_roles.values()
        }

    @cached_property
    def policies(self) -> Mapping[AccountRole, RolePolicies]:
        return {place: self._policies(place) for place in self.stack.account_roles.values()}

    def _policies(self, place: AccountRole) -> RolePolicies:
        role, account = self.stack.roles[place.role], self.stack.accounts[place.account]
        arns = [account.policy_arn(reference) for reference in role.managed_policies]
        found = {arn: self.library(arn) for arn in arns}
        own = {**role.customer_policies, **role.inline_policies}
        documents = [Policy.parse(policy_document(told), name=name) for name, told in own.items()]
        boundary_arn = account.policy_arn(role.boundary) if role.boundary else None
        boundary = self.library(boundary_arn) if boundary_arn else None
        unknown = [arn for arn, known in found.items() if known is None]
        if boundary_arn and boundary is None:
            unknown.append(boundary_arn)
        return RolePolicies(
            (*(known for known in found.values() if known), *documents),
            (boundary,) if boundary else None,
            tuple(unknown),
        )

    def admits_all_alike(self, place: AccountRole) -> bool:
        """Whether the trust policy asks nothing of who it is that comes."""
        asked = self.trusts[place].keys
        return not asked & {"sts:rolesessionname", "sts:sourceidentity"} and not any(
            key.startswith((person.REQUEST_TAG, "saml:")) and key not in ("saml:aud", "saml:doc")
            for key in asked
        )

    def admission(
        self, login: str | None, place: AccountRole, context: Mapping[str, ContextValue] = NOTHING
    ) -> Span:
        """Whether AWS lets the person into the role, by its trust policy.

        Each thing that the app sends needs its action there: tags, a source identity.
        """
        key = ("admission", login, place, tuple(sorted(context.items())))
        if key not in self._decided:
            stack = self.stack
            actions = ["sts:AssumeRoleWithSAML"]
            actions += ["sts:TagSession"] if stack.app.session_tags else []
            actions += ["sts:SetSourceIdentity"] if stack.app.source_identity else []
            facts = person.assertion(stack, login, place).given(context)
            # The least certain action says how it stands.
            with_all, with_fewest = (
                min(
                    (self._admission(place, action, each) for action in actions),
                    key=lambda span: (span.possible, span.allowed),
                )
                for each in (facts, person.without_unknown_tags(facts))
            )
            self._decided[key] = either(with_all, with_fewest)
        return self._decided[key]

    def _admission(self, place: AccountRole, action: str, facts: Facts) -> Span:
        account, trust = self.stack.accounts[place.account], self.trusts[place]
        provider = Principal.federated(account.saml_provider_arn(self.stack.app.provider))
        role_arn = account.partition.role_arn(
            account.id, place.role, self.stack.roles[place.role].path
        )
        request = Request(action, role_arn, provider, facts.known, account.id)
        unknown = unknown_keys((trust,), action, facts.settles)
        if not unknown:
            decision = evaluate_trust(request, trust)
            return Span(decision, decision)
        readings: tuple[Reading, Reading] = ("least", "most")
        least, most = (
            evaluate_trust(request, read_as(trust, unknown, reading, any_resource=False))
            for reading in readings
        )
        return Span(least, most, tuple(sorted(unknown)) if least.effect != most.effect else ())

    def decide(self, login: str, place: AccountRole, action: str, resource: str = "*") -> Decision:
        """What AWS answers for sure once the person is in the role."""
        return self.span(login, place, action, resource).least

    def span(
        self,
        login: str | None,
        place: AccountRole,
        action: str,
        resource: str | None = "*",
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> Span:
        """What AWS answers once the person is in the role; resource None asks about any."""
        personal = login if self.is_personal(place) else None
        key = (place, action, resource, personal, tuple(sorted(context.items())))
        if key not in self._decided:
            facts = person.session(self.stack, login, place, action).given(context)
            self._decided[key] = self._span(place, action, resource, facts)
        return self._decided[key]

    def _span(self, place: AccountRole, action: str, resource: str | None, facts: Facts) -> Span:
        if action.lower() in NEEDS_NO_PERMISSION:
            decision = Decision("allow", f"{action} needs no permission", "identity", None)
            return Span(decision, decision)
        account, held = self.stack.accounts[place.account], self.policies[place]
        role_arn = str(facts.known["aws:principalarn"])
        principal = Principal.session(role_arn, role_arn)
        request = Request(action, resource or "*", principal, facts.known, account.id)
        unknown = unknown_keys(held.all, action, facts.settles)
        if not unknown and resource:
            decision = evaluate(request, identity=held.identity, boundary=held.boundary)
            return Span(decision, decision)
        readings: tuple[Reading, Reading] = ("least", "most")
        read = [self._as_read(place, unknown, each, resource is None) for each in readings]
        least, most = (
            evaluate(request, identity=each.identity, boundary=each.boundary) for each in read
        )
        return Span(least, most, tuple(sorted(unknown)) if least.effect != most.effect else ())

    def _as_read(
        self, place: AccountRole, unknown: frozenset[str], reading: Reading, any_resource: bool
    ) -> RolePolicies:
        key = (place, unknown, reading, any_resource)
        if key not in self._read:
            held = self.policies[place]
            identity, boundary = (
                tuple(read_as(each, unknown, reading, any_resource=any_resource) for each in layer)
                for layer in (held.identity, held.boundary or ())
            )
            self._read[key] = RolePolicies(
                identity, boundary if held.boundary is not None else None, held.unknown
            )
        return self._read[key]

    def is_personal(self, place: AccountRole) -> bool:
        """Whether what the role allows depends on who is in it."""
        return bool(self._personal_keys & self.policies[place].keys)

    @cached_property
    def _personal_keys(self) -> frozenset[str]:
        tags = (person.PRINCIPAL_TAG + key.lower() for key in self.stack.app.session_tags)
        return frozenset((*tags, "aws:sourceidentity"))
