"""A SAML provider in a further AWS account, for the same Okta app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import (
    Alias,
    ComponentResource,
    Input,
    Output,
    ResourceOptions,
    RunError,
    Stash,
    create_urn,
)
from pulumi_aws.iam import SamlProvider

from okta_aws_federation import defaults
from okta_aws_federation.partitions import partition_named
from okta_aws_federation.resource_names import TYPE_PREFIX, child_name, unescaped

from .errors import require_account


@dataclass(frozen=True, kw_only=True)
class SamlIdentityProviderArgs:
    """The account of the component's `aws` provider, and the app it trusts. Raises InvalidArgs."""

    account_id: str
    """The account's 12 digits."""

    metadata: Input[str]
    """The app's metadata, XML: `OktaAwsApp.metadata`, or an output of another stack."""

    partition: str = "aws"
    """The account's partition: the second field of its ARNs."""

    provider_name: str = defaults.PROVIDER_NAME
    """The SAML provider's name: that of the app's own account, or Okta opens only one of them."""

    additional_provider_names: Sequence[str] = ()
    """Names of further SAML providers of the same metadata, while one name takes over."""

    audiences: Sequence[str] = ()
    """The sign-in endpoints that assertions are addressed to; none: the partition's own."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the SAML provider."""

    def __post_init__(self) -> None:
        require_account(self.account_id, self.partition)


class SamlIdentityProvider(ComponentResource):
    """The IAM SAML provider of one account. Roles refer to it (`FederatedRoleArgs.app`)."""

    saml_provider_arn: Output[str]
    """ARN of the SAML provider, as AWS answered."""
    expected_provider_arn: str
    """The same as composed here: known in a preview, where AWS has not answered yet."""
    audiences: Sequence[str]
    """The sign-in endpoints that assertions are addressed to: `SAML:aud`."""
    certificate_expires: Output[str]
    """When the app's signing certificate runs out, as AWS reads it (RFC 3339)."""
    saml_providers: Sequence[SamlProvider]
    """The SAML provider, then the additional ones, for what has to wait until they are there."""
    expected_provider_arns: Sequence[str]
    """The ARNs of them all, as composed here: what a role trusts."""

    def __init__(
        self, name: str, args: SamlIdentityProviderArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:SamlIdentityProvider", name, None, opts)
        partition = partition_named(args.partition)

        self.audiences = list(args.audiences) or [partition.sign_in_url]
        names = [args.provider_name, *sorted(args.additional_provider_names)]
        self.expected_provider_arns = [
            partition.saml_provider_arn(args.account_id, each) for each in names
        ]
        self.expected_provider_arn = self.expected_provider_arns[0]
        self.saml_providers = create_saml_providers(
            (name, unescaped(name)), names, args.metadata, args.tags, self
        )
        self.saml_provider_arn = verified_arn(self.saml_providers, self.expected_provider_arn)
        self.certificate_expires = self.saml_providers[0].valid_until
        self.register_outputs(
            {
                "samlProviderArn": self.saml_provider_arn,
                "expectedProviderArn": self.expected_provider_arn,
                "expectedProviderArns": self.expected_provider_arns,
                "audiences": self.audiences,
                "certificateExpires": self.certificate_expires,
            }
        )


def create_saml_providers(
    names: tuple[str, str],
    provider_names: Sequence[str],
    metadata: Input[str],
    tags: Mapping[str, str],
    component: ComponentResource,
) -> list[SamlProvider]:
    """An account's SAML providers, the one that Okta names first.

    Each has its own name in its name in the state, so that one name can take over from another
    while both exist. `names`: that of the account in the state, and the one before parts of names
    were escaped; until version 0.2 the provider's name was not part of it. The app creates that of
    its own account, which is the first by name, so an account may change sides; until version 0.1
    the app created them all. One that `pulumi state move` takes away from its app has no parent. An
    alias for each keeps the provider.
    """
    parents: list[Output[str] | None] = [
        create_urn("former", f"{TYPE_PREFIX}{kind}")
        for kind in ("OktaAwsApp", "SamlIdentityProvider")
    ]
    parents.append(None)
    providers: list[SamlProvider] = []
    for provider_name in provider_names:
        own = child_name(names[0], provider_name)
        former = [own] if providers else [own, *dict.fromkeys(names)]
        aliases = [Alias(name=each, parent=parent) for parent in parents for each in former]
        providers.append(
            SamlProvider(
                own,
                name=provider_name,
                saml_metadata_document=metadata,
                tags=tags or None,
                opts=ResourceOptions(parent=component, aliases=aliases),
            )
        )
    return providers


def verified_arn(providers: Sequence[SamlProvider], expected: str) -> Output[str]:
    """The first provider's ARN as AWS answered, which must be `expected`; of none, `expected`."""
    if not providers:
        return Output.from_input(expected)
    return providers[0].arn.apply(lambda arn: verify_provider_arn(expected, arn))


def verify_provider_arn(expected: str, actual: str) -> str:
    """The actual ARN, once it is sure that Okta and the roles name the same. Raises RunError."""
    if actual != expected:
        raise RunError(f"AWS made the SAML provider {actual}, but Okta has {expected}")
    return actual


def provider_rename_guard(name: str, provider_name: str, component: ComponentResource) -> Stash:
    """What the app has to wait for. It is replaced with the name, as the provider is.

    A protected provider can't be replaced, but the engine meets it after the app: an update without
    preview would have sent Okta the new name by then, and nobody could sign in.
    """
    return Stash(
        f"{name}-provider-name",
        input=provider_name,
        opts=ResourceOptions(parent=component, replace_on_changes=["input"]),
    )
