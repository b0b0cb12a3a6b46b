"""Who reaches what in a stack, from its settings and nothing else.

person -> groups -> roles (the group of the lowest priority decides, or all of them) -> trust policy
-> policies and boundary -> allow or deny, with the reason.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from access import aws_managed, request_context
from access.request_context import KnownContext
from access.trusts import trust_policy
from access.uncertainty import Bound, DecisionRange, approximate, join, unknown_keys
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
PolicyResolver = Callable[[str], Policy | None]
"""From a policy's ARN to the policy; None for one whose content nobody here knows."""


@dataclass(frozen=True)
class RoleGrant:
    """A role that a person can enter, and the group that opens it."""

    account_role: AccountRole
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


class AccessModel:
    """A stack's people, roles and policies."""

    def __init__(self, stack: Settings, resolver: PolicyResolver = aws_managed.policy) -> None:
        self.stack = stack
        self.resolver = resolver
        self._decided: dict[tuple[object, ...], DecisionRange] = {}
        self._read: dict[tuple[object, ...], RolePolicies] = {}

    @cached_property
    def people(self) -> list[str]:
        """Everybody whom the stack file puts into a group."""
        return self.stack.all_members

    @cached_property
    def groups_of(self) -> Mapping[str, tuple[str, ...]]:
        """Login -> the person's groups, the one whose priority wins first."""
        result: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.stack.groups, key=self.stack.priorities.__getitem__):
            for login in self.stack.members(name):
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
        return {name: tuple(grants) for name, grants in result.items()}

    @cached_property
    def offered_roles(self) -> Mapping[str, tuple[RoleGrant, ...]]:
        """Login -> the roles that are in the person's SAML response."""
        return {login: self._offered_roles(groups) for login, groups in self.groups_of.items()}

    def _offered_roles(self, groups: tuple[str, ...]) -> tuple[RoleGrant, ...]:
        if not (self.stack.uses_group_mapping or self.stack.app.combine_roles):
            return self.roles_by_group[groups[0]] if groups else ()
        by_place: dict[AccountRole, RoleGrant] = {}
        for group in groups:
            for grant in self.roles_by_group[group]:
                by_place.setdefault(grant.account_role, grant)
        return tuple(by_place[account_role] for account_role in sorted(by_place))

    @cached_property
    def assumable_roles(self) -> Mapping[str, tuple[RoleGrant, ...]]:
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
            if not everyone:
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
            account_role: self._policies(account_role)
            for account_role in self.stack.account_roles.values()
        }

    def _policies(self, account_role: AccountRole) -> RolePolicies:
        role, account = (
            self.stack.roles[account_role.role],
            self.stack.accounts[account_role.account],
        )
        arns = [account.policy_arn(reference) for reference in role.managed_policies]
        result = {arn: self.resolver(arn) for arn in arns}
        own = {**role.customer_policies, **role.inline_policies}
        documents = [
            Policy.parse(policy_document(statements), name=name) for name, statements in own.items()
        ]
        boundary_arn = account.policy_arn(role.boundary) if role.boundary else None
        boundary = self.resolver(boundary_arn) if boundary_arn else None
        unknown = [arn for arn, known in result.items() if known is None]
        if boundary_arn and boundary is None:
            unknown.append(boundary_arn)
        return RolePolicies(
            (*(known for known in result.values() if known), *documents),
            (boundary,) if boundary else None,
            tuple(unknown),
        )

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
        """Whether AWS lets the person into the role, by its trust policy.

        Each thing that the app sends needs its action there: tags, a source identity.
        """
        key = ("admission", login, account_role, tuple(sorted(context.items())))
        if key not in self._decided:
            stack = self.stack
            actions = ["sts:AssumeRoleWithSAML"]
            actions += ["sts:TagSession"] if stack.app.session_tags else []
            actions += ["sts:SetSourceIdentity"] if stack.app.source_identity else []
            facts = request_context.assertion(stack, login, account_role).with_values(context)
            # The least certain action says how it stands.
            with_all, with_fewest = (
                min(
                    (self._assume_role_decision(account_role, action, each) for action in actions),
                    key=lambda bounds: (bounds.possible, bounds.allowed),
                )
                for each in (facts, request_context.without_unknown_tags(facts))
            )
            self._decided[key] = join(with_all, with_fewest)
        return self._decided[key]

    def _assume_role_decision(
        self, account_role: AccountRole, action: str, facts: KnownContext
    ) -> DecisionRange:
        account, trust = self.stack.accounts[account_role.account], self.trusts[account_role]
        provider = Principal.federated(account.saml_provider_arn(self.stack.app.provider))
        role_arn = account.partition.role_arn(
            account.id, account_role.role, self.stack.roles[account_role.role].path
        )
        request = Request(action, role_arn, provider, facts.known, account.id)
        unknown = unknown_keys((trust,), action, facts.determines)
        if not unknown:
            decision = evaluate_trust(request, trust)
            return DecisionRange(decision, decision)
        limits: tuple[Bound, Bound] = ("lower", "upper")
        lower, upper = (
            evaluate_trust(request, approximate(trust, unknown, limit, any_resource=False))
            for limit in limits
        )
        return DecisionRange(
            lower, upper, tuple(sorted(unknown)) if lower.effect != upper.effect else ()
        )

    def decide(
        self, login: str, account_role: AccountRole, action: str, resource: str = "*"
    ) -> Decision:
        """What AWS answers for sure once the person is in the role."""
        return self.decision_range(login, account_role, action, resource).lower

    def decision_range(
        self,
        login: str | None,
        account_role: AccountRole,
        action: str,
        resource: str | None = "*",
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> DecisionRange:
        """What AWS answers once the person is in the role; resource None asks about any."""
        personal = login if self.depends_on_identity(account_role) else None
        key = (account_role, action, resource, personal, tuple(sorted(context.items())))
        if key not in self._decided:
            facts = request_context.session(self.stack, login, account_role, action).with_values(
                context
            )
            self._decided[key] = self._decision_range(account_role, action, resource, facts)
        return self._decided[key]

    def _decision_range(
        self, account_role: AccountRole, action: str, resource: str | None, facts: KnownContext
    ) -> DecisionRange:
        if action.lower() in NEEDS_NO_PERMISSION:
            decision = Decision("allow", f"{action} needs no permission", "identity", None)
            return DecisionRange(decision, decision)
        account, role_policies = (
            self.stack.accounts[account_role.account],
            self.policies[account_role],
        )
        role_arn = str(facts.known["aws:principalarn"])
        principal = Principal.session(role_arn, role_arn)
        request = Request(action, resource or "*", principal, facts.known, account.id)
        unknown = unknown_keys(role_policies.all, action, facts.determines)
        if not unknown and resource:
            decision = evaluate(
                request, identity=role_policies.identity, boundary=role_policies.boundary
            )
            return DecisionRange(decision, decision)
        limits: tuple[Bound, Bound] = ("lower", "upper")
        approximated = [
            self._as_read(account_role, unknown, each, resource is None) for each in limits
        ]
        lower, upper = (
            evaluate(request, identity=each.identity, boundary=each.boundary)
            for each in approximated
        )
        return DecisionRange(
            lower, upper, tuple(sorted(unknown)) if lower.effect != upper.effect else ()
        )

    def _as_read(
        self, account_role: AccountRole, unknown: frozenset[str], limit: Bound, any_resource: bool
    ) -> RolePolicies:
        key = (account_role, unknown, limit, any_resource)
        if key not in self._read:
            role_policies = self.policies[account_role]
            identity, boundary = (
                tuple(
                    approximate(each, unknown, limit, any_resource=any_resource) for each in layer
                )
                for layer in (role_policies.identity, role_policies.boundary or ())
            )
            self._read[key] = RolePolicies(
                identity,
                boundary if role_policies.boundary is not None else None,
                role_policies.unknown,
            )
        return self._read[key]

    def depends_on_identity(self, account_role: AccountRole) -> bool:
        """Whether what the role allows depends on who is in it."""
        return bool(self._personal_keys & self.policies[account_role].keys)

    @cached_property
    def _personal_keys(self) -> frozenset[str]:
        tags = (request_context.PRINCIPAL_TAG + key.lower() for key in self.stack.app.session_tags)
        return frozenset((*tags, "aws:sourceidentity"))
