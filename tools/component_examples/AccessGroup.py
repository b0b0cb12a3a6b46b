import pulumi

from okta_aws_federation import AccessGroup, AccessGroupArgs, Assignment

group = AccessGroup(
    "auditors",
    AccessGroupArgs(
        group_name="AWSAuditor",
        members={"ada@example.com": "00u1abcd2EFGH3ijk4l5"},  # login -> Okta user id
        assignment=Assignment(app_id="0oa1b2c3d4e5f6g7h8i9", priority=1, roles=["OktaAuditor"]),
    ),
)
pulumi.export("groupId", group.group_id)
