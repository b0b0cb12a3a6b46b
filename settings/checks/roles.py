"""Roles and their policies: what fits, and what AWS would refuse of them together."""

from collections.abc import Iterator

from okta_aws_federation.trust_policy import minimum_size
from settings.errors import ConfigError
from settings.stack import Settings


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
    for account_role in stack.account_roles.values():
        if account_role.account not in stack.accounts:
            continue
        trust = stack.trust_of(account_role)
        size = minimum_size(stack.saml_provider_arns(account_role), stack.audiences, trust)
        if size > quota:
            yield ConfigError(
                f"roles.{account_role.role}.trust",
                f"makes a trust policy of {size:,} characters, and the account takes {quota:,}",
                "take something out, or have AWS raise the quota and write it in "
                "quotas.trustPolicyCharacters",
            )
