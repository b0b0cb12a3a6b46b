"""Statements of IAM policies in a stack file, in AWS's own words.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal

from okta_aws_federation.trust_check import audience_fault, open_principal_fault
from settings.errors import invalid
from settings.section import Section, YamlList
from settings.types import ConditionOperator, PatternString

Values = str | YamlList[str]
ConditionValues = str | bool | int | YamlList[str]
Conditions = dict[ConditionOperator, Annotated[dict[str, ConditionValues], Field(min_length=1)]]
Sid = Annotated[str, PatternString(r"[A-Za-z0-9]+", "must be letters and digits", "rename it")]


class StatementBase(Section):
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

    @model_validator(mode="after")
    def names_its_resources(self) -> Self:
        if (self.resource is None) == (self.not_resource is None):
            raise invalid("must have either Resource or NotResource", "write one of them")
        return self


class TrustStatement(StatementBase):
    """Who else may enter a role, beside the people of Okta."""

    principal: Annotated[
        dict[Literal["AWS", "Service", "Federated", "CanonicalUser"], Values], Field(min_length=1)
    ]
    """Who: {Service: account-access.amazonaws.com}."""

    @model_validator(mode="after")
    def lets_in_no_stranger(self) -> Self:
        fault = audience_fault(self.document) or open_principal_fault(self.document)
        if fault:
            raise invalid(fault.rule, fault.fix)
        return self


def policy_document(statements: Iterable[StatementBase]) -> str:
    """A policy document, the same whatever the order of its statements."""
    documents = sorted((each.document for each in statements), key=json.dumps)
    return json.dumps({"Version": "2012-10-17", "Statement": documents}, sort_keys=True)


def document_size(document: str) -> int:
    """How long AWS finds a document: it does not count white space."""
    return len("".join(document.split()))


def as_list(values: Values) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else values


def canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    return sorted(value) if isinstance(value, list | tuple) else value
