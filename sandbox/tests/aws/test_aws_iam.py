"""What IAM refuses or keeps, each beside a plain moto that takes or loses it."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from sandbox.faults import Fault

ACCOUNT = "123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
numbers = count(1)


def document(**elements):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements
    kept = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def trust(**elements):
    return document(
        **{"Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}, "Resource": None} | elements
    )


@pytest.fixture(scope="module")
def iam(aws):
    return aws.client("iam")


@pytest.fixture(scope="module")
def plain(aws):
    return aws.plain_client("iam")


@pytest.fixture
def name():
    return f"n{next(numbers)}"


def code(call, **arguments):
    """The error's code; None when there is none."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


REFUSED = [
    ("a name of 65 characters", {"RoleName": "n" * 65}, "ValidationError"),
    ("a name with a space", {"RoleName": "a b"}, "ValidationError"),
    ("a path without slashes", {"Path": "nope"}, "ValidationError"),
    ("a path of 513 characters", {"Path": f"/{'p' * 511}/"}, "ValidationError"),
    ("a description of 1001 characters", {"Description": "d" * 1001}, "ValidationError"),
    ("sessions of a minute", {"MaxSessionDuration": 60}, "ValidationError"),
    ("sessions of a day", {"MaxSessionDuration": 86400}, "ValidationError"),
    (
        "a trust policy that is no JSON",
        {"AssumeRolePolicyDocument": "no"},
        "MalformedPolicyDocument",
    ),
    ("an empty trust policy", {"AssumeRolePolicyDocument": "{}"}, "MalformedPolicyDocument"),
    (
        "a trust policy with a resource",
        {"AssumeRolePolicyDocument": trust(Resource="*")},
        "MalformedPolicyDocument",
    ),
    (
        "a trust policy without principal",
        {"AssumeRolePolicyDocument": trust(Principal=None)},
        "MalformedPolicyDocument",
    ),
    (
        "a trust policy for another service's action",
        {"AssumeRolePolicyDocument": trust(Action="s3:GetObject")},
        "MalformedPolicyDocument",
    ),
    (
        "a trust policy with an unknown operator",
        {"AssumeRolePolicyDocument": trust(Condition={"StringIs": {"a:b": "c"}})},
        "MalformedPolicyDocument",
    ),
    (
        "a principal that is not there",
        {
            "AssumeRolePolicyDocument": trust(
                Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}
            )
        },
        "MalformedPolicyDocument",
    ),
    (
        "a provider that is not there",
        {
            "AssumeRolePolicyDocument": trust(
                Action="sts:AssumeRoleWithSAML",
                Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/None"},
            )
        },
        "MalformedPolicyDocument",
    ),
    (
        "a principal of another partition",
        {"AssumeRolePolicyDocument": trust(Principal={"AWS": f"arn:aws-cn:iam::{ACCOUNT}:user/a"})},
        "MalformedPolicyDocument",
    ),
    (
        "a trust policy of 2049 characters",
        {"AssumeRolePolicyDocument": trust(Condition={"StringEquals": {"SAML:sub": "x" * 2000}})},
        "LimitExceeded",
    ),
    (
        "a boundary that is not there",
        {"PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/none"},
        "NoSuchEntity",
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_role_that_aws_would_not_create_is_refused(iam, plain, name, changes, expected):
    wanted = {"RoleName": name, "AssumeRolePolicyDocument": trust()} | changes
    assert code(iam.create_role, **wanted) == expected
    assert code(plain.create_role, **wanted) != expected, "plain moto refuses it now as well"


def test_white_space_does_not_count_in_a_policy(iam, name):
    spaced = trust().replace(",", "," + " " * 2000)
    assert code(iam.create_role, RoleName=name, AssumeRolePolicyDocument=spaced) is None


def test_names_are_one_whatever_their_case(iam, plain, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    wanted = {"RoleName": name.upper(), "AssumeRolePolicyDocument": trust()}
    assert code(iam.create_role, **wanted) == "EntityAlreadyExists"
    assert code(plain.create_role, **wanted) is None


def test_update_role_leaves_the_description_alone(iam, plain, name):
    iam.create_role(RoleName=name, Description="kept", AssumeRolePolicyDocument=trust())
    iam.update_role(RoleName=name, MaxSessionDuration=7200)
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("kept", 7200)
    plain.update_role(RoleName=name, MaxSessionDuration=3600)
    assert "Description" not in iam.get_role(RoleName=name)["Role"]


def test_a_trust_policy_may_allow_all_of_sts(iam, plain, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    wanted = {"RoleName": name, "PolicyDocument": trust(Action="sts:*")}
    assert code(plain.update_assume_role_policy, **wanted) == "MalformedPolicyDocument"
    assert code(iam.update_assume_role_policy, **wanted) is None


BAD_POLICIES = [
    ("a principal", document(Principal="*")),
    ("no resource", document(Resource=None)),
    ("a resource that is no ARN", document(Resource="bucket")),
    ("no action", document(Action=None)),
    ("an action without service", document(Action="GetObject")),
    ("both Action and NotAction", document(NotAction="s3:*")),
    ("an effect of its own", document(Effect="Maybe")),
    ("an unknown element", document(Actions="s3:*")),
    ("a Sid with a space", document(Sid="a b")),
    ("no statement", '{"Version": "2012-10-17", "Statement": []}'),
    ("an unknown version", '{"Version": "2020-01-01", "Statement": []}'),
]


@pytest.mark.parametrize("text", [row[1] for row in BAD_POLICIES], ids=[r[0] for r in BAD_POLICIES])
def test_a_malformed_policy_is_refused_wherever_it_goes(iam, name, text):
    iam.create_user(UserName=name)
    assert (
        code(iam.create_policy, PolicyName=name, PolicyDocument=text) == "MalformedPolicyDocument"
    )
    assert (
        code(iam.put_user_policy, UserName=name, PolicyName=name, PolicyDocument=text)
        == "MalformedPolicyDocument"
    )


def test_policies_are_limited_in_size(iam, plain, name):
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())

    def sized(characters):
        return document(Resource=f"arn:aws:s3:::{'x' * (characters - 82)}")

    cases = [
        (iam.create_policy, {"PolicyName": name}, 6144),
        (iam.put_user_policy, {"UserName": name, "PolicyName": "p"}, 2048),
        (iam.put_group_policy, {"GroupName": name, "PolicyName": "p"}, 5120),
        (iam.put_role_policy, {"RoleName": name, "PolicyName": "p"}, 10_240),
    ]
    for call, named, most in cases:
        overhead = len(sized(500).replace(" ", "")) - 500
        assert code(call, **named, PolicyDocument=sized(most - overhead + 1)) == "LimitExceeded"
        assert code(call, **named, PolicyDocument=sized(most - overhead)) is None
    assert (
        code(plain.put_user_policy, UserName=name, PolicyName="q", PolicyDocument=sized(3000))
        is None
    )


def test_inline_policies_are_counted_together(iam, name):
    iam.create_user(UserName=name)
    half = document(Resource=f"arn:aws:s3:::{'x' * 1100}")
    assert code(iam.put_user_policy, UserName=name, PolicyName="a", PolicyDocument=half) is None
    assert code(iam.put_user_policy, UserName=name, PolicyName="a", PolicyDocument=half) is None, (
        "the same one again replaces itself"
    )
    assert (
        code(iam.put_user_policy, UserName=name, PolicyName="b", PolicyDocument=half)
        == "LimitExceeded"
    )


def test_quotas_by_number(aws, iam, monkeypatch, name):
    there = aws.local.cloud.iam(ACCOUNT)
    small = {"Role": len(there.roles), "User": len(there.users), "Group": len(there.groups)}
    monkeypatch.setattr("sandbox.aws.quotas.PER_ACCOUNT", small | {"Policy": 0})
    assert code(iam.create_role, RoleName=name, AssumeRolePolicyDocument=trust()) == "LimitExceeded"
    assert code(iam.create_user, UserName=name) == "LimitExceeded"
    assert code(iam.create_group, GroupName=name) == "LimitExceeded"
    assert code(iam.create_policy, PolicyName=name, PolicyDocument=document()) == "LimitExceeded"


def test_ten_managed_policies_to_a_role(iam, plain, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    policies = [p["Arn"] for p in iam.list_policies(Scope="AWS", MaxItems=11)["Policies"]]
    for arn in policies[:10]:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    assert code(iam.attach_role_policy, RoleName=name, PolicyArn=policies[10]) == "LimitExceeded"
    assert code(iam.attach_role_policy, RoleName=name, PolicyArn=policies[0]) is None, "again"
    assert code(plain.attach_role_policy, RoleName=name, PolicyArn=policies[10]) is None


def test_ten_groups_to_a_user(iam, name):
    iam.create_user(UserName=name)
    for number in range(11):
        iam.create_group(GroupName=f"{name}-{number}")
    for number in range(10):
        iam.add_user_to_group(UserName=name, GroupName=f"{name}-{number}")
    eleventh = {"UserName": name, "GroupName": f"{name}-10"}
    assert code(iam.add_user_to_group, **eleventh) == "LimitExceeded"


@pytest.mark.parametrize("kind", ["role", "user", "policy"])
def test_fifty_tags_whatever_they_come_in(iam, plain, name, kind):
    said = {
        "role": {"RoleName": name, "AssumeRolePolicyDocument": trust()},
        "user": {"UserName": name},
        "policy": {"PolicyName": name, "PolicyDocument": document()},
    }[kind]
    arn = getattr(iam, f"create_{kind}")(**said)[kind.title()]["Arn"]
    named = {"PolicyArn": arn} if kind == "policy" else {f"{kind.title()}Name": name}

    def tag(keys, by=iam):
        tags = [{"Key": key, "Value": "v"} for key in keys]
        return code(getattr(by, f"tag_{kind}"), **named, Tags=tags)

    assert tag(f"a{n}" for n in range(30)) is None
    assert tag(f"b{n}" for n in range(20)) is None
    assert tag(["a0", "b19"]) is None, "those that are there are none more"
    assert tag(["c"]) == "LimitExceeded"
    assert tag(["aws:owner"]) == "InvalidInput"
    assert tag(["c"], plain) is None


def test_what_something_hangs_on_is_not_deleted(iam, plain, name):
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.add_user_to_group(UserName=name, GroupName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document())["Policy"]["Arn"]
    iam.attach_group_policy(GroupName=name, PolicyArn=policy)
    assert code(iam.delete_group, GroupName=name) == "DeleteConflict"
    assert code(iam.delete_user, UserName=name) == "DeleteConflict"
    assert code(iam.delete_policy, PolicyArn=policy) == "DeleteConflict"
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert code(iam.delete_user, UserName=name) == "DeleteConflict", "still a member"
    iam.detach_group_policy(GroupName=name, PolicyArn=policy)
    assert code(iam.delete_policy, PolicyArn=policy) is None
    assert code(plain.delete_group, GroupName=name) is None, "moto deletes it with its member"
    assert code(iam.delete_user, UserName=name) is None


def test_a_boundary_limits_a_user(aws, iam, plain, name):
    iam.create_user(UserName=name, PermissionsBoundary=AUDIT)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=document(Action="*"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    ec2 = aws.client("ec2", key)
    assert ec2.describe_instances()["Reservations"] == []
    with pytest.raises(ClientError, match="no permissions boundary allows"):
        ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
    shown = iam.get_user(UserName=name)["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == AUDIT
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=READ_ONLY)
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("iam", key).list_roles()
    iam.delete_user_permissions_boundary(UserName=name)
    assert aws.client("iam", key).list_roles()["Roles"]
    assert "PermissionsBoundary" not in iam.get_user(UserName=name)["User"]
    assert code(plain.create_user, UserName=f"{name}p", PermissionsBoundary=READ_ONLY) is None
    assert "PermissionsBoundary" not in plain.get_user(UserName=f"{name}p")["User"]


def test_a_group_grants_to_its_members(aws, iam, name):
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.put_group_policy(
        GroupName=name, PolicyName="p", PolicyDocument=document(Action="s3:ListAllMyBuckets")
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3", key).list_buckets()
    iam.add_user_to_group(UserName=name, GroupName=name)
    assert aws.client("s3", key).list_buckets()["Buckets"] == []


def test_a_new_principal_is_not_seen_at_once_if_it_lags(aws, iam, name):
    aws.local.cloud.faults.add(Fault(effect="lag", operation="iam:CreateUser", reads=2))
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    wanted = {"RoleName": name, "AssumeRolePolicyDocument": trust(Principal={"AWS": arn})}
    seen = [code(iam.create_role, **wanted) for _ in range(3)]
    for _ in range(2):  # lest the next test's look-ups miss the user
        iam.list_users()
    assert seen == ["MalformedPolicyDocument", "MalformedPolicyDocument", None]


def test_calls_at_once_do_not_trip_over_each_other(iam, name):
    """moto walks through what another request changes meanwhile; an engine makes many at once."""

    def make(number):
        iam.create_role(RoleName=f"{name}-{number}", AssumeRolePolicyDocument=trust())

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # what happens once a day happens now
    try:
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(make, range(150)))
    finally:
        sys.setswitchinterval(usual)


def test_what_is_not_implemented_says_so_in_the_form_of_aws(aws, iam, plain):
    with pytest.raises(ClientError, match="not implemented in this sandbox") as caught:
        iam.generate_service_last_accessed_details(Arn=f"arn:aws:iam::{ACCOUNT}:role/x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501, "no SDK retries it"
    with pytest.raises(ClientError, match="NotImplemented"):
        aws.client("sts").get_federation_token(Name="ada")
    with pytest.raises(ClientError, match="NotImplemented"):
        aws.client("sts").get_session_token()


def test_the_simulator_tells_allowed_from_the_two_kinds_of_denied(iam, name):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    iam.put_role_policy(
        RoleName=name,
        PolicyName="never",
        PolicyDocument=document(Effect="Deny", Action="ec2:DescribeVpcs"),
    )
    results = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["ec2:DescribeInstances", "ec2:RunInstances", "ec2:DescribeVpcs"],
    )["EvaluationResults"]
    assert [one["EvalDecision"] for one in results] == ["allowed", "implicitDeny", "explicitDeny"]
    assert results[0]["MatchedStatements"][0]["SourcePolicyId"] == "AmazonEC2ReadOnlyAccess"


def test_the_simulator_takes_policies_contexts_boundaries_and_resources(iam):
    tagged = document(Condition={"StringEquals": {"aws:PrincipalTag/Team": "blue"}})
    asked = {
        "PolicyInputList": [tagged],
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": ["arn:aws:s3:::a/k", "arn:aws:s3:::b/k"],
    }
    missing = iam.simulate_custom_policy(**asked)["EvaluationResults"]
    assert [one["EvalDecision"] for one in missing] == ["implicitDeny"] * 2
    assert missing[0]["MissingContextValues"] == ["aws:principaltag/team"]
    entries = [
        {
            "ContextKeyName": "aws:PrincipalTag/Team",
            "ContextKeyValues": ["blue"],
            "ContextKeyType": "string",
        }
    ]
    limited = iam.simulate_custom_policy(
        **asked,
        ContextEntries=entries,
        PermissionsBoundaryPolicyInputList=[document(Resource="arn:aws:s3:::a/*")],
    )["EvaluationResults"]
    assert [one["EvalDecision"] for one in limited] == ["allowed", "implicitDeny"]
    details = [one["PermissionsBoundaryDecisionDetail"] for one in limited]
    assert [one["AllowedByPermissionsBoundary"] for one in details] == [True, False]


def test_the_simulator_pages(iam):
    asked = {"PolicyInputList": [document()], "ActionNames": [f"s3:Get{n}" for n in range(5)]}
    pages = list(
        iam.get_paginator("simulate_custom_policy").paginate(
            **asked, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 2, 1]


def test_plain_moto_has_no_simulator(plain):
    with pytest.raises(ResponseParserError):
        plain.simulate_custom_policy(PolicyInputList=[document()], ActionNames=["s3:GetObject"])


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("DateLessThan", "2099-01"),
        ("DateLessThan", "2099"),
        ("NumericLessThan", "soon"),
        ("NumericLessThan", "1_000"),
        ("IpAddress", "home"),
        ("NotIpAddress", "203.0.113.0/33"),
        ("Bool", "maybe"),
    ],
)
def test_a_condition_that_could_never_be_read_is_not_stored(iam, name, operator, value):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())["Role"]["RoleName"]
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "*",
        "Condition": {operator: {"aws:CurrentTime": value}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert code(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=document) == (
        "MalformedPolicyDocument"
    )


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericLessThan", 10),
        ("Bool", True),
        ("DateLessThan", "2099-01-01T00:00Z"),
        ("DateLessThan", "4070908800"),
        ("IpAddress", ["203.0.113.0/24", "2001:db8::/32"]),
    ],
)
def test_a_condition_of_the_grammar_is_stored(iam, name, operator, value):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "*",
        "Condition": {operator: {"s3:max-keys": value}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    stored = iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    assert stored["Statement"][0]["Condition"] == statement["Condition"]
