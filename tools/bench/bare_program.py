"""The AWS half with nothing but the SDK: the least that a Pulumi program in Python can cost.

`floor.write_bare_program` copies it into a project of its own, beside what it reads.
"""

import json
from pathlib import Path

import pulumi
from pulumi_aws import iam

HERE = Path(__file__).parent
values = json.loads((HERE / "values.json").read_text())
provider = iam.SamlProvider(
    "okta", name="BarePulumi", saml_metadata_document=(HERE / "metadata.xml").read_text()
)
for name in values["roles"]:
    component = pulumi.ComponentResource("bench:index:Role", name)
    opts = pulumi.ResourceOptions(parent=component)
    trust = provider.arn.apply(lambda arn: values["trust"].replace("PROVIDER", arn))
    role = iam.Role(name, name=name, assume_role_policy=trust, opts=opts)
    iam.RolePolicyAttachment(name, role=role.name, policy_arn=values["policy"], opts=opts)
    component.register_outputs({"arn": role.arn})
user = iam.User("okta", name="BarePulumi")
policy = iam.Policy("okta", name="BarePulumiListRoles", policy=values["listRoles"])
group = iam.Group("okta", name="BarePulumi")
iam.GroupPolicyAttachment("okta", group=group.name, policy_arn=policy.arn)
iam.UserGroupMembership("okta", user=user.name, groups=[group.name])
pulumi.export("accessKeyId", iam.AccessKey("okta", user=user.name).id)
