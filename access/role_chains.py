"""Role chains: the roles that a session enters with sts:AssumeRole, from a role it is in already.

Both sides have to agree: the policies of the role that is left (or, within an account, a trust
policy that names it), and the trust policy of the role that is entered. A source identity goes
along, and needs sts:SetSourceIdentity on both sides; session tags are left behind unless they are
transitive.
Sources: IAM User Guide, "Roles terms and concepts" (role chaining), "Monitor and control actions
taken with assumed roles", "Pass session tags in AWS STS"; STS API Reference, AssumeRole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from access import request_context
from access.request_context import NOTHING, KnownContext, session_name
from access.role_policies import RolePolicies
from access.uncertainty import Bound, DecisionRange, approximate, decision_range, in_sequence
from okta_aws_federation.iam.evaluator import (
    Decision,
    Policy,
    Principal,
    Request,
    evaluate,
    evaluate_trust,
)
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole, Settings

ASSUME, SET_IDENTITY, TAG = "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"
Decide = Callable[[str, str | None], DecisionRange]
"""What the role that is left allows: of an action, on a resource or (None) on some resource."""


@dataclass(frozen=True)
class RoleGrant:
    """A role that a person can enter, and the group that opens it."""

    account_role: AccountRole
    group: str
    """The group of the first role, if it is entered through others."""
    via: tuple[AccountRole, ...] = ()
    """The roles before it in the chain, the one that Okta offers first; empty without a chain."""

    @property
    def path(self) -> tuple[AccountRole, ...]:
        """Every role of the chain, this one last."""
        return (*self.via, self.account_role)


class RoleChains:
    """The hops between the roles of a stack file."""

    def __init__(
        self,
        stack: Settings,
        policies: Mapping[AccountRole, RolePolicies],
        trusts: Mapping[AccountRole, Policy],
    ) -> None:
        self.stack = stack
        self.policies = policies
        self.trusts = trusts
        self._decided: dict[tuple[object, ...], DecisionRange] = {}

    @cached_property
    def targets(self) -> tuple[AccountRole, ...]:
        """Roles that a chain can lead to: their trust policy lets some AWS principal in."""
        return tuple(
            account_role
            for account_role, trust in sorted(self.trusts.items())
            if trusted_principals(trust, ASSUME)
        )

    @cached_property
    def depend_on_identity(self) -> bool:
        """Whether it matters to a hop who is in the role that is left."""
        app = self.stack.app
        sessions = (
            name
            for target in self.targets
            for name in trusted_principals(self.trusts[target], ASSUME)
        )
        return bool(self.targets) and bool(
            app.session_tags or app.source_identity or any(":assumed-role/" in n for n in sessions)
        )

    def closure(self, login: str | None, direct: tuple[RoleGrant, ...]) -> tuple[RoleGrant, ...]:
        """The roles that hops lead to from those that Okta opens, each by its shortest chain.

        A role that Okta opens too is in it only if a chain's session can do something else there,
        or get on to another role: it has no provider, and none but transitive session tags.
        """
        if not self.targets:
            return ()
        known = {grant.account_role for grant in direct if not self._differs(grant.account_role)}
        result: list[RoleGrant] = []
        todo = list(direct)
        while todo:
            grant = todo.pop(0)
            for target in self.targets:
                if target not in known and self.hop(login, grant, target).possible:
                    known.add(target)
                    result.append(RoleGrant(target, grant.group, grant.path))
                    todo.append(result[-1])
        return tuple(result)

    def _differs(self, account_role: AccountRole) -> bool:
        """Whether the role's policies, or the trust of a next role, ask for what a hop changes."""
        return self._hops_matter or any(map(_changed_by_hop, self.policies[account_role].keys))

    @cached_property
    def _hops_matter(self) -> bool:
        """Whether it matters to a next hop that the session comes from one."""
        trusts = [self.trusts[target] for target in self.targets]
        return any(_changed_by_hop(key) for trust in trusts for key in trust.keys) or any(
            ":assumed-role/" in name
            for trust in trusts
            for name in trusted_principals(trust, ASSUME)
        )

    def session(
        self, login: str | None, grant: RoleGrant, action: str | None = None
    ) -> KnownContext:
        """What AWS knows of the caller in a role, entered directly or through a chain."""
        if not grant.via:
            return request_context.session(self.stack, login, grant.account_role, action)
        trust = self.trusts[grant.account_role]
        return request_context.chained_session(
            self.stack,
            login,
            grant.account_role,
            action,
            own_tags=self._callers_set_tags,
            own_identity=bool(trusted_principals(trust, SET_IDENTITY)),
        )

    @cached_property
    def _callers_set_tags(self) -> bool:
        """Whether a role of a chain takes session tags of the caller, who may make them transitive:
        then they reach the roles after it too."""
        return any(trusted_principals(self.trusts[target], TAG) for target in self.targets)

    def hop(
        self,
        login: str | None,
        grant: RoleGrant,
        target: AccountRole,
        context: Mapping[str, ContextValue] = NOTHING,
    ) -> DecisionRange:
        """Whether a session in the grant's role gets into another role of the file."""
        key = (login, grant.account_role, bool(grant.via), target, tuple(sorted(context.items())))
        if key not in self._decided:
            actions = [ASSUME, *([SET_IDENTITY] if self.stack.app.source_identity else [])]
            self._decided[key] = in_sequence(
                *(self._hop(login, grant, target, action, context) for action in actions)
            )
        return self._decided[key]

    def _hop(
        self,
        login: str | None,
        grant: RoleGrant,
        target: AccountRole,
        action: str,
        context: Mapping[str, ContextValue],
    ) -> DecisionRange:
        facts = self.session(login, grant, action).for_assume_role().with_values(context)
        source, trust = self.policies[grant.account_role], self.trusts[target]
        unknown, assumed = facts.open_keys((*source.all, trust), action)
        return decision_range(
            lambda bound, keys: self._decision(login, grant, target, action, facts, keys, bound),
            unknown | {*source.unknown},
            assumed,
            alike=False,
        )

    def _decision(
        self,
        login: str | None,
        grant: RoleGrant,
        target: AccountRole,
        action: str,
        facts: KnownContext,
        unknown: frozenset[str],
        bound: Bound,
    ) -> Decision:
        """The decision of both sides, with everything unknown against the caller or for them."""
        source = self.policies[grant.account_role].approximated(unknown, bound)
        trust = approximate(self.trusts[target], unknown, bound)
        decisions = []
        for principal in self._principals(login, grant, target, bound):
            request = Request(
                action, self.stack.role_arn(target), principal, facts.known,
                self.stack.accounts[target.account].id,
            )  # fmt: skip
            entered = evaluate_trust(request, trust)
            both = evaluate(
                request, identity=source.identity, boundary=source.boundary, resource=[trust]
            )
            decisions.append(both if entered.allowed else entered)
        best = max(decisions, key=lambda decision: decision.allowed)
        if not source.unknown or best.effect == "explicitDeny":
            return best
        known = f"the content of {source.unknown[0]} is not known here"
        if bound == "lower":
            return Decision("implicitDeny", known, "identity", None) if best.allowed else best
        trusted = not best.allowed and best.layer != "trust"
        return Decision("allow", known, "identity", None) if trusted else best

    def _principals(
        self, login: str | None, grant: RoleGrant, target: AccountRole, bound: Bound
    ) -> Iterator[Principal]:
        """The caller. Who names the session (the caller, after a hop) may name it as is trusted."""
        role_arn = self.stack.role_arn(grant.account_role)
        account = self.stack.accounts[grant.account_role.account]
        sessions = f"arn:{account.partition.name}:sts::{account.id}:assumed-role/"
        prefix = f"{sessions}{grant.account_role.role}/"
        name = None if grant.via else session_name(self.stack, login)
        yield Principal.session(f"{prefix}{name}" if name else role_arn, role_arn)
        if not name and bound == "upper":
            for arn in trusted_principals(self.trusts[target], ASSUME):
                if arn.startswith(prefix):
                    yield Principal.session(arn, role_arn)

    def beyond(self, account_role: AccountRole, decide: Decide) -> tuple[str, ...]:
        """Roles that the file does not have and that the role's policies let its people assume.

        Resources as the policies name them; whether such a role trusts the caller is not known.
        """
        ours = {self.stack.role_arn(each) for each in self.stack.account_roles.values()}
        actions = [ASSUME, *([SET_IDENTITY] if self.stack.app.source_identity else [])]
        policies = self.policies[account_role]
        every_role = f"arn:{self.stack.partition.name}:iam::*:role/*"
        result = []
        for policy in policies.identity:
            for statement in policy.statements_for(ASSUME):
                if not statement.allows:
                    continue
                texts = sorted(template.text for template in statement.resources)
                if statement.except_resources:
                    texts = [f"all but {', '.join(texts)}"]
                for text in texts:
                    wild = statement.except_resources or any(each in text for each in "*?$")
                    if text in ours or not (statement.except_resources or names_a_role(text)):
                        continue
                    pattern = every_role if text == "*" else text
                    if not statement.except_resources and policies.deny_all(ASSUME, pattern):
                        continue
                    if all(decide(each, None if wild else text).possible for each in actions):
                        result.append(text)
        return tuple(dict.fromkeys(result))


