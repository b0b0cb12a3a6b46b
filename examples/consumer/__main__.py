"""One more policy for a role of the federation, and a role of our own for the same people."""

import pulumi
import pulumi_aws as aws

from okta_aws_federation.stack_reference import Federation

config = pulumi.Config()
federation = Federation(config.require("federation"))

account = federation.role_arn("OktaDeveloper").apply(lambda arn: arn.split(":")[4])
cloud = aws.Provider("aws", region=config.require("region"), allowed_account_ids=[account])
ours = pulumi.ResourceOptions(provider=cloud)

aws.iam.RolePolicyAttachment(
    "developer-reads-logs",
    role=federation.role_name("OktaDeveloper"),
    policy_arn="arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess",
    opts=ours,
)
reports = aws.iam.Role(
    "reports",
    name="OktaReports",
    assume_role_policy=federation.trust_policy(
        "OktaDeveloper", pulumi.InvokeOptions(provider=cloud)
    ),
    tags={"owner": "reports"},
    opts=ours,
)

pulumi.export("reportsRoleArn", reports.arn)
