"""Okta's "AWS Account Federation" app, and the SAML provider that makes AWS accounts trust it.

The app's settings want the provider's ARN and the provider wants the app's metadata. The circle is
opened by composing the ARN from partition, account and name; AWS's answer is held against it.
"""

from functools import partial

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws.iam import SamlProvider
from pulumi_okta.app import Saml

from . import certificates
from .app_settings import app_settings, composed_arn
from .attribute_statements import attribute_statements
from .command_line import command_line_client
from .okta_aws_app_args import OktaAwsAppArgs
from .provider_name import kept_provider_name
from .sign_on import sign_on_policy_id


class OktaAwsApp(ComponentResource):
    app_id: Output[str]
    """Okta's id of the app; groups are assigned to it."""
    sign_in_url: Output[str]
    """The tile's link: it starts a sign-in at Okta and ends in AWS."""
    metadata: Output[str]
    """The identity-provider metadata, XML: what each SAML provider was built from."""
    certificate_expires: Output[str]
    """When the signing certificate runs out, as the first account reads it (RFC 3339)."""
    provider_arns: dict[str, Output[str]]
    """Account's short name -> ARN of its SAML provider, as AWS answered."""
    composed_arns: dict[str, str]
    """The same as composed here: known in a preview, where AWS has not answered yet."""
    providers: dict[str, SamlProvider]
    """Account's short name -> its SAML provider, for what has to wait until it is there."""
    command_line_app_id: Output[str] | None
    """Okta's id of the native app that was made; its client id too. Groups are assigned to it."""

    def __init__(
        self, name: str, args: OktaAwsAppArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:OktaAwsApp", name, None, opts)
        child = ResourceOptions(parent=self)

        client, self.command_line_app_id = command_line_client(name, args.command_line, child)
        kept = kept_provider_name(name, args.provider_name, self)
        app = saml_app(name, args, client, ResourceOptions(parent=self, depends_on=kept))
        self.app_id = app.id
        self.sign_in_url = app.embed_url
        self.metadata = Output.all(app.metadata, app.keys).apply(
            lambda said: certificates.trusted_metadata(
                said[0], said[1], args.certificate.also_trusted
            )
        )

        self.composed_arns = {
            short: composed_arn(account, args.provider_name)
            for short, account in args.accounts.items()
        }
        self.providers = {
            short: SamlProvider(
                f"{name}-{short}",
                name=args.provider_name,
                saml_metadata_document=self.metadata,
                tags=args.tags or None,
                opts=ResourceOptions(parent=self, provider=account.provider),
            )
            for short, account in args.accounts.items()
        }
        self.provider_arns = {
            short: provider.arn.apply(partial(as_composed, self.composed_arns[short]))
            for short, provider in self.providers.items()
        }
        self.certificate_expires = self.providers[min(self.providers)].valid_until
        certificates.warn(self, self.certificate_expires, args.certificate)
        self.register_outputs({"appId": self.app_id, "providerArns": self.provider_arns})


def saml_app(
    name: str, args: OktaAwsAppArgs, client: Input[str] | None, child: ResourceOptions
) -> Saml:
    policy = sign_on_policy_id(name, args.sign_on_policy, child)
    return Saml(
        f"{name}-app",
        label=args.label,
        preconfigured_app="amazon_aws",
        status=None if args.active else "INACTIVE",
        app_settings_json=Output.json_dumps(app_settings(args, client), sort_keys=True),
        attribute_statements=attribute_statements(args.session_tags, args.source_identity) or None,
        authentication_policy=policy,
        # Without its own policy the app keeps the org's default, and asking Okta for that needs
        # one more scope. Beside a policy the provider refuses the flag, whatever its value.
        skip_authentication_policy=True if policy is None else None,
        key_name=args.certificate.generation,
        key_years_valid=args.certificate.years if args.certificate.generation else None,
        opts=child,
    )


def as_composed(composed: str, real: str) -> str:
    """The real ARN, once it is sure that Okta was told the same."""
    if real != composed:
        raise ValueError(f"AWS made the SAML provider {real}, but Okta was told {composed}")
    return real
