"""What is asked of AWS for each verb: no more than the published plugin asks, in its order.

Where that reads the same thing twice in a row, the emulation reads it once.
"""

import json

import pytest

ROLE = {
    "name": "R",
    "assumeRolePolicy": json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
        }
    ),
}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}],
    }
)
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
READ_ROLE = ["GetRole", "ListRolePolicies", "ListAttachedRolePolicies"]
READ_POLICY = ["GetPolicy", "GetPolicyVersion"]

# Type, program, a program that changes it, calls of create, refresh, update, delete.
VERBS = {
    "role": (
        "aws:iam/role:Role",
        ROLE,
        ROLE | {"description": "new", "tags": {"team": "access"}},
        ["CreateRole", *READ_ROLE],
        READ_ROLE,
        ["UpdateRoleDescription", "TagRole", *READ_ROLE],
        ["ListInstanceProfilesForRole", "DeleteRole"],
    ),
    "session length": (
        "aws:iam/role:Role",
        ROLE,
        ROLE | {"maxSessionDuration": 7200},
        ["CreateRole", *READ_ROLE],
        READ_ROLE,
        ["UpdateRole", *READ_ROLE],
        ["ListInstanceProfilesForRole", "DeleteRole"],
    ),
    "policy": (
        "aws:iam/policy:Policy",
        {"name": "P", "policy": POLICY},
        {"name": "P", "policy": POLICY.replace("List", "Get")},
        ["CreatePolicy", *READ_POLICY],
        READ_POLICY,
        ["ListPolicyVersions", "CreatePolicyVersion", *READ_POLICY],
        ["ListPolicyVersions", "DeletePolicyVersion", "DeletePolicy"],
    ),
    "user": (
        "aws:iam/user:User",
        {"name": "U"},
        {"name": "U", "path": "/team/"},
        ["CreateUser", "GetUser"],
        ["GetUser"],
        ["UpdateUser", "GetUser"],
        ["ListGroupsForUser", "DeleteUser"],
    ),
    "group": (
        "aws:iam/group:Group",
        {"name": "G"},
        {"name": "G", "path": "/team/"},
        ["CreateGroup", "GetGroup"],
        ["GetGroup"],
        ["UpdateGroup", "GetGroup"],
        ["DeleteGroup"],
    ),
}


@pytest.mark.parametrize("subject", VERBS)
def test_each_verb_asks_what_the_published_plugin_asks(aws, calls, subject):
    kind, program, changed, *expected = VERBS[subject]
    seen = []

    def asked():
        said = list(calls)
        calls.clear()
        return said

    thing = aws.create(kind, **program)
    seen.append(asked())
    aws.refresh(thing)
    seen.append(asked())
    thing = aws.update(thing, **changed)
    seen.append(asked())
    aws.delete(thing)
    seen.append(asked())

    assert seen == expected


@pytest.mark.parametrize("subject", VERBS)
def test_a_preview_and_a_comparison_ask_nothing(aws, calls, subject):
    kind, program, changed, *_ = VERBS[subject]
    thing = aws.create(kind, **program)
    calls.clear()

    aws.preview(kind, **program)
    aws.changes(thing, **program)
    aws.changes(thing, **changed)

    assert calls == []


def test_memberships_attachments_and_keys_ask_little(aws, calls):
    aws.create("aws:iam/user:User", name="U")
    for group in ("A", "B"):
        aws.create("aws:iam/group:Group", name=group)
    calls.clear()

    member = aws.create("aws:iam/userGroupMembership:UserGroupMembership", user="U", groups=["A"])
    aws.update(member, user="U", groups=["B"])
    attachment = aws.create(
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", group="A", policyArn=EC2
    )
    aws.delete(attachment)
    key = aws.create("aws:iam/accessKey:AccessKey", user="U")
    aws.refresh(key)
    aws.delete(key)

    assert calls == [
        *["AddUserToGroup", "ListGroupsForUser"],
        *["RemoveUserFromGroup", "AddUserToGroup", "ListGroupsForUser"],
        *["AttachGroupPolicy", "ListAttachedGroupPolicies", "DetachGroupPolicy"],
        *["CreateAccessKey", "ListAccessKeys", "DeleteAccessKey"],
    ]
