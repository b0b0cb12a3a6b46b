"""The trust policy of a role as a stack file writes it: section `trust`.

What the program itself would write is left out; other statements are kept in AWS's own words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from access.trusts import statements_of
from okta_aws_federation.trust_check import SIGN_IN_ACTION
from okta_aws_federation.trust_policy import as_list, scalar_or_list

AUDIENCE = "saml:aud"


def signs_in(statement: Mapping[str, Any], provider_arn: str) -> bool:
    """Whether a statement lets people of the SAML provider sign in."""
    principal = statement.get("Principal")
    federated = principal.get("Federated", ()) if isinstance(principal, Mapping) else ()
    return (
        statement.get("Effect") == "Allow"
        and SIGN_IN_ACTION.lower()
        in {each.lower() for each in as_list(statement.get("Action", ()))}
        and provider_arn.lower() in {each.lower() for each in as_list(federated)}
    )


def audiences_of(document: Mapping[str, Any], provider_arn: str) -> set[str]:
    """The sign-in endpoints that a role accepts assertions for."""
    return {
        value
        for statement in statements_of(document)
        if signs_in(statement, provider_arn)
        for keys in statement.get("Condition", {}).values()
        for key, values in keys.items()
        if key.lower() == AUDIENCE
        for value in as_list(values)
    }


def source_identities_of(document: Mapping[str, Any]) -> set[str]:
    """Patterns of the source identities that a role accepts."""
    return {
        value
        for statement in statements_of(document)
        if statement.get("Action") == "sts:SetSourceIdentity"
        for value in _only(statement, "StringLike", "sts:SourceIdentity")
    }


def trust_section(
    document: Mapping[str, Any],
    provider_arn: str,
    sent_tags: Sequence[str],
    allowed_identities: Sequence[str],
) -> dict[str, Any]:
    """Section `trust` of a role. `sent_tags`, `allowed_identities`: what the app says already."""
    section: dict[str, Any] = {}
    rest, main = [], None
    for statement in statements_of(document):
        if main is None and signs_in(statement, provider_arn):
            main = statement
            section |= _sign_in(statement, provider_arn)
            others = [
                a for a in as_list(statement["Action"]) if a.lower() != SIGN_IN_ACTION.lower()
            ]
            if others:
                without_sid = {key: each for key, each in statement.items() if key != "Sid"}
                rest.append(without_sid | {"Action": scalar_or_list(others)})
            continue
        same = main is not None and statement.get("Principal") == main["Principal"]
        tags = _only(statement, "ForAllValues:StringEquals", "aws:TagKeys")
        if same and statement.get("Action") == "sts:TagSession" and tags:
            section["sessionTags"] = sorted(set(tags) - set(sent_tags))
        elif (
            same
            and statement.get("Action") == "sts:SetSourceIdentity"
            and (identities := _only(statement, "StringLike", "sts:SourceIdentity"))
        ):
            if sorted(identities) != sorted(allowed_identities):
                section["sourceIdentities"] = sorted(identities)
        else:
            rest.append(_with_named_principal(statement))
    return {key: value for key, value in (section | {"statements": rest}).items() if value}


def _sign_in(statement: Mapping[str, Any], provider_arn: str) -> dict[str, Any]:
    """What the statement of the sign-in asks besides the provider and the audience."""
    federated = as_list(statement["Principal"]["Federated"])
    others = [arn for arn in federated if arn.lower() != provider_arn.lower()]
    account = provider_arn.rpartition("/")[0]
    conditions = {
        operator: {key: value for key, value in keys.items() if key.lower() != AUDIENCE}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return {
        "providers": [arn.removeprefix(f"{account}/") for arn in others],
        "conditions": {operator: keys for operator, keys in conditions.items() if keys},
    }


def _only(statement: Mapping[str, Any], operator: str, key: str) -> list[str]:
    """The values of the one condition that a statement has; none, if it has another."""
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping) or list(condition) != [operator]:
        return []
    keys = condition[operator]
    return [*as_list(keys[key])] if list(keys) == [key] else []


def _with_named_principal(statement: Mapping[str, Any]) -> dict[str, Any]:
    """`"*"` as `{"AWS": "*"}`, which means the same: IAM User Guide, "Principal"."""
    everybody = statement.get("Principal") == "*"
    return {**statement, **({"Principal": {"AWS": "*"}} if everybody else {})}
