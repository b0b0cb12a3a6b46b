"""Statements of IAM policies in a stack file, in AWS's own words.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_pascal

from okta_aws_federation.partitions import UnsupportedRegion, partition_of
from okta_aws_federation.trust_check import trust_fault
from settings.conditions import VARIABLE, Scalar, can_match, has_value, variable_fault
from settings.errors import invalid
from settings.section import Section, YamlList
from settings.text import hidden
from settings.types import ConditionOperator, PatternString

ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+", re.ASCII)
ARN_PATTERN = re.compile(
    r"arn:(aws[a-z-]*|[a-z*?-]*[*?][a-z*?-]*):[a-z0-9-]+:[a-z0-9*?-]*"
    r":(aws|\d{12}|(?=[\d*?]*[*?])[\d*?]{0,12}|):\S.*",
    re.ASCII | re.DOTALL,
)
STS_ACTION = re.compile(
    r"sts:(\*|AssumeRole(\*|WithSAML|WithWebIdentity)?|SetSourceIdentity|SetContext|TagSession)",
    re.IGNORECASE,
)
IAM_RESOURCES = (
    "access-report/", "assumed-role/", "delegation-request/", "federated-user/", "group/",
    "instance-profile/", "mfa/", "oidc-provider/", "policy/", "report/", "role/", "role-template/",
    "saml-provider/", "server-certificate/", "sms-mfa/", "user/",
)  # fmt: skip
"""How the resource of an ARN of IAM begins, in the Service Authorization Reference and in AWS's own
policies."""
S3_REGIONAL = ("accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens")
SERVICE_PRINCIPAL = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
FEDERATED_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:(saml|oidc)-provider/[^\s*?]+|[a-z0-9-]+(\.[a-z0-9-]+)+"
)
AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|A[A-Z]{3}[A-Z0-9]{10,}"
    r"|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/([!-)+->@-~]*/)?[\w+=,.@-]{1,64})"
    r"|arn:aws[a-z-]*:sts::\d{12}:(assumed-role/[\w+=,.@-]{1,64}|federated-user)/[\w+=,.@-]{2,64}",
    re.ASCII,
)


def texts_of(value: Any) -> Any:
    """A text or several, as IAM takes the value of an element. An empty list stands for nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        if not value:
            raise invalid("is an empty list, so that the statement is about nothing", "add one")
        return tuple(value)
    raise invalid("must be a text or a list of texts", "write it as [one, two]")


def numbered(values: str | tuple[str, ...] | None) -> Iterator[tuple[list[int], str]]:
    """Each text of an element, with its number where there is a list of them."""
    if isinstance(values, str):
        yield [], values
    else:
        yield from (([number], value) for number, value in enumerate(values or ()))


