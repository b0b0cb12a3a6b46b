import pulumi
import pulumi_aws as aws

from okta_aws_federation import (
    GroupMapping,
    OktaAwsApp,
    OktaAwsAppArgs,
    SamlIdentityProvider,
    SamlIdentityProviderArgs,
)

app = OktaAwsApp(
    "federation", OktaAwsAppArgs(account_id="123456789012", group_mapping=GroupMapping())
)
staging = aws.Provider("staging", region="eu-central-1", allowed_account_ids=["222222222222"])
provider = SamlIdentityProvider(
    "federation-staging",
    SamlIdentityProviderArgs(account_id="222222222222", metadata=app.metadata),
    pulumi.ResourceOptions(providers=[staging]),
)
pulumi.export("samlProviderArn", provider.saml_provider_arn)