def _changed_by_hop(key: str) -> bool:
    """Whether a session after a hop may have another value of a condition key."""
    return key.startswith((request_context.PRINCIPAL_TAG, "aws:federatedprovider")) or key in (
        "aws:sourceidentity",
        "sts:sourceidentity",
    )


def trusted_principals(trust: Policy, action: str) -> frozenset[str]:
    """The AWS principals that a trust policy allows an action; `*` for everybody."""
    result = set[str]()
    for statement in trust.statements_for(action):
        if statement.allows and statement.principals is not None:
            if statement.principals.everyone or statement.except_principals:
                result.add("*")
            result |= {name for kind, name in statement.principals.named if kind == "AWS"}
    return frozenset(result)


def names_a_role(resource: str) -> bool:
    """Whether an ARN pattern can stand for an IAM role."""
    segments = resource.split(":", 5)
    expected = ("arn", "aws", "iam", "", None, "role/")
    fit = all(_can_be(*each) for each in zip(segments, expected, strict=False))
    return fit and (len(segments) == len(expected) or resource.endswith("*"))


def _can_be(segment: str, expected: str | None) -> bool:
    """Whether a segment can stand for what begins as expected; None: for anything."""
    fixed = re.split(r"[*?$]", segment, maxsplit=1)[0]
    if expected is None or expected == "aws":
        return True
    if fixed == segment:
        return segment.startswith(expected) if expected == "role/" else segment == expected
    return fixed.startswith(expected) if len(fixed) > len(expected) else expected.startswith(fixed)
