"""Okta's "AWS Account Federation" app, and the SAML provider that makes AWS accounts trust it.

The app's settings want the provider's ARN and the provider wants the app's metadata. The circle is
opened by composing the ARN from partition, account and name; AWS's answer is held against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pulumi import ComponentResource, Output, ProviderResource, ResourceOptions
from pulumi_aws.iam import SamlProvider
from pulumi_okta.app import Saml

from components.app_settings import app_settings
from components.metadata import checked_metadata


@dataclass(frozen=True, kw_only=True)
class SamlAccount:
    """An AWS account that trusts the app: its 12-digit id, its partition, who works in it."""

    id: str
    partition: str
    provider: ProviderResource


@dataclass(frozen=True, kw_only=True)
class OktaAwsAppArgs:
    label: str
    """The tile's name in Okta."""

    provider_name: str
    """The SAML provider's name: the same in every account, or Okta opens none but one."""

    accounts: Mapping[str, SamlAccount]
    """Short name -> account. The names become child names, so they are plain."""

    session_hours: int = 1
    """How long a console session lasts: 1 to 12, and no longer than the shortest role allows."""

    login_url: str
    """Where a person lands after the sign-in."""

    environment: str
    """Okta's `awsEnvironmentType`: `aws.amazon` for the commercial partition."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= 12:
            raise ValueError(f"session_hours must be 1 to 12, not {self.session_hours}")
        if not self.accounts:
            raise ValueError("accounts must hold at least one account, not none")


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

    def __init__(
        self, name: str, args: OktaAwsAppArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:OktaAwsApp", name, None, opts)

        app = Saml(
            f"{name}-app",
            label=args.label,
            preconfigured_app="amazon_aws",
            app_settings_json=app_settings(
                provider_arn=composed_arn(next(iter(args.accounts.values())), args.provider_name),
                session_hours=args.session_hours,
                login_url=args.login_url,
                environment=args.environment,
            ),
            # The org's default sign-on policy applies; asking for it needs one more scope.
            skip_authentication_policy=True,
            opts=ResourceOptions(parent=self),
        )
        self.app_id = app.id
        self.sign_in_url = app.embed_url
        self.metadata = app.metadata.apply(checked_metadata)

        providers = {
            short: SamlProvider(
                f"{name}-{short}",
                name=args.provider_name,
                saml_metadata_document=self.metadata,
                opts=ResourceOptions(parent=self, provider=account.provider),
            )
            for short, account in args.accounts.items()
        }
        self.provider_arns = {
            short: provider.arn.apply(
                partial(as_composed, composed_arn(args.accounts[short], args.provider_name))
            )
            for short, provider in providers.items()
        }
        self.certificate_expires = next(iter(providers.values())).valid_until
        self.register_outputs({"appId": self.app_id, "providerArns": self.provider_arns})


def composed_arn(account: SamlAccount, name: str) -> str:
    """The ARN that AWS will give the account's SAML provider."""
    return f"arn:{account.partition}:iam::{account.id}:saml-provider/{name}"


def as_composed(composed: str, real: str) -> str:
    """The real ARN, once it is sure that Okta was told the same."""
    if real != composed:
        raise ValueError(f"AWS made the SAML provider {real}, but Okta was told {composed}")
    return real
