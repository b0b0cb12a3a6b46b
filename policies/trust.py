"""Who may enter a role through SAML.

A role's trust policy is the only thing between an identity provider's word and the role. These
rules read the statements that let SAML in, and leave all others (services, accounts, OIDC) alone.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from pulumi_policy import PolicyResource, ResourceValidationArgs, Severity

import documents
import sign_in
from documents import Statement
from findings import Finding, finding, resource_rule, strings

ROLE = "aws:iam/role:Role"

ASSUME = "sts:AssumeRoleWithSAML"
TAG = "sts:TagSession"
SAML_ACTIONS = (ASSUME, TAG, "sts:SetSourceIdentity")
"""What a sign-in can need: the role itself, tags for its session, and who is behind it."""

_PROVIDER_ARN = re.compile(r"arn:[\w-]+:iam::(\d{12}):saml-provider/[\w.-]+")


def saml_statements(role: ResourceValidationArgs | PolicyResource) -> list[Statement]:
    """A role's statements that accept assertions of a SAML provider, or of what might be one."""
    return [
        statement
        for statement in documents.allows(role.props["assumeRolePolicy"])
        if any(":saml-provider/" in principal for principal in statement.federated)
        or (statement.federated and statement.covers(ASSUME))
    ]


def federated(role: ResourceValidationArgs) -> Iterator[str]:
    """The identity providers that these statements trust."""
    return chain(*(statement.federated for statement in saml_statements(role)))


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


def _is_audience(operator: str, value: str, partition: str) -> bool:
    compared = value.lower() if operator.endswith("IgnoreCase") else value
    return sign_in.is_audience(compared, partition, pattern=operator.endswith("StringLike"))


def pinned_accounts(args: ResourceValidationArgs) -> list[str]:
    """The accounts to which the program has pinned the resource's AWS provider.

    The engine keeps a provider's inputs as strings, and lists in them as JSON.
    """
    pinned = args.provider.props.get("allowedAccountIds") if args.provider else None
    return list(json.loads(pinned) if isinstance(pinned, str) else pinned or [])


@resource_rule(Severity.CRITICAL, ROLE)
def saml_trust_has_audience(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role that trusts a SAML provider takes only assertions made for AWS."""
    for statement in filter(admits_saml, saml_statements(args)):
        conditions = statement.conditions_on("SAML:aud")
        reasons = [optional_audience(operator, values) for operator, values in conditions]
        if None in reasons:
            continue
        operator, values = conditions[0] if conditions else ("", ())
        shown = " ".join([operator, "SAML:aud", *values])
        reason = f"{shown} {reasons[0]}" if conditions else "it has no such condition"
        yield finding(
            args,
            f"statement {statement.label}",
            f"IAM role '{args.name}' must require an audience with StringEquals SAML:aud in "
            f"statement {statement.label} of its trust policy: {reason}.",
        )


@resource_rule(Severity.HIGH, ROLE)
def saml_audience_matches_partition(args: ResourceValidationArgs) -> Iterator[Finding]:
    """The audience that a role asks for is a sign-in endpoint of its own partition."""
    # The partition is that of the providers. All conditions have to be met, so a statement with
    # one that requires endpoints of AWS is fine.
    for statement in filter(admits_saml, saml_statements(args)):
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
        if [] in foreign:
            continue
        for audience, partition in chain(*foreign):
            yield finding(
                args,
                audience,
                f"IAM role '{args.name}' must ask for a sign-in endpoint of partition {partition}"
                f"{sign_in.hint(partition)}, not for {audience}.",
            )


@resource_rule(Severity.MEDIUM, ROLE)
def saml_trust_action_only(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A SAML trust allows the actions of a sign-in and no others."""
    for action in chain(*(each.action_patterns for each in saml_statements(args))):
        if action.lower() not in {each.lower() for each in SAML_ACTIONS}:
            yield finding(
                args,
                action,
                f"IAM role '{args.name}' must let SAML do {documents.join_words(SAML_ACTIONS)} at "
                f"most, not {action}.",
            )


@resource_rule(Severity.CRITICAL, ROLE)
def no_wildcard_in_federated_principal(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role names each SAML provider that it trusts."""
    for principal in filter(is_wildcard, federated(args)):
        yield finding(
            args,
            principal,
            f"IAM role '{args.name}' must name the SAML provider that it trusts, not {principal}.",
        )


@resource_rule(
    Severity.HIGH,
    ROLE,
    providers=strings("ARNs of SAML providers that roles may trust.", f"^{_PROVIDER_ARN.pattern}$"),
    accounts=strings(
        "Accounts whose SAML providers roles may trust, beside the account "
        "that the AWS provider is pinned to.",
        "^\\d{12}$",
    ),
)
def saml_trust_principal_is_known_provider(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role trusts SAML providers of its own account, or listed ones."""
    config = args.get_config()
    providers = config.get("providers", ())
    accounts = (*config.get("accounts", ()), *pinned_accounts(args))
    for principal in federated(args):
        arn = _PROVIDER_ARN.fullmatch(principal)
        known = principal in providers or (arn[1] if arn else None) in accounts
        if not known and not is_wildcard(principal):
            yield finding(
                args,
                principal,
                f"IAM role '{args.name}' must trust a SAML provider of its own account, not "
                f"{principal}: pin the AWS provider to the account (allowedAccountIds), or list "
                "one of them in the rule's accounts or providers.",
            )


@resource_rule(Severity.HIGH, ROLE)
def tag_session_needs_tag_key_allow_list(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role that takes session tags from a SAML provider lists their names."""
    # Session tags decide in policies that compare them. Only ForAllValues on aws:TagKeys limits
    # all of them: aws:RequestTag/x says something about x alone.
    for statement in saml_statements(args):
        if statement.covers(TAG) and not any(
            operator in ("ForAllValues:StringEquals", "ForAllValues:StringLike")
            and all(value.strip("*?") for value in values)
            for operator, values in statement.conditions_on("aws:TagKeys")
        ):
            yield finding(
                args,
                f"statement {statement.label}",
                f"IAM role '{args.name}' must list the session tags that it takes: add "
                f"ForAllValues:StringEquals aws:TagKeys to statement {statement.label} of its "
                "trust policy.",
            )
