"""Roles and policies: what the plugin shows, sends, compares, replaces and forgives; imports."""

import json
import re

import grpc
import pytest

from sandbox.plugins.values import UNKNOWN

ACCOUNT = "123456789012"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
KEY = "aws:iam/accessKey:AccessKey"
MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def attachment(holder):
    return f"aws:iam/{holder}PolicyAttachment:{holder.capitalize()}PolicyAttachment"


def document(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    },
    indent=1,
)
COMPACT_TRUST = json.dumps(json.loads(TRUST), sort_keys=True, separators=(",", ":"))


@pytest.fixture
def role(aws):
    return aws.create(ROLE, name="R1", assumeRolePolicy=TRUST)


def test_a_role_shows_what_the_published_plugin_shows(role):
    outputs = dict(role.outputs)
    created, unique = outputs.pop("createDate"), outputs.pop("uniqueId")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created)
    assert unique.startswith("AROA")
    assert outputs == {
        "id": "R1",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/R1",
        "assumeRolePolicy": COMPACT_TRUST,
        "description": "",
        "forceDetachPolicies": False,
        "inlinePolicies": [],
        "managedPolicyArns": [],
        "maxSessionDuration": 3600,
        "name": "R1",
        "namePrefix": "",
        "path": "/",
        "permissionsBoundary": "",
        "tags": {},
        "tagsAll": {},
    }


def test_a_roles_inputs_stay_as_written_and_say_what_was_filled_in(role):
    assert role.inputs == {
        "assumeRolePolicy": TRUST,
        "maxSessionDuration": 3600,
        "name": "R1",
        "path": "/",
        "tagsAll": {},
        "__defaults": ["maxSessionDuration", "path"],
    }


def test_the_same_program_again_changes_nothing(aws, role):
    assert aws.changes(role, name="R1", assumeRolePolicy=TRUST) == set()


@pytest.mark.parametrize(
    "written",
    [
        COMPACT_TRUST,
        COMPACT_TRUST.replace('"sts:AssumeRole"', '["sts:AssumeRole"]'),
        json.dumps(dict(reversed(json.loads(TRUST).items()))),
    ],
    ids=["spaces", "list of one", "order of keys"],
)
def test_a_trust_policy_that_says_the_same_is_no_change(aws, role, written):
    assert aws.changes(role, name="R1", assumeRolePolicy=written) == set()


def test_a_trust_policy_that_says_something_else_is_sent(aws, cloud, role):
    other = TRUST.replace(ACCOUNT, "210987654321")

    assert aws.changes(role, name="R1", assumeRolePolicy=other) == {"assumeRolePolicy"}
    updated = aws.update(role, name="R1", assumeRolePolicy=other)

    stored = cloud.iam.get_role(RoleName="R1")["Role"]["AssumeRolePolicyDocument"]
    assert stored["Statement"][0]["Principal"]["AWS"] == "210987654321"
    assert json.loads(updated.outputs["assumeRolePolicy"]) == stored


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("description", "What it is for", lambda role: role.get("Description", "")),
        ("maxSessionDuration", 7200, lambda role: role["MaxSessionDuration"]),
        (
            "permissionsBoundary",
            EC2,
            lambda role: role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        ),
        (
            "tags",
            {"team": "access"},
            lambda role: {t["Key"]: t["Value"] for t in role.get("Tags", [])},
        ),
    ],
)
def test_a_role_changes_in_place_and_back(aws, cloud, role, name, value, stored):
    before = stored(cloud.iam.get_role(RoleName="R1")["Role"])

    changed = aws.update(role, name="R1", assumeRolePolicy=TRUST, **{name: value})

    assert changed.outputs[name] == stored(cloud.iam.get_role(RoleName="R1")["Role"]) == value
    assert name in aws.changes(changed, name="R1", assumeRolePolicy=TRUST)
    aws.update(changed, name="R1", assumeRolePolicy=TRUST)
    assert stored(cloud.iam.get_role(RoleName="R1")["Role"]) == before


