"""The Okta app of a stack file."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from okta_aws_federation import defaults
from okta_aws_federation.group_names import DEFAULT_APP_FILTER, DEFAULT_FILTER, DEFAULT_NAME
from settings.errors import did_you_mean, invalid
from settings.expressions import expression
from settings.group_filter import group_filter
from settings.section import Section, YamlList, YamlSet
from settings.text import folded, one_line, tag_text
from settings.types import (
    IAM_NAME,
    IAM_NAME_RULE,
    Expression,
    HttpsUrl,
    Label,
    OktaId,
    PatternString,
    ProviderName,
    Region,
    SessionHours,
    SourceIdentityPattern,
    TagKey,
)


def group_name_template(value: str) -> str:
    """A template with the two placeholders alone."""
    for placeholder in re.findall(r"\$(?!\{(?:accountid|role)\})\{?\w*\}?", value):
        raise invalid(
            f"has {placeholder}, which stands for nothing", "write ${accountid} and ${role} alone"
        )
    return value


def session_tag_value(value: str) -> str:
    """An Okta expression. A text is put into quotes, without which Okta takes it too, and must be
    one that STS takes as a tag's value.

    Okta support, "How to pass static/constant value in SAML attribute statement"; STS API
    Reference, Tag: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*, at most 256 characters.
    """
    literal = re.fullmatch(r"""(["'])(.*)\1""", value)
    text = literal[2] if literal else value
    if not literal and re.search(r"[.(\"'?]", value):
        return expression(value)
    if len(text) > 256:
        raise invalid("is longer than the 256 characters of a session tag", "shorten it")
    tag_text(text)
    return value if literal else f'"{value}"'


def source_identity_value(value: str) -> str:
    """STS API Reference, AssumeRole, SourceIdentity. What an expression gives only Okta knows."""
    literal = re.fullmatch(r"""(["'])(.*)\1""", value)
    if literal and not re.fullmatch(rf"(?!aws:){IAM_NAME}{{2,64}}", literal[2], re.ASCII):
        raise invalid(
            f"is a text that STS refuses: it takes 2 to 64 {IAM_NAME_RULE}", "write user.login"
        )
    return value


GroupFilter = Annotated[
    str, Field(min_length=1, max_length=512), AfterValidator(one_line), AfterValidator(group_filter)
]
GroupNameTemplate = Annotated[
    str,
    Field(min_length=1, max_length=255),
    AfterValidator(one_line),
    AfterValidator(group_name_template),
]
AppFilter = Annotated[
    str,
    PatternString(
        r"\w+( ?, ?\w+)*", "must be names of sources with commas between", "write it as okta"
    ),
]
SessionTagValue = Annotated[
    str,
    Field(min_length=1, max_length=1024),
    AfterValidator(one_line),
    AfterValidator(session_tag_value),
]


class SourceIdentity(Section):
    """Who is behind a session, as CloudTrail shows it through every role change."""

    value: Annotated[Expression, AfterValidator(source_identity_value)]
    """Okta expression of the identity, such as user.login."""
    allow: Annotated[YamlList[SourceIdentityPattern], Field(min_length=1)]
    """What roles accept, such as *@example.com."""


class CommandLine(Section):
    """The native app through which okta-aws-cli signs people in."""

    label: Label = "AWS CLI"
    """The app's name in Okta."""


class SignOnPolicy(Section):
    """A sign-on policy of the app's own, which asks for a second factor."""

    name: Annotated[Label, Field(max_length=50)] = "AWS"
    """The policy's name in Okta."""
    reauthenticate_hours: Annotated[int, Field(ge=0, le=168)] = defaults.REAUTHENTICATE_HOURS
    """After how many hours the second factor is asked again; 0 is each time."""


class Certificate(Section):
    """The certificate that the app signs assertions with."""

    generation: Annotated[Label, Field(max_length=64)] | None = None
    """A new name here makes Okta generate a new key and sign with it."""
    years: Annotated[
        int, Field(ge=defaults.CERTIFICATE_VALID_YEARS[0], le=defaults.CERTIFICATE_VALID_YEARS[-1])
    ] = defaults.CERTIFICATE_YEARS
    """How many years a generated certificate is valid."""
    also_trusted: YamlList[Annotated[str, Field(min_length=1, max_length=128)]] = ()
    """Ids of further keys of the app that AWS accepts, while one takes over from another."""
    warn_days: Annotated[int, Field(ge=1, le=365)] = defaults.CERTIFICATE_WARN_DAYS
    """From how many days before its end each run warns."""


class App(Section):
    """Okta's "AWS Account Federation" app, and what it sends to AWS."""

    label: Label = defaults.APP_LABEL
    """The tile's name in Okta."""
    active: bool = True
    """Whether anybody may sign in. An app for emergencies is inactive until there is one."""
    provider: ProviderName = defaults.PROVIDER_NAME
    """The SAML provider's name, the same in every account."""
    additional_providers: YamlList[ProviderName] = ()
    """Names of further SAML providers that every role trusts, while one name takes over from
    another."""
    session_hours: SessionHours = 1
    """How many hours a session lasts; no longer than that of the shortest role."""
    login_url: HttpsUrl | None = None
    """Where a person lands after the sign-in; by default the partition's console."""
    environment: Annotated[Label, Field(max_length=64)] | None = None
    """Okta's awsEnvironmentType, where it doesn't follow from the partition."""
    sign_in_region: Region | None = None
    """The region whose sign-in endpoint Okta posts to, instead of the global one."""
    fallback_regions: YamlList[Region] = ()
    """Regions whose endpoints the roles accept too: IAM can't be edited in an outage."""
    join_all_roles: bool = False
    """Whether a person assigned directly keeps the roles of their groups."""
    combine_roles: bool = False
    """Whether a person of several groups has the roles of all of them. It is set by hand: "Combine
    values across groups", for the attribute samlRoles in Okta's Profile Editor."""
    user_name_template: Expression | None = None
    """Okta expression of a person's name in the app, such as String.replace(user.login, "'", ""):
    it becomes the role session name. Their login, if nothing is said."""
    session_tags: Annotated[dict[TagKey, SessionTagValue], Field(max_length=50)] = Field(
        default_factory=dict
    )
    """Session tags that the app sends: key -> Okta expression, such as user.department."""
    transitive_tags: YamlSet[TagKey] = ()
    """Keys of session tags that stay with a session when it assumes a further role."""
    source_identity: SourceIdentity | None = None
    """The source identity that the app sends."""
    command_line: CommandLine | None = None
    """A native app for okta-aws-cli, allowed to sign in through this one."""
    web_sso_allowed_client: OktaId | None = None
    """The client id of such a native app that exists already."""
    sign_on_policy: SignOnPolicy | None = None
    """A sign-on policy with a second factor, made for the app and the native app."""
    sign_on_policy_id: OktaId | None = None
    """A sign-on policy that exists already."""
    certificate: Certificate = Certificate()
    """The signing certificate."""
    app_filter: AppFilter = DEFAULT_APP_FILTER
    """Mode group-mapping: from where the groups come whose names Okta reads, such as
    active_directory, or okta, active_directory."""
    group_filter: GroupFilter = DEFAULT_FILTER
    """Mode group-mapping: the expression with which Okta reads account and role from a name."""
    group_name: GroupNameTemplate = DEFAULT_NAME
    """Mode group-mapping: how a role's group is named, with ${accountid} and ${role}."""

    @property
    def group_sources(self) -> frozenset[str]:
        """The sources of `appFilter`, in lower case; Okta's own groups are `okta`."""
        return frozenset(each.strip().lower() for each in self.app_filter.split(","))

    @property
    def has_command_line(self) -> bool:
        """Whether a native app is allowed to enter through this one."""
        return bool(self.command_line or self.web_sso_allowed_client)

    @model_validator(mode="after")
    def transitive_tags_are_sent(self) -> Self:
        for key in self.transitive_tags:
            if key not in self.session_tags:
                raise invalid(
                    f"is not among the session tags{did_you_mean(key, self.session_tags)}",
                    "add it to sessionTags, or take it out",
                    value=key,
                    at=["transitiveTags"],
                )
        return self

    @model_validator(mode="after")
    def providers_differ(self) -> Self:
        names = [name.lower() for name in (self.provider, *self.additional_providers)]
        if len(set(names)) < len(names):
            raise invalid(
                "names a SAML provider twice in provider and additionalProviders (AWS compares "
                "names without case)",
                "name it once",
            )
        return self

    @model_validator(mode="after")
    def labels_differ(self) -> Self:
        if self.command_line and folded(self.command_line.label) == folded(self.label):
            raise invalid(
                "is that of the app for AWS too, so that nobody could tell them apart",
                "choose another label",
                value=self.command_line.label,
                at=["commandLine", "label"],
            )
        return self

    @model_validator(mode="after")
    def one_client(self) -> Self:
        if self.command_line and self.web_sso_allowed_client:
            raise invalid(
                "has commandLine and webSsoAllowedClient, and Okta allows one client",
                "keep commandLine to have the client made, or webSsoAllowedClient if it exists",
            )
        return self

    @model_validator(mode="after")
    def one_sign_on_policy(self) -> Self:
        if self.sign_on_policy and self.sign_on_policy_id:
            raise invalid(
                "has signOnPolicy and signOnPolicyId, and an app has one policy",
                "keep signOnPolicy to have it made, or signOnPolicyId if it exists",
            )
        return self
