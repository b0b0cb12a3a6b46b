"""Who reaches what in a stack, from its settings and nothing else.

person -> groups -> roles (the group of the lowest priority decides, or all of them) -> trust policy
-> policies and boundary -> allow or deny, with the reason.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, cached_property

from access import aws_managed, request_context
from access.request_context import NOTHING, KnownContext
from access.role_chains import RoleChains, RoleGrant
from access.role_policies import PolicyResolver, RolePolicies, role_policies
from access.sign_in import refused_name, refused_tag, sign_in
from access.trusts import trust_policy
from access.uncertainty import Bound, DecisionRange, decision_range, in_sequence
from okta_aws_federation.iam.evaluator import (
    NEEDS_NO_PERMISSION,
    Decision,
    Policy,
    Principal,
    Request,
    evaluate,
)
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole, Settings


class AccessModel:
    """A stack's people, roles and policies."""

    def __init__(self, stack: Settings, resolver: PolicyResolver = aws_managed.policy) -> None:
        self.stack = stack
        self.resolver = resolver
        self._decided: dict[tuple[object, ...], DecisionRange] = {}
        self._read: dict[tuple[object, ...], RolePolicies] = {}

    @cached_property
    def people(self) -> list[str]:
        """Everybody whom the stack file puts into a group, once however it spells the login."""
        return sorted({self.login(login) for login in self.stack.all_members})

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        """Login in lower case -> the login as the stack file spells it first."""
        result: dict[str, str] = {}
        for login in (*sorted(self.stack.all_members), *sorted(self.stack.people)):
            result.setdefault(login.lower(), login)
        return result

    def login(self, login: str) -> str:
        """A login as the model spells it: Okta tells no case apart."""
        return self._spellings.get(login.lower(), login)

    def group(self, name: str) -> str:
        """A group's name as the stack file spells it."""
        return next((each for each in self.stack.groups if each.lower() == name.lower()), name)

    @property
    def adds_up_groups(self) -> bool:
        """Whether a person has the roles of all their groups, and not of the one that wins."""
        return self.stack.uses_group_mapping or self.stack.app.combine_roles

    @cached_property
    def groups_of(self) -> Mapping[str, tuple[str, ...]]:
        """Login -> the person's groups, the one whose priority wins first."""
        result: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.stack.groups, key=self.stack.priorities.__getitem__):
            for login in dict.fromkeys(map(self.login, self.stack.members(name))):
                result[login].append(name)
        return {login: tuple(result[login]) for login in self.people}

    @cached_property
    def roles_by_group(self) -> Mapping[str, tuple[RoleGrant, ...]]:
        """Group -> the roles that Okta offers its people."""
        stack = self.stack
        if not stack.uses_group_mapping:
            return {
                name: tuple(
                    RoleGrant(AccountRole(stack.single_account, role), name)
                    for role in sorted(group.roles)
                )
                for name, group in stack.groups.items()
            }
        result: dict[str, list[RoleGrant]] = {name: [] for name in stack.groups}
        for group in stack.role_groups.values():
            for giver in group.source_groups:
                result[giver].append(RoleGrant(AccountRole(group.account, group.role), group.name))
        for name, account_role in stack.existing_role_groups.items():
            result[name].append(RoleGrant(account_role, name))
        return {name: tuple(grants) for name, grants in result.items()}

    @cached_property
    def offered_roles(self) -> Mapping[str, tuple[RoleGrant, ...]]:
        """Login -> the roles that are in the person's SAML response."""
        return {login: self._offered_roles(groups) for login, groups in self.groups_of.items()}

    def _offered_roles(self, groups: tuple[str, ...]) -> tuple[RoleGrant, ...]:
        if not self.adds_up_groups:
            return self.roles_by_group[groups[0]] if groups else ()
        by_role: dict[AccountRole, RoleGrant] = {}
        for group in groups:
            for grant in self.roles_by_group[group]:
                by_role.setdefault(grant.account_role, grant)
        return tuple(by_role[account_role] for account_role in sorted(by_role))

    @cached_property
    def assumable_roles(self) -> Mapping[str, tuple[RoleGrant, ...]]:
        """Login -> the roles that the person can enter: from Okta, and then by role chains."""
        personal = self.chains.depend_on_identity

        @cache
        def reached(login: str | None, direct: tuple[RoleGrant, ...]) -> tuple[RoleGrant, ...]:
            return (*direct, *self.chains.closure(login, direct))

        return {
            login: reached(login if personal else None, direct)
            for login, direct in self.direct_roles.items()
        }

    def grants_of_group(self, group: str) -> tuple[RoleGrant, ...]:
        """The same for whoever is in a group and in no other."""
        direct = tuple(
            grant
            for grant in self.roles_by_group.get(group, ())
            if self.assume_role_decision(None, grant.account_role).possible
        )
        return (*direct, *self.chains.closure(None, direct))

    @cached_property
    def chains(self) -> RoleChains:
        """The hops between roles."""
        return RoleChains(self.stack, self.policies, self.trusts)

    def entry(
        self, login: str | None, grant: RoleGrant, context: Mapping[str, ContextValue] = NOTHING
    ) -> DecisionRange:
        """Whether AWS lets the person into the role: from Okta, then hop by hop."""
        first, *others = grant.path
        steps = [self.assume_role_decision(login, first, context)]
        for number, target in enumerate(others):
            source = RoleGrant(grant.path[number], grant.group, grant.path[:number])
            steps.append(self.chains.hop(login, source, target, context))
        return in_sequence(*steps)

    def roles_beyond(self, login: str | None, grant: RoleGrant) -> tuple[str, ...]:
        """Roles that the file does not have and that the person may try to assume from this one."""
        return self.chains.beyond(
            grant.account_role,
            lambda action, resource: self.in_role(login, grant, action, resource),
        )

    @cached_property
    def direct_roles(self) -> Mapping[str, tuple[RoleGrant, ...]]:
        """Login -> the roles that the person can choose from, and that AWS lets them into."""
        everyone = all(
            self.trust_ignores_identity(account_role)
            for account_role in self.stack.account_roles.values()
        )
        shared: dict[tuple[RoleGrant, ...], tuple[RoleGrant, ...]] = {}

        def entered(login: str, offered: tuple[RoleGrant, ...]) -> tuple[RoleGrant, ...]:
            return tuple(
                each
                for each in offered
                if self.assume_role_decision(login, each.account_role).possible
            )

        result = {}
        for login, offered in self.offered_roles.items():
            if not everyone or refused_name(self.stack, login) or refused_tag(self.stack, login):
                result[login] = entered(login, offered)
                continue
            if offered not in shared:
                shared[offered] = entered(login, offered)
            result[login] = shared[offered]
        return result

    @cached_property
    def trusts(self) -> Mapping[AccountRole, Policy]:
        return {
            account_role: trust_policy(self.stack, account_role)
            for account_role in self.stack.account_roles.values()
        }

    @cached_property
    def policies(self) -> Mapping[AccountRole, RolePolicies]:
        return {
            account_role: role_policies(self.stack, account_role, self.resolver)
            for account_role in self.stack.account_roles.values()
        }

    def trust_ignores_identity(self, account_role: AccountRole) -> bool:
        """Whether the trust policy asks nothing of who it is that comes."""
        keys = self.trusts[account_role].keys
        return not keys & {"sts:rolesessionname", "sts:sourceidentity"} and not any(
            key.startswith((request_context.REQUEST_TAG, "saml:"))
            and key not in ("saml:aud", "saml:doc")
            for key in keys
        )

    def assume_role_decision(
        self,
        login: str | None,
        account_role: AccountRole,
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> DecisionRange:
        """Whether AWS lets the person into the role that Okta offers, by its trust policy."""
        key = ("sign-in", login, account_role, tuple(sorted(context.items())))
        if key not in self._decided:
            trust = self.trusts[account_role]
            self._decided[key] = sign_in(self.stack, trust, login, account_role, context)
        return self._decided[key]

    def decision_range(
        self,
        login: str | None,
        account_role: AccountRole,
        action: str,
        resource: str | None = "*",
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> DecisionRange:
        """What AWS answers once the person is in the role; resource None asks about any."""
        return self.in_role(login, RoleGrant(account_role, ""), action, resource, context)

    def in_role(
        self,
        login: str | None,
        grant: RoleGrant,
        action: str,
        resource: str | None = "*",
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> DecisionRange:
        """The same in a role that may have been entered through others."""
        account_role, chained = grant.account_role, bool(grant.via)
        personal = login if self.depends_on_identity(account_role) else None
        key = (account_role, chained, action, resource, personal, tuple(sorted(context.items())))
        if key not in self._decided:
            facts = self.chains.session(login, grant, action).with_values(context)
            self._decided[key] = self._decision_range(account_role, action, resource, facts)
        return self._decided[key]

    def _decision_range(
        self, account_role: AccountRole, action: str, resource: str | None, facts: KnownContext
    ) -> DecisionRange:
        if action.lower() in NEEDS_NO_PERMISSION:
            decision = Decision("allow", f"{action} needs no permission", "identity", None)
            return DecisionRange.certain(decision)
        policies = self.policies[account_role]
        role_arn = str(facts.known["aws:principalarn"])
        principal = Principal.session(role_arn, role_arn)
        account_id = self.stack.accounts[account_role.account].id
        request = Request(action, resource or "*", principal, facts.known, account_id)
        unset: frozenset[str] | None = None
        if resource is None:
            unset = frozenset(
                key for key in policies.keys - facts.known.keys() if facts.determines(key)
            )

        def decide(bound: Bound, unknown: frozenset[str]) -> Decision:
            read = self._as_read(account_role, unknown, bound, unset)
            return evaluate(request, identity=read.identity, boundary=read.boundary)

        return decision_range(decide, *facts.open_keys(policies.all, action))

    def _as_read(
        self,
        account_role: AccountRole,
        unknown: frozenset[str],
        bound: Bound,
        unset: frozenset[str] | None,
    ) -> RolePolicies:
        """`unset`: of a question about any resource, the keys without a value; else None."""
        key = (account_role, unknown, bound, unset)
        if not unknown and unset is None:
            return self.policies[account_role]
        if key not in self._read:
            self._read[key] = self.policies[account_role].approximated(unknown, bound, unset)
        return self._read[key]

    def depends_on_identity(self, account_role: AccountRole) -> bool:
        """Whether what the role allows depends on who is in it."""
        return bool(self._personal_keys & self.policies[account_role].keys)

    @cached_property
    def _personal_keys(self) -> frozenset[str]:
        tags = (request_context.PRINCIPAL_TAG + key.lower() for key in self.stack.app.session_tags)
        return frozenset((*tags, "aws:sourceidentity"))
