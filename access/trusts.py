"""The trust policy of a role: the document that the component makes, from the same functions."""

from collections.abc import Mapping
from typing import Any

from access.policy import Policy
from settings import AccountRole, Settings


def trust_document(stack: Settings, place: AccountRole) -> Mapping[str, Any]:
    """Who may enter the role, as the deployment will say it."""
    # Here, because the components need the SDKs, and most of the model does not.
    import arguments
    from components.trust_policy import statements_of

    statements = statements_of(
        arguments.provider_arns(stack, place),
        stack.audiences,
        arguments.trust(stack, stack.roles[place.role]),
    )
    return {"Version": "2012-10-17", "Statement": statements}


def trust_policy(stack: Settings, place: AccountRole) -> Policy:
    """The same, to be asked."""
    return Policy.parse(trust_document(stack, place), name=f"trust policy of {place.role}")
