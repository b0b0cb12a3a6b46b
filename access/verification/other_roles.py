"""Roles of an account that the stack file does not know, and that its people could enter.

A role chain may begin in another account of the stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from access.model import AccessModel
from access.trusts import statements_of
from access.verification.aws_state import AccountState
from access.verification.drift import UNMANAGED, Drift
from okta_aws_federation.trust_check import open_principal_fault
from okta_aws_federation.trust_policy import as_list


def deviations(model: AccessModel, account: str, state: AccountState) -> Iterator[Drift]:
    """Roles that the same people could enter, and that the stack file does not know: by the SAML
    provider, or by a role chain, for which a trust policy that names the first role is enough."""
    stack = model.stack
    everywhere = stack.account_roles.values()
    own = {stack.role_arn(each).lower() for each in everywhere}
    sessions = tuple(
        f":sts::{stack.accounts[each.account].id}:assumed-role/{each.role.lower()}/"
        for each in everywhere
    )
    ours = {each.role for each in stack.roles_in_account(account)}
    provider = stack.accounts[account].saml_provider_arn(stack.app.provider)
    for name in sorted(state.roles.keys() - ours):
        where = f"role {name} in {stack.accounts[account].id}"
        trust = state.roles[name].trust
        for arn in sorted(principals(trust, "AWS")):
            if arn in own or any(each in arn for each in sessions):
                message = "no other role that trusts a role of the stack"
                yield Drift("AWS", where, "trust policy", message, f"it trusting {arn}", UNMANAGED)
        if any(map(open_principal_fault, statements_of(trust))):
            message = "no role that every AWS account can assume"
            yield Drift("AWS", where, "trust policy", message, "it trusting everybody", UNMANAGED)
        if {provider.lower(), "*"} & principals(trust, "Federated"):
            message = f"no other role that trusts {provider}"
            yield Drift("AWS", where, "trust policy", message, "it trusting that", UNMANAGED)


def principals(trust: Mapping[str, Any], kind: str) -> set[str]:
    """The principals of a kind, in lower case, that a trust policy lets in; "*" is everybody."""
    result = set[str]()
    for statement in statements_of(trust):
        principal = statement.get("Principal", {})
        if statement.get("Effect") != "Allow":
            continue
        named = principal.get(kind, ()) if isinstance(principal, Mapping) else principal
        result |= {each.lower() for each in as_list(named)}
    return result
