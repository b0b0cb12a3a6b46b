"""The trust policy of a role: the document that the component makes, from the same functions."""

from collections.abc import Mapping
from typing import Any

from okta_aws_federation.iam.policy import Policy
from okta_aws_federation.trust_policy import build_document
from settings import AccountRole, Settings


def trust_document(stack: Settings, account_role: AccountRole) -> Mapping[str, Any]:
    """Who may enter the role, as the deployment will say it."""
    return build_document(
        stack.saml_provider_arns(account_role), stack.audiences, stack.trust_of(account_role)
    )


def trust_policy(stack: Settings, account_role: AccountRole) -> Policy:
    """The same, to be asked."""
    return Policy.parse(
        trust_document(stack, account_role), name=f"trust policy of {account_role.role}"
    )
