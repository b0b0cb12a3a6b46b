"""Roles and their policies: what fits, and what AWS would refuse of them together."""

import re
from collections.abc import Iterator

from okta_aws_federation.trust_policy import minimum_size
from settings.checks.accounts import principals
from settings.errors import ConfigError
from settings.mapping import AccountRole
from settings.stack import Settings
from settings.text import folded

ROLE_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")


def sessions_fit(stack: Settings) -> Iterator[ConfigError]:
    """STS refuses a sign-in that asks for more than `MaxSessionDuration` of the role."""
    for name, role in stack.roles.items():
        if stack.app.session_hours > role.session_hours:
            yield ConfigError(
                "app.sessionHours",
                f"is longer than roles.{name}.sessionHours = {role.session_hours}, "
                "so no login would succeed",
                f"raise roles.{name}.sessionHours, or lower it",
                stack.app.session_hours,
            )


def policies_fit(stack: Settings) -> Iterator[ConfigError]:
    """IAM quota "Managed policies per role"."""
    most = stack.quotas.managed_policies_per_role
    for name, role in stack.roles.items():
        count = len(role.managed_policies) + len(role.customer_policies)
        if count > most:
            yield ConfigError(
                f"roles.{name}",
                f"has {count} managed policies, and AWS attaches {most}",
                "make some of them inlinePolicies, or raise quotas.managedPoliciesPerRole",
            )


def tags_fit(stack: Settings) -> Iterator[ConfigError]:
    """IAM quota "Tags per role": those of the stack count."""
    for name, role in stack.roles.items():
        if len(stack.tags | role.tags) > 50:
            rule = f"has {len(stack.tags | role.tags)} tags with the stack's, and AWS takes 50"
            yield ConfigError(f"roles.{name}.tags", rule, "take some out")


def trust_policies_fit(stack: Settings) -> Iterator[ConfigError]:
    """AWS counts the trust policy without white space, and refuses one over the quota."""
    quota = stack.quotas.trust_policy_characters
    for account_role in deployed(stack):
        trust = stack.trust_of(account_role)
        size = minimum_size(stack.saml_provider_arns(account_role), stack.audiences, trust)
        if size > quota:
            yield ConfigError(
                f"roles.{account_role.role}.trust",
                f"makes a trust policy of {size:,} characters, and the account takes {quota:,}",
                "take something out, or have AWS raise the quota and write it in "
                "quotas.trustPolicyCharacters",
            )


def providers_differ(stack: Settings) -> Iterator[ConfigError]:
    """A SAML provider named twice, by name and ARN or in another case than IAM has it."""
    for account_role in deployed(stack):
        role, account = stack.sections_of(account_role)
        names = (stack.app.provider, *stack.app.additional_providers)
        seen = {folded(account.saml_provider_arn(each)) for each in names}
        for each in role.trust.providers:
            if (arn := folded(account.saml_provider_arn(each))) in seen:
                rule = "is among the role's SAML providers already, which IAM compares without case"
                key = f"roles.{account_role.role}.trust.providers"
                yield ConfigError(key, rule, "take it out", each)
            seen.add(arn)


def principals_exist(stack: Settings) -> Iterator[ConfigError]:
    """Roles of the stack as principals, by another path or spelling: IAM finds no such role."""
    arns = {
        (stack.accounts[each.account].id, folded(each.role)): stack.role_arn(each)
        for each in deployed(stack)
    }
    for name, role in stack.roles.items():
        for key, _, principal in principals(name, role):
            match = ROLE_ARN.fullmatch(principal)
            meant = arns.get((match[1], folded(match[2]))) if match else None
            if meant and meant != principal:
                rule = "is no role of this stack, but one of another path or spelling is"
                yield ConfigError(key, rule, f"write {meant}", principal)


def policies_exist(stack: Settings) -> Iterator[ConfigError]:
    """Policies of the stack by their ARN: the role, or its boundary, may be made before them."""
    made = {
        folded(policy): f"roles.{name}.customerPolicies.{policy}"
        for name, role in stack.roles.items()
        for policy in role.customer_policies
    }
    if not stack.uses_group_mapping:
        made[folded(stack.provisioning.policy)] = "provisioning.policy"
    for account_role in deployed(stack):
        role, account = stack.sections_of(account_role)
        own = account.own_policy_arn("")
        named = [("managedPolicies", each) for each in role.managed_policies]
        for field, reference in [*named, ("boundary", role.boundary or "")]:
            policy = reference.removeprefix(own) if reference.startswith(own) else ""
            if section := made.get(folded(policy)):
                rule = f"is made by this stack as {section}, maybe after the role"
                fix = "make it outside of this stack, or repeat its statements in this role"
                yield ConfigError(f"roles.{account_role.role}.{field}", rule, fix, reference)


def deployed(stack: Settings) -> list[AccountRole]:
    """The roles of accounts that there are; the others are refused already."""
    return [each for each in stack.account_roles.values() if each.account in stack.accounts]
