"""When the AWS plugin tries again and when it does not, by the published provider's source."""

import json

import grpc
import pytest

from sandbox.faults import Fault

READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def trust(principal):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROLE = {"name": "R1", "assumeRolePolicy": trust("*")}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}],
    }
)


@pytest.fixture
def play(cloud):
    """Queues a fault."""
    faults = cloud.local.cloud.faults

    def add(effect, operation, **fields):
        faults.add(Fault(effect=effect, operation=operation, **fields))

    yield add
    faults.clear()
    cloud.local.cloud.unseen._writes.clear()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 400, "times": 8},
        {"status": 503, "times": 4},
        {"status": 500, "times": 2},
        {"status": 400, "code": "RequestLimitExceeded", "times": 3},
    ],
    ids=str,
)
def test_throttling_and_server_errors_are_waited_out(aws, play, fault):
    play("error", "iam:CreateUser", **fault)
    assert aws.create("aws:iam/user:User", name="U1").outputs["name"] == "U1"


def test_after_25_attempts_the_plugin_gives_up(aws, cloud, play):
    play("error", "iam:CreateUser", status=400, times=None)
    with pytest.raises(grpc.RpcError, match="exceeded maximum number of attempts, 25, https") as e:
        aws.create("aws:iam/user:User", name="U1")
    assert "Throttling: Rate exceeded" in e.value.details()


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("iam:CreateUser", "AccessDenied"),
        ("iam:CreateUser", "LimitExceeded"),
        ("iam:CreateAccessKey", "NoSuchEntity"),
    ],
)
def test_other_errors_end_it_at_once(aws, play, operation, code):
    aws.create("aws:iam/user:User", name="U1")
    play("error", operation, status=409, code=code)
    kind = {
        "iam:CreateUser": "aws:iam/user:User",
        "iam:CreateAccessKey": "aws:iam/accessKey:AccessKey",
    }
    inputs = {"iam:CreateUser": {"name": "U2"}, "iam:CreateAccessKey": {"user": "U1"}}
    with pytest.raises(grpc.RpcError, match=f"{code}: "):
        aws.create(kind[operation], **inputs[operation])


THINGS = {
    "role": ("iam:CreateRole", "aws:iam/role:Role", ROLE),
    "user": ("iam:CreateUser", "aws:iam/user:User", {"name": "U1"}),
    "group": ("iam:CreateGroup", "aws:iam/group:Group", {"name": "G1"}),
    "policy": ("iam:CreatePolicy", "aws:iam/policy:Policy", {"name": "P1", "policy": POLICY}),
    "attachment": (
        "iam:AttachRolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "R0", "policyArn": READ_ONLY},
    ),
    "inline policy": (
        "iam:PutRolePolicy",
        "aws:iam/rolePolicy:RolePolicy",
        {"role": "R0", "name": "p", "policy": POLICY},
    ),
}


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_not_seen_yet_is_waited_for(aws, play, thing):
    operation, kind, inputs = THINGS[thing]
    aws.create("aws:iam/role:Role", **(ROLE | {"name": "R0"}))
    play("lag", operation, reads=3)
    aws.create(kind, **inputs)


def test_after_two_minutes_of_not_seeing_it_the_role_is_left_to_the_next_update(aws, play):
    play("lag", "iam:CreateRole", reads=10_000)
    with pytest.raises(grpc.RpcError, match="R1 was created, but is not to be found"):
        aws.create("aws:iam/role:Role", **ROLE)


def test_a_principal_that_iam_does_not_know_yet_is_waited_for(aws, play):
    play("lag", "iam:CreateUser", reads=3)
    user = aws.create("aws:iam/user:User", name="U1")
    role = aws.create("aws:iam/role:Role", name="R1", assumeRolePolicy=trust(user.outputs["arn"]))
    play("error", "iam:UpdateAssumeRolePolicy", status=409, times=2)
    aws.update(role, name="R1", assumeRolePolicy=trust("*"))


def test_a_principal_that_is_not_there_ends_after_two_minutes(aws):
    nobody = "arn:aws:iam::123456789012:user/Nobody"
    with pytest.raises(grpc.RpcError, match="MalformedPolicyDocument: Invalid principal in policy"):
        aws.create("aws:iam/role:Role", name="R1", assumeRolePolicy=trust(nobody))


def test_a_role_whose_attachments_are_still_going_is_deleted_later(aws, play):
    role = aws.create("aws:iam/role:Role", **ROLE)
    play("error", "iam:DeleteRole", status=409, code="DeleteConflict", times=3)
    aws.delete(role)


def test_a_lost_answer_is_asked_for_again_and_what_was_made_is_in_the_way(aws, play):
    play("disconnect", "iam:CreateUser", after=True)
    with pytest.raises(grpc.RpcError, match="EntityAlreadyExists"):
        aws.create("aws:iam/user:User", name="U1")


def test_a_lost_answer_to_a_new_key_leaves_a_key_that_nobody_has(aws, cloud, play):
    """As with the published provider: CreateAccessKey has no token against a second one."""
    aws.create("aws:iam/user:User", name="U1")
    play("disconnect", "iam:CreateAccessKey", after=True)
    aws.create("aws:iam/accessKey:AccessKey", user="U1")
    assert len(cloud.iam.list_access_keys(UserName="U1")["AccessKeyMetadata"]) == 2


def test_an_answer_that_is_none_of_aws_is_an_error_in_one_line(aws, play):
    play("body", "iam:CreateUser")
    with pytest.raises(grpc.RpcError, match="deserialization failed") as refusal:
        aws.create("aws:iam/user:User", name="U1")
    assert "\n" not in refusal.value.details()
