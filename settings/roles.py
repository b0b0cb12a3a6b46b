"""The roles of a stack file: what they may do, and who may enter them."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from okta_aws_federation.trust_policy import conditions_fault
from settings.documents import (
    Conditions,
    Statements,
    TrustStatements,
    document_size,
    policy_document,
)
from settings.errors import invalid
from settings.section import Section, YamlList, YamlSet
from settings.text import folded
from settings.types import (
    Day,
    Network,
    Path,
    PolicyName,
    PolicyReference,
    RoleDescription,
    SamlProviderReference,
    SessionHours,
    ShortName,
    SourceIdentityPattern,
    TagKey,
    TagValue,
    TopicArn,
    short_name,
)

Tags = Annotated[dict[TagKey, TagValue], Field(max_length=50)]

MANAGED_POLICY_SIZE = 6144
INLINE_POLICIES_SIZE = 10_240


class Trust(Section):
    """Who may assume the role, besides people of this Okta app."""

    providers: YamlList[SamlProviderReference] = ()
    """Further SAML providers of the account, by name or ARN: an old one while people move."""
    session_tags: YamlList[TagKey] = ()
    """Session tags that a provider may set, besides those that the app sends."""
    source_identities: YamlList[SourceIdentityPattern] = ()
    """Who may be named as source identity, instead of those that the app allows."""
    conditions: Conditions = Field(default_factory=dict)
    """What else an assertion must contain: operator -> key -> value or values."""
    opens: Day | None = None
    """The first day (UTC) on which people may assume the role."""
    closes: Day | None = None
    """The last day (UTC) on which people may assume the role."""
    source_ips: YamlList[Network] = ()
    """The networks from which people may assume the role."""
    statements: TrustStatements = ()
    """Further statements of the trust policy, as AWS writes them: for a service, for example."""

    @model_validator(mode="after")
    def conditions_can_be_met(self) -> Self:
        if fault := conditions_fault(self, to_camel):
            raise invalid(*fault)
        return self


class Role(Section):
    """An IAM role that people assume from Okta."""

    managed_policies: YamlList[PolicyReference] = ()
    """Policies that exist: names of AWS's own, or ARNs."""
    customer_policies: dict[PolicyName, Statements] = Field(default_factory=dict)
    """Managed policies that this stack creates: name -> statements."""
    inline_policies: dict[PolicyName, Statements] = Field(default_factory=dict)
    """Policies inside the role: name -> statements."""
    exclusive: bool = False
    """Whether policies that somebody else attaches to the role are detached."""
    boundary: PolicyReference | None = None
    """The permissions boundary: a policy's name or ARN."""
    path: Path = "/"
    """The role's path in IAM."""
    description: RoleDescription = ""
    """What the role is for."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the role, besides the stack's."""
    session_hours: SessionHours = 1
    """The longest session."""
    alarms: YamlSet[TopicArn] = ()
    """SNS topics or SQS queues, one in each region where people sign in, that get an event
    for each sign-in. The global sign-in page is in us-east-1."""
    trust: Trust = Trust()
    """Who may assume the role."""
    accounts: YamlSet[ShortName] = ()
    """The accounts that have the role; all of them, if none is named."""

    @model_validator(mode="after")
    def policies_differ(self) -> Self:
        names = [folded(short_name(policy)) for policy in self.managed_policies]
        customer = {folded(name) for name in self.customer_policies}
        if len(set(names)) != len(names) or customer & set(names):
            raise invalid("names one policy twice", "keep it once")
        return self

    @model_validator(mode="after")
    def one_alarm_in_a_region(self) -> Self:
        regions = [arn.split(":")[3] for arn in self.alarms]
        if len(set(regions)) != len(regions):
            raise invalid("has two alarms in one region", "let one topic tell the others")
        return self

    @model_validator(mode="after")
    def documents_fit(self) -> Self:
        for name, statements in self.customer_policies.items():
            if (length := document_size(policy_document(statements))) > MANAGED_POLICY_SIZE:
                raise invalid(
                    f"holds customer policy {name} of {length} characters, and AWS takes "
                    f"{MANAGED_POLICY_SIZE}",
                    "split it in two",
                )
        inline = sum(
            document_size(policy_document(statements))
            for statements in self.inline_policies.values()
        )
        if inline > INLINE_POLICIES_SIZE:
            raise invalid(
                f"holds inline policies of {inline} characters, and AWS takes "
                f"{INLINE_POLICIES_SIZE} in all",
                "make some of them customer policies",
            )
        return self
