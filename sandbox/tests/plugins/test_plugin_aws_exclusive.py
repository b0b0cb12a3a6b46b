"""Roles whose policies are exactly the program's."""

import json

import pytest

EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
INLINE = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive"
ANY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}],
    }
)


@pytest.fixture
def role(cloud):
    trust = ANY.replace('"Resource": "*"', '"Principal": "*"').replace("s3:List*", "sts:AssumeRole")
    cloud.iam.create_role(RoleName="R", AssumeRolePolicyDocument=trust)
    return "R"


def attached(cloud):
    found = cloud.iam.list_attached_role_policies(RoleName="R")["AttachedPolicies"]
    return {policy["PolicyArn"] for policy in found}


def test_a_policy_attached_by_somebody_else_is_detached(aws, cloud, role):
    cloud.iam.attach_role_policy(RoleName=role, PolicyArn=S3)

    thing = aws.create(ATTACHMENTS, roleName=role, policyArns=[EC2])

    assert thing.id == role
    assert attached(cloud) == {EC2}
    assert aws.changes(thing, roleName=role, policyArns=[EC2]) == set()

    cloud.iam.attach_role_policy(RoleName=role, PolicyArn=S3)
    seen = aws.refresh(thing)
    assert aws.changes(seen, roleName=role, policyArns=[EC2]) == {"policyArns"}
    aws.update(seen, roleName=role, policyArns=[EC2])
    assert attached(cloud) == {EC2}


def test_an_inline_policy_of_somebody_else_is_deleted(aws, cloud, role):
    for name in ("ours", "theirs"):
        cloud.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=ANY)

    thing = aws.create(INLINE, roleName=role, policyNames=["ours"])

    assert cloud.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["ours"]
    assert thing.outputs == {"id": role, "roleName": role, "policyNames": ["ours"]}
    assert aws.adopt(INLINE, role).inputs["policyNames"] == ["ours"]


def test_ending_the_watch_leaves_the_policies(aws, cloud, role, calls):
    thing = aws.create(ATTACHMENTS, roleName=role, policyArns=[EC2])
    calls.clear()

    aws.delete(thing)

    assert calls == []
    assert attached(cloud) == {EC2}


def test_a_role_that_is_gone_needs_no_watch(aws, cloud, role):
    thing = aws.create(INLINE, roleName=role, policyNames=[])
    cloud.iam.delete_role(RoleName=role)

    assert aws.refresh(thing) is None
