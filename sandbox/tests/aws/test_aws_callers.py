"""Who is let in: keys, signatures, sessions and their ends, several accounts, assumed roles."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from botocore.exceptions import ClientError

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
numbers = count(1)


def policy(*actions, resource="*", effect="Allow"):
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal, *more, **condition):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ["sts:AssumeRole", *more],
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def user(aws):
    """Makes a user with a key; its actions are allowed on everything."""

    def make(*actions, account=ACCOUNT):
        iam, name = aws.client("iam", account=account), f"user{next(numbers)}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if actions:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*actions))
        return name, arn, iam.create_access_key(UserName=name)["AccessKey"]

    return make


@pytest.fixture
def role(aws):
    def make(trust_policy, *actions, account=ACCOUNT, **more):
        iam, name = aws.client("iam", account=account), f"Role{next(numbers)}"
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, **more)
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*actions))
        return made["Role"]["Arn"]

    return make


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def later(aws):
    """Sets the clock forward."""
    cloud, clock = aws.local.cloud, aws.local.cloud.clock

    def set_to(**delta):
        cloud.clock = lambda: datetime.now(UTC) + timedelta(**delta)

    yield set_to
    cloud.clock = clock


def test_an_inactive_key_is_refused_and_counts_again_when_active(aws, user):
    name, arn, key = user()
    iam = aws.client("iam")
    assert aws.client("sts", key).get_caller_identity()["Arn"] == arn
    named = {"UserName": name, "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**named, Status="Inactive")
    assert refused(aws.client("sts", key).get_caller_identity) == "InvalidClientTokenId"
    assert refused(aws.client("s3", key).list_buckets) == "InvalidAccessKeyId"
    assert refused(aws.client("ec2", key).describe_instances) == "AuthFailure"
    iam.update_access_key(**named, Status="Active")
    assert aws.client("sts", key).get_caller_identity()["Arn"] == arn
    iam.delete_access_key(**named)
    assert refused(aws.client("sts", key).get_caller_identity) == "InvalidClientTokenId"


def test_plain_moto_takes_an_inactive_key(aws, user):
    name, _, key = user()
    aws.client("iam").update_access_key(
        UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive"
    )
    assert aws.plain_client("sts", key["AccessKeyId"]).get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("ec2", "describe_instances", "AuthFailure"),
        ("ssm", "describe_parameters", "InvalidSignatureException"),
        ("secretsmanager", "list_secrets", "InvalidSignatureException"),
    ],
)
def test_another_secret_is_refused_in_the_words_of_the_service(aws, user, service, call, code):
    _, _, key = user("*")
    wrong = key | {"SecretAccessKey": "x" * 40, "AccessKeyId": key["AccessKeyId"]}
    assert refused(getattr(aws.client(service, wrong), call)) == code


def test_what_was_signed_cannot_be_changed_on_the_way(aws, user):
    _, _, key = user("iam:ListUsers")

    def change(request, **_):
        request.body = request.body.replace("ListUsers", "ListRoles")

    client = aws.client("iam", key)
    client.meta.events.register("before-send.iam", change)
    assert refused(client.list_users) == "SignatureDoesNotMatch"


def test_an_unsigned_call_is_refused(aws):
    answer = httpx.post(aws.local.url, data={"Action": "ListUsers", "Version": "2010-05-08"})
    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text


def test_nobody_reaches_the_switches_of_moto(aws):
    answer = httpx.post(f"{aws.local.url}/moto-api/reset")
    assert answer.status_code == 403, "resetting would let everybody in"


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_old_or_an_early_signature_is_refused(aws, user, later, hours):
    _, _, key = user()
    later(hours=hours)
    assert refused(aws.client("sts", key).get_caller_identity) == "SignatureDoesNotMatch"


def test_a_session_ends(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    wanted = {"RoleArn": role(trust(arn)), "RoleSessionName": "ada", "DurationSeconds": 900}
    credentials = aws.client("sts", key).assume_role(**wanted)["Credentials"]
    assert aws.client("sts", credentials).get_caller_identity()["Account"] == ACCOUNT
    session = aws.local.cloud.sessions.find(credentials["AccessKeyId"])
    object.__setattr__(session, "expires", datetime.now(UTC) - timedelta(seconds=1))
    assert refused(aws.client("sts", credentials).get_caller_identity) == "ExpiredToken"
    assert refused(aws.client("ec2", credentials).describe_vpcs) == "RequestExpired"
    assert refused(aws.client("ssm", credentials).describe_parameters) == "ExpiredTokenException"


def test_a_session_needs_its_token(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    wanted = {"RoleArn": role(trust(arn)), "RoleSessionName": "ada"}
    credentials = aws.client("sts", key).assume_role(**wanted)["Credentials"]
    cut = {k: v for k, v in credentials.items() if k != "SessionToken"}
    sts = aws.client("sts", cut | {"SessionToken": "another"})
    assert refused(sts.get_caller_identity) == "InvalidClientTokenId"


def test_a_role_is_assumed_only_with_the_consent_of_both(aws, user, role):
    _, stranger, stranger_key = user("sts:AssumeRole")
    _, mute, mute_key = user()
    _, friend, friend_key = user("sts:AssumeRole")
    by_account, by_name = role(trust(ACCOUNT)), role(trust([mute, friend]))

    def enter(key, arn):
        return aws.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="me")

    assert enter(friend_key, by_account)["AssumedRoleUser"]["Arn"].endswith("/me")
    assert enter(stranger_key, by_account), "the account is trusted, and the user is allowed"
    with pytest.raises(ClientError, match="AccessDenied"):
        enter(mute_key, by_account)
    assert enter(mute_key, by_name), "within the account, being named is enough"
    with pytest.raises(ClientError, match="AccessDenied"):
        enter(stranger_key, by_name)
    assert {stranger, mute, friend}


def test_a_role_of_another_account_leads_there(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    _, _, mute_key = user()
    there = role(trust(ACCOUNT), "iam:ListRoles", account=OTHER_ACCOUNT)
    named = role(trust(arn), account=OTHER_ACCOUNT)
    answer = aws.client("sts", key).assume_role(RoleArn=there, RoleSessionName="ada")
    credentials = answer["Credentials"]
    assert aws.client("sts", credentials).get_caller_identity()["Account"] == OTHER_ACCOUNT
    roles = aws.client("iam", credentials).list_roles()["Roles"]
    assert all(f":{OTHER_ACCOUNT}:" in one["Arn"] for one in roles)
    assert aws.client("sts", key).assume_role(RoleArn=named, RoleSessionName="ada")
    assert refused(
        aws.client("sts", mute_key).assume_role, RoleArn=there, RoleSessionName="m1"
    ) == ("AccessDenied")


def test_each_administrator_sees_the_own_account_only(aws):
    for account in (ACCOUNT, OTHER_ACCOUNT):
        name = f"mark{account[-1]}{next(numbers)}"
        aws.client("iam", account=account).create_user(UserName=name)
        other = OTHER_ACCOUNT if account == ACCOUNT else ACCOUNT
        seen = aws.client("iam", account=other).list_users()["Users"]
        assert name not in [one["UserName"] for one in seen]


def test_an_external_id_is_asked_for(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    target = role(trust(arn, StringEquals={"sts:ExternalId": "s3cret"}))
    sts = aws.client("sts", key)
    wanted = {"RoleArn": target, "RoleSessionName": "ada"}
    assert refused(sts.assume_role, **wanted) == "AccessDenied"
    assert refused(sts.assume_role, **wanted, ExternalId="other") == "AccessDenied"
    assert sts.assume_role(**wanted, ExternalId="s3cret")


def test_a_chain_of_roles_lasts_an_hour_and_hands_tags_down(aws, user, role):
    _, arn, key = user("sts:AssumeRole", "sts:TagSession")
    first = role(trust(arn, "sts:TagSession"), "sts:*", MaxSessionDuration=43200)
    second = role(trust(first, "sts:TagSession"), MaxSessionDuration=43200)
    credentials = aws.client("sts", key).assume_role(
        RoleArn=first,
        RoleSessionName="ada",
        DurationSeconds=43200,
        Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "Mood", "Value": "good"}],
        TransitiveTagKeys=["Team"],
    )["Credentials"]
    sts = aws.client("sts", credentials)
    wanted = {"RoleArn": second, "RoleSessionName": "ada"}
    assert refused(sts.assume_role, **wanted, DurationSeconds=3601) == "ValidationError"
    chained = sts.assume_role(**wanted)["Credentials"]
    session = aws.local.cloud.sessions.find(chained["AccessKeyId"])
    assert dict(session.tags) == {"Team": "blue"}


def test_a_source_identity_stays(aws, user, role):
    _, arn, key = user("sts:*")
    first = role(trust(arn, "sts:SetSourceIdentity"), "sts:*")
    second = role(trust(first, "sts:SetSourceIdentity"))
    credentials = aws.client("sts", key).assume_role(
        RoleArn=first, RoleSessionName="ada", SourceIdentity="ada"
    )["Credentials"]
    sts = aws.client("sts", credentials)
    wanted = {"RoleArn": second, "RoleSessionName": "ada"}
    assert refused(sts.assume_role, **wanted, SourceIdentity="eve") == "AccessDenied"
    assert sts.assume_role(**wanted)["SourceIdentity"] == "ada"


def test_a_role_made_anew_is_another_role(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    target = role(trust(arn), "iam:ListRoles")
    credentials = aws.client("sts", key).assume_role(RoleArn=target, RoleSessionName="ada")[
        "Credentials"
    ]
    iam, name = aws.client("iam"), target.split("/")[-1]
    assert aws.client("iam", credentials).list_roles()["Roles"]
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(arn))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy("iam:ListRoles"))
    assert refused(aws.client("iam", credentials).list_roles) == "AccessDenied"


def test_a_session_is_no_service_and_calls_through_none(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    target = role(trust(arn))
    credentials = aws.client("sts", key).assume_role(RoleArn=target, RoleSessionName="ada")[
        "Credentials"
    ]
    asks = {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": asks}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = target.split("/")[-1]
    aws.client("iam").put_role_policy(RoleName=name, PolicyName="asks", PolicyDocument=document)

    assert aws.client("s3", credentials).list_buckets()["Buckets"] == []


def test_iam_is_in_one_region_whatever_a_client_signs_for(aws, user, role):
    _, arn, key = user("sts:AssumeRole")
    target = role(trust(arn))
    credentials = aws.client("sts", key).assume_role(RoleArn=target, RoleSessionName="ada")[
        "Credentials"
    ]
    home = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": home}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = target.split("/")[-1]
    aws.client("iam").put_role_policy(RoleName=name, PolicyName="asks", PolicyDocument=document)

    assert aws.client("iam", credentials, region="eu-west-1").list_roles()["Roles"]
    elsewhere = aws.client("ec2", credentials, region="eu-west-1")
    assert refused(elsewhere.describe_instances) == "UnauthorizedOperation"


def test_a_denial_names_caller_action_resource_and_kind(aws, user):
    name, arn, key = user()
    aws.client("iam").put_user_policy(
        UserName=name,
        PolicyName="never",
        PolicyDocument=policy("iam:GetRole", effect="Deny"),
    )
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy") as e:
        aws.client("iam", key).get_role(RoleName="x")
    assert arn in str(e.value)
    assert f"arn:aws:iam::{ACCOUNT}:role/x" in str(e.value)
    with pytest.raises(ClientError, match="no identity-based policy allows the iam:ListRoles"):
        aws.client("iam", key).list_roles()


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_instances", "UnauthorizedOperation"),
        ("s3", "list_buckets", "AccessDenied"),
        ("iam", "list_roles", "AccessDenied"),
        ("ssm", "describe_parameters", "AccessDeniedException"),
        ("secretsmanager", "list_secrets", "AccessDeniedException"),
    ],
)
def test_each_service_denies_with_its_own_code(aws, user, service, call, code):
    _, _, key = user()
    assert refused(getattr(aws.client(service, key), call)) == code


def test_use_of_keys_and_roles_is_remembered(aws, user, role):
    name, arn, key = user("sts:AssumeRole", "iam:ListRoles")
    iam = aws.client("iam")
    aws.client("iam", key).list_roles()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]) == (name, "iam")
    target = role(trust(arn))
    credentials = aws.client("sts", key).assume_role(RoleArn=target, RoleSessionName="ada")
    aws.client("sts", credentials["Credentials"]).get_caller_identity()
    assert "LastUsedDate" in iam.get_role(RoleName=target.split("/")[-1])["Role"]["RoleLastUsed"]
