import pulumi

from okta_aws_federation import FederatedRole, FederatedRoleArgs, RolePolicies

role = FederatedRole(
    "auditor",
    FederatedRoleArgs(
        role_name="OktaAuditor",
        provider_arns=["arn:aws:iam::123456789012:saml-provider/Okta"],
        policies=RolePolicies(managed={"Audit": "arn:aws:iam::aws:policy/SecurityAudit"}),
    ),
)
pulumi.export("roleArn", role.arn)
