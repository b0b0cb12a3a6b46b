"""Okta's "AWS Account Federation" app, and the SAML provider that makes an AWS account trust it.

The app's settings want the provider's ARN and the provider wants the app's metadata. The circle is
opened by composing the ARN from partition, account and name; AWS's answer is compared with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws.iam import SamlProvider
from pulumi_okta.app import Saml, SamlAttributeStatementArgs

from okta_aws_federation import defaults, okta_app
from okta_aws_federation.group_names import DEFAULT_APP_FILTER
from okta_aws_federation.partitions import Partition, partition_named
from okta_aws_federation.resource_names import child_name, former_child_name

from . import certificates
from .certificates import Certificate
from .command_line import CommandLineApp, command_line_client
from .errors import InvalidArgs, require_account, require_range
from .group_mapping import GroupMapping
from .saml_identity_provider import create_saml_providers, provider_rename_guard, verified_arn
from .sign_on import SignOnPolicy, sign_on_policy_id

ATTRIBUTE_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"


@dataclass(frozen=True, kw_only=True)
class OktaAwsAppArgs:
    """The app, and the AWS account of the component's `aws` provider. Raises InvalidArgs."""

    account_id: str
    """The 12 digits of the AWS account in which the SAML provider is created."""

    partition: str = "aws"
    """The account's partition: the second field of its ARNs."""

    creates_saml_provider: bool = True
    """Whether the SAML provider is created here, or in another stack: a `SamlIdentityProvider`."""

    account_name: str = "main"
    """A short name of the account. It becomes part of a child's name."""

    label: str = defaults.APP_LABEL
    """The tile's name in Okta."""

    provider_name: str = defaults.PROVIDER_NAME
    """The SAML provider's name: the same in every account, or Okta opens none but one."""

    additional_provider_names: Sequence[str] = ()
    """Names of further SAML providers of the same metadata, while one name takes over."""

    active: bool = True
    """Whether anybody may sign in to AWS. It has to be true at first: Okta gives no metadata of an
    app that was never active."""

    session_hours: int = 1
    """How long a console session lasts: 1 to 12, and no longer than the shortest role allows."""

    login_url: str | None = None
    """Where a person lands after the sign-in; None: the console of the partition."""

    environment: str | None = None
    """Okta's `awsEnvironmentType`; None: that of the partition."""

    sign_in_url: str | None = None
    """AWS's endpoint to which Okta posts assertions; None: the partition's own."""

    join_all_roles: bool = False
    """Whether a person who is assigned directly keeps the roles of their groups."""

    group_mapping: GroupMapping | None = None
    """Roles from the names of groups, in any number of accounts; None: from assignments, in one."""

    user_name_template: str | None = None
    """Okta expression of a person's name in the app, the role session name; None: the login."""

    session_tags: Mapping[str, str] = field(default_factory=dict)
    """Session tags that the app sends: key -> Okta expression."""

    transitive_tags: Sequence[str] = ()
    """Keys of session tags that stay with a session when it assumes a further role."""

    source_identity: str | None = None
    """Okta expression of the source identity that the app sends."""

    command_line: CommandLineApp | Input[str] | None = None
    """The native app for okta-aws-cli: one to be created, or the client id of one that exists."""

    sign_on_policy: SignOnPolicy | Input[str] | None = None
    """The sign-on policy, of the native app too: one to be created, or the id of one that exists;
    None: the org's default."""

    certificate: Certificate = field(default_factory=Certificate)
    """The signing certificate's generation, and what AWS accepts besides."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the SAML provider."""

    def __post_init__(self) -> None:
        require_range("session_hours", self.session_hours, defaults.SESSION_HOURS)
        require_account(self.account_id, self.partition)
        if unsent := sorted(set(self.transitive_tags) - set(self.session_tags)):
            raise InvalidArgs(f"transitive_tags must be keys of session_tags, not {unsent[0]!r}")

    @property
    def aws_partition(self) -> Partition:
        """Sign-in pages and names of the account's partition."""
        return partition_named(self.partition)