@pytest.mark.parametrize(
    ("kind", "given", "changed", "replaced"),
    [
        (ROLE, {"assumeRolePolicy": TRUST}, {"name": "R2"}, {"name"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"path": "/team/"}, {"path"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"description": "new"}, set()),
        (POLICY, {"policy": document("s3:List*")}, {"name": "P2"}, {"name"}),
        (POLICY, {"policy": document("s3:List*")}, {"path": "/team/"}, {"path"}),
        (POLICY, {"policy": document("s3:List*")}, {"description": "new"}, {"description"}),
        (POLICY, {"policy": document("s3:List*")}, {"policy": document("s3:Get*")}, set()),
        (USER, {}, {"name": "U2"}, set()),
        (USER, {}, {"path": "/team/"}, set()),
        (GROUP, {}, {"name": "G2"}, set()),
        (GROUP, {}, {"path": "/team/"}, set()),
    ],
)
def test_what_replaces_and_what_updates(aws, kind, given, changed, replaced):
    thing = aws.create(kind, name="R1", **given)
    wanted = {"name": "R1", **given, **changed}

    answer = aws.diff(thing, **wanted)

    assert set(answer.diffs) == set(changed)
    assert set(answer.replaces) == replaced
    assert answer.deleteBeforeReplace == bool(replaced), "a given name is taken until it is free"


def test_a_role_with_a_generated_name_is_replaced_before_it_is_deleted(aws):
    thing = aws.create(ROLE, "reader", assumeRolePolicy=TRUST)

    assert re.fullmatch(r"reader-[0-9a-f]{7}", thing.id)
    assert "name" in thing.inputs["__defaults"]
    answer = aws.diff(thing, assumeRolePolicy=TRUST, path="/team/")
    assert set(answer.replaces) == {"path"}
    assert not answer.deleteBeforeReplace


def test_a_generated_name_fits_its_type(aws):
    thing = aws.create(ROLE, "r" * 80, assumeRolePolicy=TRUST)

    assert len(thing.id) == 64


