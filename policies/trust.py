"""Who may enter a role through SAML.

A role's trust policy is the only thing between an identity provider's word and the role. These
rules read the statements that let SAML in, and leave all others (services, accounts, OIDC) alone.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import ResourceValidationArgs, ResourceValidationPolicy, Severity

import documents
import sign_in
from documents import Statement
from findings import Finding, as_validator, finding, rule_config

ROLE = "aws:iam/role:Role"

ASSUME = "sts:AssumeRoleWithSAML"
TAG = "sts:TagSession"
SAML_ACTIONS = (ASSUME, TAG, "sts:SetSourceIdentity")
"""What a sign-in can need: the role itself, tags for its session, and who is behind it."""

_PROVIDER_ARN = re.compile(r"arn:[\w-]+:iam::(\d{12}):saml-provider/[\w.-]+")

Document = str | Mapping[str, Any]


def saml_statements(trust: Document) -> list[Statement]:
    """The statements that accept assertions of a SAML provider, or of what might be one."""
    return [
        statement
        for statement in documents.allows(trust)
        if any(":saml-provider/" in principal for principal in statement.federated)
        or (statement.federated and statement.covers(ASSUME))
    ]


def admits_saml(statement: Statement) -> bool:
    """Whether a SAML provider's people assume the role by this statement; OIDC's never do."""
    return statement.covers(ASSUME) and any(
        ":saml-provider/" in arn or is_wildcard(arn) for arn in statement.federated
    )


def is_wildcard(principal: str) -> bool:
    """Whether a principal stands for more than one identity provider."""
    return "*" in principal or "?" in principal


def optional_audience(operator: str, values: Sequence[str]) -> str | None:
    """Why a condition on SAML:aud does not require any audience in particular, or None.

    A condition key that is missing makes a condition false, but not with ...IfExists, ForAllValues
    or a negated operator.
    """
    name = operator.removeprefix("ForAnyValue:")
    if operator.startswith("ForAllValues:") or operator.endswith("IfExists"):
        return "is also met without any SAML:aud"
    if "Not" in name:
        return "accepts all audiences but those it names"
    if name not in ("StringEquals", "StringEqualsIgnoreCase", "StringLike"):
        return "does not say which audience is accepted"
    if not values:
        return "has no value"
    if name == "StringLike" and not all(value.strip("*?") for value in values):
        return "matches every audience"
    return None


def without_audience(trust: Document) -> Iterator[tuple[Statement, str]]:
    """Statements that accept an assertion made for any other service of the provider, and why."""
    for statement in saml_statements(trust):
        conditions = statement.conditions_on("SAML:aud")
        if not admits_saml(statement):
            continue
        reasons = [optional_audience(operator, values) for operator, values in conditions]
        if None not in reasons:
            operator, values = conditions[0] if conditions else ("", ())
            shown = " ".join([operator, "SAML:aud", *values])
            yield statement, f"{shown} {reasons[0]}" if conditions else "it has no such condition"


def foreign_audiences(trust: Document) -> Iterator[tuple[str, str]]:
    """Audience and partition, where the audience is not a sign-in endpoint of the partition.

    The partition is that of the providers that the statement trusts. All conditions have to be met,
    so a statement with one that requires endpoints of AWS is fine.
    """
    for statement in filter(admits_saml, saml_statements(trust)):
        partitions = sorted({arn.split(":")[1] for arn in statement.federated if ":" in arn})
        foreign = [
            [
                (value, partition)
                for partition in partitions
                for value in values
                if not _is_audience(operator, value, partition)
            ]
            for operator, values in statement.conditions_on("SAML:aud")
            if optional_audience(operator, values) is None
        ]
        if [] not in foreign:
            yield from (each for several in foreign for each in several)


def _is_audience(operator: str, value: str, partition: str) -> bool:
    compared = value.lower() if operator.endswith("IgnoreCase") else value
    return sign_in.is_audience(compared, partition, pattern=operator.endswith("StringLike"))


def other_actions(trust: Document) -> list[str]:
    """What a SAML statement allows beside the three actions of a sign-in."""
    needed = {action.lower() for action in SAML_ACTIONS}
    return [
        pattern
        for statement in saml_statements(trust)
        for pattern in (*statement.actions, *(f"NotAction {a}" for a in statement.not_actions))
        if pattern.lower() not in needed
    ]


def wildcard_principals(trust: Document) -> list[str]:
    """Principals that stand for more than one identity provider."""
    return [
        principal
        for statement in saml_statements(trust)
        for principal in statement.federated
        if is_wildcard(principal)
    ]


def unknown_providers(
    trust: Document, providers: Collection[str], accounts: Collection[str]
) -> list[str]:
    """Trusted SAML providers that are neither listed nor in one of the accounts.

    A wildcard is no provider: wildcard_principals speaks of it.
    """
    wildcards = wildcard_principals(trust)
    return [
        principal
        for statement in saml_statements(trust)
        for principal in statement.federated
        if principal not in providers
        and principal not in wildcards
        and _account_of(principal) not in accounts
    ]


def tagging_freely(trust: Document) -> list[Statement]:
    """Statements that let the identity provider set session tags of any name.

    Session tags decide in policies that compare them, so their names must be agreed on. Only
    ForAllValues on aws:TagKeys limits all of them: aws:RequestTag/x says something about x alone.
    """
    return [
        statement
        for statement in saml_statements(trust)
        if statement.covers(TAG)
        and not any(
            operator in ("ForAllValues:StringEquals", "ForAllValues:StringLike")
            and all(value.strip("*?") for value in values)
            for operator, values in statement.conditions_on("aws:TagKeys")
        )
    ]


def pinned_accounts(args: ResourceValidationArgs) -> list[str]:
    """The accounts to which the program has pinned the resource's AWS provider.

    The engine keeps a provider's inputs as strings, and lists in them as JSON.
    """
    pinned = args.provider.props.get("allowedAccountIds") if args.provider else None
    return list(json.loads(pinned) if isinstance(pinned, str) else pinned or [])


def _account_of(arn: str) -> str | None:
    provider = _PROVIDER_ARN.fullmatch(arn)
    return provider[1] if provider else None


def find_no_audience(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for statement, reason in without_audience(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            f"statement {statement.label}",
            f"IAM role '{args.name}' must require an audience with StringEquals SAML:aud in "
            f"statement {statement.label} of its trust policy: {reason}.",
        )


def find_foreign_audience(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for audience, partition in foreign_audiences(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            audience,
            f"IAM role '{args.name}' must ask for a sign-in endpoint of partition {partition}"
            f"{sign_in.hint(partition)}, not for {audience}.",
        )


def find_other_action(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for action in other_actions(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            action,
            f"IAM role '{args.name}' must let SAML do {documents.join_words(SAML_ACTIONS)} at "
            f"most, not {action}.",
        )


def find_wildcard_principal(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for principal in wildcard_principals(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            principal,
            f"IAM role '{args.name}' must name the SAML provider that it trusts, not {principal}.",
        )


def find_unknown_provider(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    config = args.get_config()
    providers = config.get("providers", ())
    accounts = (*config.get("accounts", ()), *pinned_accounts(args))
    for principal in unknown_providers(args.props["assumeRolePolicy"], providers, accounts):
        yield finding(
            args,
            principal,
            f"IAM role '{args.name}' must trust a SAML provider of its own account, not "
            f"{principal}: pin the AWS provider to the account (allowedAccountIds), or list one "
            "of them in the rule's accounts or providers.",
        )


def find_free_tagging(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for statement in tagging_freely(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            f"statement {statement.label}",
            f"IAM role '{args.name}' must list the session tags that it takes: add "
            f"ForAllValues:StringEquals aws:TagKeys to statement {statement.label} of its trust "
            "policy.",
        )


saml_trust_has_audience = ResourceValidationPolicy(
    name="saml-trust-has-audience",
    description="A role that trusts a SAML provider takes only assertions made for AWS.",
    validate=as_validator(find_no_audience),
    config_schema=rule_config(),
    severity=Severity.CRITICAL,
)

saml_audience_matches_partition = ResourceValidationPolicy(
    name="saml-audience-matches-partition",
    description="The audience that a role asks for is a sign-in endpoint of its own partition.",
    validate=as_validator(find_foreign_audience),
    config_schema=rule_config(),
    severity=Severity.HIGH,
)

saml_trust_action_only = ResourceValidationPolicy(
    name="saml-trust-action-only",
    description="A SAML trust allows the actions of a sign-in and no others.",
    validate=as_validator(find_other_action),
    config_schema=rule_config(),
    severity=Severity.MEDIUM,
)

saml_trust_principal_is_known_provider = ResourceValidationPolicy(
    name="saml-trust-principal-is-known-provider",
    description="A role trusts SAML providers of its own account, or listed ones.",
    validate=as_validator(find_unknown_provider),
    config_schema=rule_config(
        providers={
            "description": "ARNs of SAML providers that roles may trust.",
            "type": "array",
            "items": {"type": "string", "pattern": f"^{_PROVIDER_ARN.pattern}$"},
        },
        accounts={
            "description": "Accounts whose SAML providers roles may trust, beside the account "
            "that the AWS provider is pinned to.",
            "type": "array",
            "items": {"type": "string", "pattern": "^\\d{12}$"},
        },
    ),
    severity=Severity.HIGH,
)

no_wildcard_in_federated_principal = ResourceValidationPolicy(
    name="no-wildcard-in-federated-principal",
    description="A role names each SAML provider that it trusts.",
    validate=as_validator(find_wildcard_principal),
    config_schema=rule_config(),
    severity=Severity.CRITICAL,
)

tag_session_needs_tag_key_allow_list = ResourceValidationPolicy(
    name="tag-session-needs-tag-key-allow-list",
    description="A role that takes session tags from a SAML provider lists their names.",
    validate=as_validator(find_free_tagging),
    config_schema=rule_config(),
    severity=Severity.HIGH,
)