class OktaAwsApp(ComponentResource):
    """Okta's app `amazon_aws` with its certificate and policy, and the SAML provider in AWS.

    Its options take an `okta` and an `aws` provider. Roles refer to it (`FederatedRoleArgs.app`),
    and so do the SAML providers of further accounts (`SamlIdentityProvider`).
    """

    app_id: Output[str]
    """Okta's id of the app; groups are assigned to it."""
    sign_in_url: Output[str]
    """The tile's link: it starts a sign-in at Okta and ends in AWS."""
    metadata: Output[str]
    """The identity-provider metadata, XML: what a SAML provider is created from."""
    certificate_expires: Output[str]
    """When the certificate that Okta signs with now runs out (RFC 3339)."""
    saml_provider_arn: Output[str]
    """ARN of the SAML provider, as AWS answered; without one of its own, as composed here."""
    expected_provider_arn: str
    """The same as composed here: known in a preview, where AWS has not answered yet."""
    audiences: Sequence[str]
    """The sign-in endpoints that an assertion of the app is addressed to: `SAML:aud`."""
    saml_providers: Sequence[SamlProvider]
    """The SAML provider, then the additional ones, for what has to wait until they are there."""
    expected_provider_arns: Sequence[str]
    """The ARNs of them all, as composed here: what a role trusts."""
    command_line_app_id: Output[str] | None
    """Okta's id of the native app that was created; its client id too."""

    def __init__(
        self, name: str, args: OktaAwsAppArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:OktaAwsApp", name, None, opts)
        partition = args.aws_partition
        names = [args.provider_name, *sorted(args.additional_provider_names)]
        self.expected_provider_arns = [
            partition.saml_provider_arn(args.account_id, each) for each in names
        ]
        self.expected_provider_arn = self.expected_provider_arns[0]
        acs_url = args.sign_in_url or partition.acs_url()
        self.audiences = sorted({partition.sign_in_url, acs_url or partition.sign_in_url})
        guard = provider_rename_guard(name, args.provider_name, self)
        app_options = ResourceOptions(parent=self, depends_on=guard)
        policy_id = sign_on_policy_id(name, args.sign_on_policy, app_options)
        client, self.command_line_app_id = command_line_client(
            name, args.command_line, policy_id, ResourceOptions(parent=self)
        )
        settings = self._settings(args, acs_url, client)
        app = saml_app(name, args, settings, policy_id, app_options)
        self.app_id = app.id
        self.sign_in_url = app.embed_url
        current = certificates.current_metadata(app, active=args.active, parent=self)
        further_keys = args.certificate.additional_key_ids
        self.metadata = certificates.trusted_metadata(app, current, further_keys)
        self.saml_providers = create_saml_providers(
            (child_name(name, args.account_name), former_child_name(name, args.account_name)),
            names if args.creates_saml_provider else [],
            self.metadata,
            args.tags,
            self,
        )
        self.saml_provider_arn = verified_arn(self.saml_providers, self.expected_provider_arn)
        self.certificate_expires = certificates.expires(app, current, self.saml_providers)
        certificates.warn_on_expiry(self, self.certificate_expires, args.certificate)
        self.register_outputs(
            {
                "appId": self.app_id,
                "signInUrl": self.sign_in_url,
                "metadata": self.metadata,
                "certificateExpires": self.certificate_expires,
                "samlProviderArn": self.saml_provider_arn,
                "expectedProviderArn": self.expected_provider_arn,
                "expectedProviderArns": self.expected_provider_arns,
                "audiences": self.audiences,
                "commandLineAppId": self.command_line_app_id,
            }
        )

    def _settings(
        self, args: OktaAwsAppArgs, acs_url: str | None, client: Input[str] | None
    ) -> Output[str]:
        mapping = args.group_mapping
        settings = okta_app.app_settings(
            provider_arn=self.expected_provider_arn,
            environment=args.environment or args.aws_partition.okta_environment,
            login_url=args.login_url or args.aws_partition.console,
            session_hours=args.session_hours,
            acs_url=acs_url,
            join_all_roles=args.join_all_roles,
            group_filter=mapping.group_filter if mapping else None,
            role_path=mapping.role_path if mapping else "/",
            app_filter=mapping.app_filter if mapping else DEFAULT_APP_FILTER,
            allowed_client=client,
        )
        return Output.json_dumps(settings, sort_keys=True)


def saml_app(
    name: str,
    args: OktaAwsAppArgs,
    settings: Output[str],
    policy_id: Input[str] | None,
    child: ResourceOptions,
) -> Saml:
    """The app in Okta, which has its own `honorForceAuthn` whatever a catalogue app is sent."""
    expressions = okta_app.attribute_expressions(
        args.session_tags, args.source_identity, args.transitive_tags
    )
    return Saml(
        f"{name}-app",
        label=args.label,
        preconfigured_app="amazon_aws",
        status=None if args.active else "INACTIVE",
        app_settings_json=settings,
        user_name_template=args.user_name_template,
        user_name_template_type="CUSTOM" if args.user_name_template else None,
        attribute_statements=[
            SamlAttributeStatementArgs(
                type="EXPRESSION", name=attribute, namespace=ATTRIBUTE_NAME_FORMAT, values=values
            )
            for attribute, values in expressions.items()
        ]
        or None,
        authentication_policy=policy_id,
        # Without its own policy the app keeps the org's default, and asking Okta for that needs
        # one more scope. Beside a policy the provider refuses the flag, whatever its value.
        skip_authentication_policy=True if policy_id is None else None,
        key_name=args.certificate.signing_key_name,
        key_years_valid=args.certificate.years if args.certificate.signing_key_name else None,
        opts=ResourceOptions.merge(child, ResourceOptions(ignore_changes=["honorForceAuthn"])),
    )
