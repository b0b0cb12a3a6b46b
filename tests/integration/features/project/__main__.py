"""A role for the reports, entered through a SAML provider of the project's own."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from okta_aws_federation import FederatedRole, FederatedRoleArgs, RolePolicies
from okta_aws_federation.partitions import partition_of

config = pulumi.Config()
partition = partition_of("us-east-1")
cloud = aws.Provider("aws", region="us-east-1")
provider = aws.iam.SamlProvider(
    "okta",
    name="Okta",
    saml_metadata_document=Path("metadata.xml").read_text(),
    opts=pulumi.ResourceOptions(provider=cloud),
)


def tagged(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """A project's own rule: whatever role it makes says whose it is."""
    if args.type_ != "aws:iam/role:Role" or not config.get_bool("tagged"):
        return None
    return pulumi.ResourceTransformResult({**args.props, "tags": {"team": "reports"}}, args.opts)


role = FederatedRole(
    config.require("name"),
    FederatedRoleArgs(
        role_name="Reports",
        provider_arns=[provider.arn],
        audiences=[partition.sign_in_url],
        policies=RolePolicies(managed={"Read": partition.managed_policy_arn("SecurityAudit")}),
    ),
    pulumi.ResourceOptions(
        provider=cloud,
        protect=config.get_bool("protect"),
        retain_on_delete=config.get_bool("retain"),
        aliases=[pulumi.Alias(name=was)] if (was := config.get("was")) else [],
        transforms=[tagged],
    ),
)
pulumi.export("arn", role.arn)
