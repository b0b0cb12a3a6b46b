"""Whether AWS takes a person's assertion for a role: the trust policy, and what STS takes at all.

Source: STS API Reference, AssumeRoleWithSAML and Tag; IAM User Guide, "Pass session tags in AWS
STS".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from access import request_context
from access.request_context import KnownContext, session_name
from access.uncertainty import Bound, DecisionRange, approximate, decision_range, join
from okta_aws_federation.iam.evaluator import Decision, Policy, Principal, Request, evaluate_trust
from okta_aws_federation.iam.matching import ContextValue
from settings import AccountRole, Settings
from settings.checks.people import SESSION_NAME

_TAG_CHARACTERS, _LONGEST_TAG_VALUE = "_.:/=+-@", 256


def sign_in(
    stack: Settings,
    trust: Policy,
    login: str | None,
    account_role: AccountRole,
    context: Mapping[str, ContextValue],
) -> DecisionRange:
    """Each thing that the app sends needs its action in the trust: tags, a source identity."""
    if refusal := refused_name(stack, login) or refused_tag(stack, login):
        return DecisionRange.certain(Decision("implicitDeny", refusal, "trust", None))
    actions = ["sts:AssumeRoleWithSAML"]
    actions += ["sts:TagSession"] if stack.app.session_tags else []
    actions += ["sts:SetSourceIdentity"] if stack.app.source_identity else []
    facts = request_context.assertion(stack, login, account_role).with_values(context)
    with_all, with_fewest = (
        # The least certain action says how it stands.
        min(
            (_decide(stack, trust, account_role, action, each) for action in actions),
            key=lambda bounds: (bounds.possible, bounds.allowed),
        )
        for each in (facts, request_context.without_unknown_tags(facts))
    )
    return join(with_all, with_fewest)


def _decide(
    stack: Settings, trust: Policy, account_role: AccountRole, action: str, facts: KnownContext
) -> DecisionRange:
    account = stack.accounts[account_role.account]
    provider = Principal.federated(account.saml_provider_arn(stack.app.provider))
    request = Request(action, stack.role_arn(account_role), provider, facts.known, account.id)

    def decide(bound: Bound, unknown: frozenset[str]) -> Decision:
        return evaluate_trust(request, approximate(trust, unknown, bound))

    return decision_range(decide, *facts.open_keys((trust,), action))


def refused_name(stack: Settings, login: str | None) -> str | None:
    """Why STS refuses the person's session name; None if it does not, or only Okta knows it."""
    name = session_name(stack, login)
    if name is None or SESSION_NAME.fullmatch(name):
        return None
    return f"STS refuses the session name {name!r}"


def refused_tag(stack: Settings, login: str | None) -> str | None:
    """Why STS refuses a sign-in with the person's session tags; None if it does not."""
    for key, value in request_context.tags(stack, login).items():
        if value is not None and not tag_value_is_valid(value):
            return f"STS refuses the session tag {key} = {value!r}"
    return None


def tag_value_is_valid(value: str) -> bool:
    r"""Whether STS takes it: `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, at most 256 characters."""
    return len(value) <= _LONGEST_TAG_VALUE and all(
        character in _TAG_CHARACTERS or unicodedata.category(character)[0] in "LZN"
        for character in value
    )