@pytest.mark.parametrize(
    ("token", "argument", "value"),
    [
        (ROLE, "namePrefix", "team-"),
        (ROLE, "forceDetachPolicies", True),
        ("aws:iam/user:User", "forceDestroy", True),
        ("aws:iam/policy:Policy", "delayAfterPolicyCreationInMs", 10),
        ("aws:ssm/parameter:Parameter", "insecureValue", "ours"),
        ("aws:ssm/parameter:Parameter", "overwrite", True),
        ("aws:secretsmanager/secret:Secret", "policy", TRUST),
        ("aws:secretsmanager/secretVersion:SecretVersion", "secretBinary", "AA=="),
        ("aws:secretsmanager/secretVersion:SecretVersion", "versionStages", ["A"]),
    ],
)
def test_what_was_never_observed_of_the_published_plugin_is_refused(aws, token, argument, value):
    with pytest.raises(ValueError, match="this emulated plugin does not do what it asks for"):
        aws.check(token, **{argument: value})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"maxSessionDuration": 10},
            "expected max_session_duration to be in the range (3600 - 43200), got 10",
        ),
        ({"name": "a role"}, r"invalid value for name (must match [\w+=,.@-])"),
        (
            {"name": "r" * 65},
            f"expected length of name to be in the range (1 - 64), got {'r' * 65}",
        ),
        (
            {"assumeRolePolicy": "nobody"},
            '"assume_role_policy" contains an invalid JSON policy: not a JSON object',
        ),
        ({"colour": "red"}, 'an argument named "colour" is not expected here'),
        ({"maxSessionDuration": "long"}, "max_session_duration: expected a number"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_call(aws, given, said):
    with pytest.raises(ValueError, match=re.escape(said)) as refusal:
        aws.check(ROLE, **{"name": "R1", "assumeRolePolicy": TRUST, **given})

    assert str(refusal.value) == said


def test_all_that_is_wrong_is_said_at_once(aws):
    with pytest.raises(ValueError, match="max_session_duration") as refusal:
        aws.check(ROLE, name="a role", maxSessionDuration=10)

    reasons = str(refusal.value).splitlines()
    assert len(reasons) == 3
    assert 'The argument "assume_role_policy" is required' in reasons[2]


def test_a_role_that_exists_is_an_error_in_one_line(aws, role):
    with pytest.raises(grpc.RpcError) as refusal:
        aws.create(ROLE, name="R1", assumeRolePolicy=TRUST)

    assert re.fullmatch(
        r"creating IAM Role \(R1\): operation error IAM: CreateRole, https response error "
        r"StatusCode: 409, RequestID: [\w-]+, EntityAlreadyExists: Role with name R1 already "
        r"exists\.",
        refusal.value.details(),
    )


def test_a_policy_attached_by_hand_is_seen_and_left_alone(aws, cloud, role):
    cloud.iam.attach_role_policy(RoleName="R1", PolicyArn=EC2)
    cloud.iam.put_role_policy(
        RoleName="R1", PolicyName="by-hand", PolicyDocument=document("s3:List*")
    )

    seen = aws.refresh(role)

    assert seen.outputs["managedPolicyArns"] == [EC2]
    assert [policy["name"] for policy in seen.outputs["inlinePolicies"]] == ["by-hand"]
    assert seen.inputs == role.inputs
    assert aws.changes(seen, name="R1", assumeRolePolicy=TRUST) == set()


def test_a_role_is_deleted_with_what_a_refresh_has_seen_on_it(aws, cloud, role):
    cloud.iam.attach_role_policy(RoleName="R1", PolicyArn=EC2)

    with pytest.raises(grpc.RpcError, match="DeleteConflict"):
        aws.delete(role)
    aws.delete(aws.refresh(role))

    assert "R1" not in {found["RoleName"] for found in cloud.iam.list_roles()["Roles"]}


def test_policies_given_to_a_role_itself_are_kept_true(aws, cloud):
    inline = [{"name": "list", "policy": document("s3:List*")}]
    thing = aws.create(
        ROLE,
        name="R1",
        assumeRolePolicy=TRUST,
        managedPolicyArns=[EC2],
        inlinePolicies=inline,
    )

    assert thing.outputs["managedPolicyArns"] == [EC2]
    changed = aws.update(
        thing, name="R1", assumeRolePolicy=TRUST, managedPolicyArns=[S3], inlinePolicies=[]
    )
    assert changed.outputs["managedPolicyArns"] == [S3]
    assert changed.outputs["inlinePolicies"] == []


def test_drift_is_seen_by_a_refresh_and_repaired_by_an_update(aws, cloud, role):
    cloud.iam.update_role_description(RoleName="R1", Description="by hand")

    seen = aws.refresh(role)

    assert seen.outputs["description"] == "by hand"
    assert aws.changes(seen, name="R1", assumeRolePolicy=TRUST) == {"description"}
    aws.update(seen, name="R1", assumeRolePolicy=TRUST)
    assert cloud.iam.get_role(RoleName="R1")["Role"].get("Description", "") == ""


@pytest.mark.parametrize("holder", ["role", "group", "user"])
def test_a_policy_is_attached_found_and_detached(aws, cloud, holder):
    aws.create(
        {"role": ROLE, "group": GROUP, "user": USER}[holder],
        name="H",
        **({"assumeRolePolicy": TRUST} if holder == "role" else {}),
    )
    kind = attachment(holder)

    thing = aws.create(kind, **{holder: "H", "policyArn": EC2})

    assert thing.id == f"H/{EC2}"
    assert thing.outputs == {"id": thing.id, holder: "H", "policyArn": EC2}
    assert aws.refresh(thing) == thing
    assert aws.adopt(kind, f"H/{EC2}").inputs == {holder: "H", "policyArn": EC2, "__defaults": []}
    answer = aws.diff(thing, **{holder: "H", "policyArn": S3})
    assert set(answer.replaces) == {"policyArn"}
    assert answer.deleteBeforeReplace
    aws.delete(thing)
    assert aws.refresh(thing) is None
    aws.delete(thing)


def test_an_attachment_ended_by_hand_is_forgotten(aws, cloud, role):
    thing = aws.create(attachment("role"), role="R1", policyArn=EC2)
    cloud.iam.detach_role_policy(RoleName="R1", PolicyArn=EC2)

    assert aws.refresh(thing) is None


@pytest.mark.parametrize("holder", ["role", "group", "user"])
def test_an_inline_policy_lives_and_dies_with_its_program(aws, cloud, holder):
    aws.create(
        {"role": ROLE, "group": GROUP, "user": USER}[holder],
        name="H",
        **({"assumeRolePolicy": TRUST} if holder == "role" else {}),
    )
    kind = f"aws:iam/{holder}Policy:{holder.capitalize()}Policy"
    given = {holder: "H", "name": "list", "policy": document("s3:List*")}

    thing = aws.create(kind, **given)

    assert thing.id == "H:list"
    assert thing.outputs["namePrefix"] == ""
    assert aws.changes(thing, **given) == set()
    assert aws.refresh(thing) == thing
    assert aws.adopt(kind, "H:list").outputs == thing.outputs
    other = given | {"policy": document("s3:Get*")}
    assert json.loads(aws.update(thing, **other).outputs["policy"]) == json.loads(other["policy"])
    aws.delete(thing)
    assert aws.refresh(thing) is None
    aws.delete(thing)


def test_a_policy_keeps_five_versions_and_gives_up_the_oldest(aws, cloud):
    thing = aws.create(POLICY, name="P", policy=document("s3:A"))
    for action in "BCDEFG":
        thing = aws.update(thing, name="P", policy=document(f"s3:{action}"))

    versions = cloud.iam.list_policy_versions(PolicyArn=thing.id)["Versions"]
    assert len(versions) == 5
    assert json.loads(thing.outputs["policy"]) == json.loads(document("s3:G"))
    aws.delete(thing)
    assert aws.refresh(thing) is None


def test_a_policy_shows_how_often_it_is_attached(aws, cloud, role):
    thing = aws.create(POLICY, name="P", policy=document("s3:List*"))
    assert thing.outputs["attachmentCount"] == 0
    cloud.iam.attach_role_policy(RoleName="R1", PolicyArn=thing.id)

    seen = aws.refresh(thing)

    assert seen.outputs["attachmentCount"] == 1
    assert aws.changes(seen, name="P", policy=document("s3:List*")) == set()


def test_an_imported_role_has_no_defaults_but_what_is_on_it(aws, cloud):
    cloud.iam.create_role(
        RoleName="by-hand", AssumeRolePolicyDocument=TRUST, Description="made by hand"
    )
    cloud.iam.attach_role_policy(RoleName="by-hand", PolicyArn=EC2)

    adopted = aws.adopt(ROLE, "by-hand")

    assert adopted.inputs == {
        "assumeRolePolicy": COMPACT_TRUST,
        "description": "made by hand",
        "managedPolicyArns": [EC2],
        "name": "by-hand",
        "__defaults": [],
    }
    given = {"name": "by-hand", "assumeRolePolicy": TRUST, "description": "made by hand"}
    assert aws.changes(adopted, **given) == set()
    assert aws.changes(adopted, **given | {"description": ""}) == {"description"}


def test_what_does_not_exist_is_not_imported(aws):
    for kind in (ROLE, USER, GROUP):
        assert aws.adopt(kind, "nothing") is None
    assert aws.adopt(ROLE_POLICY, "nobody:nothing") is None
    assert aws.adopt(KEY, "AKIANOTHINGNOTHING00") is None
    assert aws.adopt(POLICY, f"arn:aws:iam::{ACCOUNT}:policy/nothing") is None
    assert aws.adopt(MEMBERSHIP, "nobody/nothing") is None


def test_what_is_gone_already_counts_as_deleted(aws, cloud):
    role = aws.create(ROLE, name="R", assumeRolePolicy=TRUST)
    user, group = aws.create(USER, name="U"), aws.create(GROUP, name="G")
    policy = aws.create(POLICY, name="P", policy=document("s3:List*"))
    cloud.iam.delete_role(RoleName="R")
    cloud.iam.delete_user(UserName="U")
    cloud.iam.delete_group(GroupName="G")
    cloud.iam.delete_policy(PolicyArn=policy.id)

    for thing in (role, user, group, policy):
        aws.delete(thing)


def test_a_preview_knows_what_follows_from_the_program(aws):
    shown = aws.preview(ROLE, name="R1", assumeRolePolicy=TRUST)
    unknown = {name for name, value in shown.items() if value == UNKNOWN}

    assert shown["assumeRolePolicy"] == COMPACT_TRUST
    assert shown["maxSessionDuration"] == 3600
    assert unknown == {
        "id",
        "arn",
        "createDate",
        "uniqueId",
        "managedPolicyArns",
        "inlinePolicies",
        "namePrefix",
    }


def test_an_unknown_argument_is_neither_checked_nor_taken_for_a_value(aws, role):
    shown = aws.preview(ROLE, name=UNKNOWN, assumeRolePolicy=UNKNOWN, maxSessionDuration=3600)
    assert shown["assumeRolePolicy"] == UNKNOWN

    answer = aws.diff(role, name=UNKNOWN, assumeRolePolicy=TRUST)
    assert set(answer.replaces) == {"name"}, "it may become another name"


def test_look_ups_find_a_role_and_say_who_asks(aws, role):
    assert aws.look_up("aws:iam/getRole:getRole", name="R1")["arn"] == role.outputs["arn"]
    caller = aws.look_up("aws:index/getCallerIdentity:getCallerIdentity")
    assert caller["accountId"] == caller["id"] == ACCOUNT
    assert caller["arn"].startswith(f"arn:aws:iam::{ACCOUNT}:user/")
    assert caller["userId"]

    with pytest.raises(grpc.RpcError, match=r"reading IAM Role \(none\): couldn't find resource"):
        aws.look_up("aws:iam/getRole:getRole", name="none")
