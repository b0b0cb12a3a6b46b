"""The policies of a role: what the stack file holds, and what is behind the names in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from access.uncertainty import Bound, approximate
from okta_aws_federation.iam.evaluator import MalformedPolicy, Policy
from okta_aws_federation.iam.matching import Kind, matches
from settings import AccountRole, Settings, SettingsError, policy_document

PolicyResolver = Callable[[str], Policy | None]
"""From a policy's ARN to the policy; None for one whose content nobody here knows."""


@dataclass(frozen=True)
class RolePolicies:
    """What a role's sessions may do: identity policies, within a boundary if there is one."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    unknown: tuple[str, ...]
    """ARNs of policies whose content nobody here knows; they may allow more, or deny."""

    def approximated(
        self, keys: frozenset[str], bound: Bound, unset: frozenset[str] | None = None
    ) -> RolePolicies:
        """The same with every policy as `uncertainty.approximate` reads it."""
        identity, boundary = (
            tuple(approximate(each, keys, bound, unset) for each in layer)
            for layer in (self.identity, self.boundary or ())
        )
        return replace(
            self, identity=identity, boundary=None if self.boundary is None else boundary
        )

    @property
    def all(self) -> tuple[Policy, ...]:
        return (*self.identity, *(self.boundary or ()))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The condition keys, in lower case, that the policies ask of a request."""
        return frozenset[str]().union(*(each.keys for each in self.all))

    def deny_all(self, action: str, pattern: str) -> bool:
        """Whether a Deny without a condition covers every resource that an ARN pattern means."""
        return any(
            template.resolved is not None
            and "?" not in template.text  # it would match the pattern's own asterisk
            and matches(template.resolved, pattern, Kind.RESOURCE)
            for policy in self.all
            for statement in policy.statements_for(action)
            if not (statement.allows or statement.conditions or statement.except_resources)
            for template in statement.resources
        )


def role_policies(
    stack: Settings, account_role: AccountRole, resolver: PolicyResolver
) -> RolePolicies:
    """The policies of one role. Raises SettingsError for one that IAM could not read."""
    role, account = stack.sections_of(account_role)
    arns = [account.policy_arn(reference) for reference in role.managed_policies]
    managed = {arn: resolver(arn) for arn in arns}
    own = [
        _parse(f"roles.{account_role.role}.{kind}.{name}", name, policy_document(statements))
        for kind, policies in (
            ("customerPolicies", role.customer_policies),
            ("inlinePolicies", role.inline_policies),
        )
        for name, statements in policies.items()
    ]
    boundary_arn = account.policy_arn(role.boundary) if role.boundary else None
    boundary = resolver(boundary_arn) if boundary_arn else None
    unknown = [arn for arn, known in managed.items() if known is None]
    if boundary_arn and boundary is None:
        unknown.append(boundary_arn)
    return RolePolicies(
        (*(known for known in managed.values() if known), *own),
        (boundary,) if boundary else None,
        tuple(unknown),
    )


def _parse(key: str, name: str, document: str) -> Policy:
    try:
        return Policy.parse(document, name=name)
    except MalformedPolicy as error:
        raise SettingsError(f"okta-aws-federation:{key}: {error}; correct it") from None
