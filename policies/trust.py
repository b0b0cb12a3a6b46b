"""Who may enter a role through SAML.

A role's trust policy is the only thing between an identity provider's word and the role. These
rules read the statements that let SAML in, and leave all others (services, accounts, OIDC) alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import (
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

import documents
import sign_in
from documents import Statement
from findings import configurable, of, report_open

ROLE = "aws:iam/role:Role"

ASSUME = "sts:AssumeRoleWithSAML"
AUDIENCE = "SAML:aud"

Document = str | Mapping[str, Any]


def saml_statements(trust: Document) -> list[Statement]:
    """The statements that let somebody in on the word of a SAML provider."""
    return [
        statement
        for statement in documents.allows(trust)
        if any(":saml-provider/" in principal for principal in statement.federated)
        or (statement.federated and statement.covers(ASSUME))
    ]


def audiences(statement: Statement) -> list[tuple[str, str]]:
    """Operator and value of each audience that the statement insists on.

    Only a plain equality insists: StringNotEquals names who is kept out, and an ...IfExists or a
    ForAllValues is content with no audience at all.
    """
    return [
        (operator, value)
        for operator, values in statement.asked_of(AUDIENCE)
        if operator in ("StringEquals", "StringLike")
        for value in values
        if operator == "StringEquals" or value.strip("*?")
    ]


def without_audience(trust: Document) -> list[Statement]:
    """Statements that would take an assertion made for any other service of the same provider."""
    return [s for s in saml_statements(trust) if s.covers(ASSUME) and not audiences(s)]


def foreign_audiences(trust: Document) -> Iterator[tuple[str, str]]:
    """Audience and partition, where the audience is not a sign-in endpoint of the partition.

    The partition is that of the providers that the statement trusts.
    """
    for statement in saml_statements(trust):
        for partition in sorted({arn.split(":")[1] for arn in statement.federated if ":" in arn}):
            for operator, value in audiences(statement):
                pattern = operator == "StringLike"
                if not sign_in.is_audience(value, partition, pattern=pattern):
                    yield value, partition


def check_audience(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != ROLE:
        return
    found = [
        of(
            args,
            f"statement {statement.label}",
            f"IAM role '{args.name}' must ask for an audience: add StringEquals {AUDIENCE} "
            f"to statement {statement.label} of its trust policy.",
        )
        for statement in without_audience(args.props["assumeRolePolicy"])
    ]
    report_open(found, args.get_config(), report)


def check_partition(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != ROLE:
        return
    found = [
        of(
            args,
            audience,
            f"IAM role '{args.name}' must ask for a sign-in endpoint of partition {partition}"
            f"{sign_in.hint(partition)}, not for {audience}.",
        )
        for audience, partition in foreign_audiences(args.props["assumeRolePolicy"])
    ]
    report_open(found, args.get_config(), report)


saml_trust_has_audience = ResourceValidationPolicy(
    name="saml-trust-has-audience",
    description="A role that trusts a SAML provider takes only assertions made for AWS.",
    validate=check_audience,
    config_schema=configurable(),
    severity=Severity.CRITICAL,
)

saml_audience_matches_partition = ResourceValidationPolicy(
    name="saml-audience-matches-partition",
    description="The audience that a role asks for is a sign-in endpoint of its own partition.",
    validate=check_partition,
    config_schema=configurable(),
    severity=Severity.HIGH,
)