TEXT_OR_LIST = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
Values = Annotated[str | tuple[str, ...], BeforeValidator(texts_of), WithJsonSchema(TEXT_OR_LIST)]
SCALAR = {"type": ["string", "boolean", "number"]}
ConditionValues = Annotated[
    Scalar | tuple[Scalar, ...],
    BeforeValidator(has_value),
    WithJsonSchema({"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}]}),
]
Conditions = Annotated[
    dict[ConditionOperator, Annotated[dict[str, ConditionValues], Field(min_length=1)]],
    AfterValidator(can_match),
]
Sid = Annotated[str, PatternString(r"[A-Za-z0-9]+", "must be letters and digits", "rename it")]


class StatementBase(Section):
    """What a statement of a policy and one of a trust policy have in common."""

    model_config = ConfigDict(alias_generator=to_pascal)

    sid: Sid | None = None
    """The statement's name."""
    effect: Literal["Allow", "Deny"]
    """Whether it allows or denies."""
    action: Values | None = None
    """Which actions: s3:GetObject, one or a list."""
    not_action: Values | None = None
    """All actions but these."""
    condition: Conditions | None = None
    """Under what conditions: operator -> key -> value or values."""

    @field_validator("action", "not_action")
    @classmethod
    def actions_exist_in_form(cls, values: Any) -> Any:
        for at, action in numbered(values):
            if not ACTION.fullmatch(action):
                fix = "write it as s3:GetObject, s3:* or *"
                raise invalid("is not service:Action", fix, value=action, at=at)
        return values

    @model_validator(mode="after")
    def names_its_actions(self) -> Self:
        if (self.action is None) == (self.not_action is None):
            raise invalid("must have either Action or NotAction", "write one of them")
        return self

    @property
    def document(self) -> dict[str, Any]:
        """As AWS takes it. Lists are sorted: their order means nothing and must change nothing."""
        return {
            key: canonical(value)
            for key, value in self.model_dump(by_alias=True, exclude_none=True).items()
        }


class Statement(StatementBase):
    """What a policy allows or denies, on which resources."""

    resource: Values | None = None
    """On which resources, by ARN; "*" is all."""
    not_resource: Values | None = None
    """On all resources but these."""

    @field_validator("resource", "not_resource")
    @classmethod
    def resources_are_arns(cls, values: Any) -> Any:
        for at, resource in numbered(values):
            if resource != resource.strip() or hidden(resource) or re.search(r"[\t\r\n]", resource):
                rule = f"holds {hidden(resource) or 'a line break, or a blank at an end'}"
                raise invalid(rule, "take it out: it matches nothing", value=resource, at=at)
            if fault := variable_fault(resource) or resource_fault(resource):
                raise invalid(*fault, value=resource, at=at)
            if resource != "*" and not ARN_PATTERN.fullmatch(VARIABLE.sub("*", resource)):
                raise invalid(
                    'is neither an ARN nor "*" (no wildcard stands for its service or a colon)',
                    "write it as arn:aws:s3:::reports/*",
                    value=resource,
                    at=at,
                )
        return values

    @model_validator(mode="after")
    def names_its_resources(self) -> Self:
        if (self.resource is None) == (self.not_resource is None):
            raise invalid("must have either Resource or NotResource", "write one of them")
        return self


class TrustStatement(StatementBase):
    """Who else may enter a role, beside the people of Okta."""

    principal: Annotated[dict[Literal["AWS", "Service", "Federated"], Values], Field(min_length=1)]
    """Who: {Service: account-access.amazonaws.com}."""

    @field_validator("action", "not_action")
    @classmethod
    def actions_are_of_sts(cls, values: Any) -> Any:
        for at, action in numbered(values):
            if not STS_ACTION.fullmatch(action):
                rule, fix = "is not an action of a trust policy", "write it as sts:AssumeRole"
                raise invalid(rule, fix, value=action, at=at)
        return values

    @field_validator("principal")
    @classmethod
    def principals_exist_in_form(cls, principal: Any) -> Any:
        for kind, pattern, example in (
            ("AWS", AWS_PRINCIPAL, "arn:aws:iam::123456789012:root"),
            ("Service", SERVICE_PRINCIPAL, "ec2.amazonaws.com"),
            ("Federated", FEDERATED_PRINCIPAL, "arn:aws:iam::123456789012:saml-provider/Okta"),
        ):
            for at, value in numbered(principal.get(kind)):
                if not pattern.fullmatch(value):
                    rule, fix = f"is no {kind} principal", f"write it as {example}"
                    raise invalid(rule, fix, value=value, at=[kind, *at])
        return principal

    @model_validator(mode="after")
    def lets_in_no_stranger(self) -> Self:
        if fault := trust_fault(self.document):
            raise invalid(fault.rule, fault.fix)
        return self


def resource_fault(resource: str) -> tuple[str, str] | None:
    """Why IAM refuses an ARN, or never meets its resource, and what to write; None if it does.

    Sources: IAM User Guide, "Resource" and "IAM ARNs"; IAM's messages `IAM resource path must
    either be "*" or start with user/, ...` and `Resource ... can not contain region information`.
    """
    if resource == "*" or resource.count(":") < 5:
        return None
    _, _, service, region, _, name = VARIABLE.sub("*", resource).split(":", 5)
    if service == "iam" and name not in ("*", "root") and not name.startswith(IAM_RESOURCES):
        return "is no resource of IAM", "write it as arn:aws:iam::123456789012:role/Developer"
    if region and (service == "iam" or (service == "s3" and not name.startswith(S3_REGIONAL))):
        return f"has a region, which ARNs of {service} don't have", f"take {region} out"
    try:
        if not re.search(r"[*?]", region or "*"):
            partition_of(region)
    except UnsupportedRegion as error:
        return f"matches nothing: {error}", "write a region such as us-east-1, or *"
    return None


def sids_differ(statements: tuple[StatementBase, ...]) -> tuple[StatementBase, ...]:
    """IAM refuses a policy in which two statements have one Sid."""
    seen = set()
    for number, statement in enumerate(statements):
        if statement.sid in seen:
            rule = "is the Sid of another statement of the policy"
            raise invalid(rule, "rename one", value=statement.sid, at=[number, "Sid"])
        seen |= {statement.sid} - {None}
    return statements


Statements = Annotated[YamlList[Statement], Field(min_length=1), AfterValidator(sids_differ)]
TrustStatements = Annotated[YamlList[TrustStatement], AfterValidator(sids_differ)]


def policy_document(statements: Iterable[StatementBase]) -> str:
    """A policy document, the same whatever the order of its statements."""
    documents = sorted((each.document for each in statements), key=json.dumps)
    return json.dumps({"Version": "2012-10-17", "Statement": documents}, sort_keys=True)


def document_size(document: str) -> int:
    """How long AWS finds a document: it does not count white space."""
    return len("".join(document.split()))


def canonical(value: Any) -> Any:
    """A value with sorted keys and lists: neither order means anything to IAM."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    return sorted(value) if isinstance(value, list | tuple) else value
