"""What the model must not call proven: each kind found in public reports or by reading."""

import json
import tomllib

import pytest
from click.testing import CliRunner

import settings
from access import aws_managed
from access.__main__ import access
from access.answers import Subject, can
from access.escalations import TABLE
from access.expectations import outcomes
from access.findings import findings
from access.matrix import ended_memberships
from access.model import AccessModel
from access.sign_in import tag_value_is_valid
from okta_aws_federation.partitions import PARTITIONS

ADA = "ada@example.com"
ACCOUNT = "123456789012"


def values(**more):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
        "groups": {"Developers": {"roles": ["Developer"], "members": [ADA]}},
        "today": "2026-11-25",
    } | more


def model(**more):
    return AccessModel(settings.parse(values(**more)))


def satisfied(**more):
    return [line.satisfied for line in outcomes(model(**more))]


# A policy is known by its whole ARN.


@pytest.mark.parametrize("partition", [each.name for each in PARTITIONS])
def test_a_policy_of_aws_is_known_in_each_partition(partition):
    assert aws_managed.policy(f"arn:{partition}:iam::aws:policy/ReadOnlyAccess") is not None


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess",
        f"arn:aws:iam::{ACCOUNT}:policy/job-function/ViewOnlyAccess",
        "arn:aws:iam::aws:policy/team/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/readonlyaccess",
        "arn:aws-elsewhere:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:sts::aws:policy/ReadOnlyAccess",
        "ReadOnlyAccess",
    ],
)
def test_a_policy_of_the_same_name_is_another_policy(arn):
    assert aws_managed.policy(arn) is None


def test_a_customers_policy_proves_nothing_without_live():
    role = {"managedPolicies": [f"arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess"]}
    expect = [
        {"user": ADA, "can": ["ec2:DescribeInstances"]},
        {"user": ADA, "cannot": ["iam:CreateUser"]},
    ]

    assert satisfied(roles={"Developer": role}, expect=expect) == [None, None]


def test_a_customers_boundary_proves_nothing_without_live():
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/PowerUserAccess"
    role = {"managedPolicies": ["IAMFullAccess"], "boundary": boundary}
    expect = [{"user": ADA, "cannot": ["iam:ListUsers"], "can": ["iam:ListUsers"]}]

    assert satisfied(roles={"Developer": role}, expect=expect) == [None, None]


def test_an_inline_policy_does_not_hide_a_customer_policy_of_its_name():
    def statement(action):
        return [{"Effect": "Allow", "Action": action, "Resource": "*"}]

    role = {
        "customerPolicies": {"Same": statement("s3:ListAllMyBuckets")},
        "inlinePolicies": {"Same": statement("ec2:DescribeInstances")},
    }
    whole = model(roles={"Developer": role})
    for action in ("s3:ListAllMyBuckets", "ec2:DescribeInstances"):
        assert can(whole, Subject(login=ADA), action).allowed


# Logins and group names have no case.


def test_two_spellings_are_one_person():
    roles = {"Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}}
    roles["Auditor"] = {"managedPolicies": ["IAMReadOnlyAccess"]}
    groups = {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
        "Auditors": {"roles": ["Auditor"], "members": [ADA], "priority": 2},
    }
    stack = settings.parse(values(roles=roles, groups=groups))
    other = stack.groups["Auditors"].model_copy(update={"members": ("Ada@Example.com",)})
    whole = AccessModel(stack.model_copy(update={"groups": {**stack.groups, "Auditors": other}}))

    assert len(whole.people) == 1
    [in_groups] = whole.groups_of.values()
    assert in_groups == ("Developers", "Auditors")
    assert "priority-hides-roles" in {each.rule for each in findings(whole)}


@pytest.mark.parametrize("login", [ADA, "Ada@Example.com", "ADA@EXAMPLE.COM"])
def test_an_expectation_finds_a_person_however_the_login_is_spelled(login):
    cannot = [{"user": login, "cannot": ["ec2:DescribeInstances"]}]
    yes = [{"user": login, "can": ["ec2:DescribeInstances"]}]

    assert satisfied(expect=cannot) == [False]
    assert satisfied(expect=yes) == [True]
    assert can(model(), Subject(login=login), "ec2:DescribeInstances", None).allowed


def test_a_group_is_found_however_its_name_is_spelled():
    assert can(model(), Subject(group="DEVELOPERS"), "ec2:DescribeInstances").allowed


def test_a_persons_attributes_are_found_however_the_login_is_spelled():
    person = {"firstName": "Ada", "lastName": "L", "email": ADA, "department": "R&D"}
    tags = {"sessionTags": {"team": "user.department"}}
    stack = settings.parse(values(people={ADA: person}, app=tags))
    people = {"ADA@example.com": stack.people[ADA]}
    whole = AccessModel(stack.model_copy(update={"people": people}))

    assert not can(whole, Subject(login=ADA), "ec2:DescribeInstances").possible


def test_a_cannot_about_nobody_is_reported():
    [line] = outcomes(model(expect=[{"user": "adda@example.com", "cannot": ["s3:ListBucket"]}]))

    assert line.satisfied is False
    assert "shows nothing" in line.reason
    assert ADA in line.reason, "the login that was meant"


@pytest.mark.parametrize("group", [{"rule": 'user.department=="X"'}, {"existing": True}])
def test_a_cannot_about_somebody_whom_a_directory_may_put_in_a_group_is_open(group):
    groups = {"Directory": {"roles": ["Developer"], **group}}
    expect = [{"user": "bob@example.com", "cannot": ["ec2:DescribeInstances"]}]

    assert satisfied(groups=groups, expect=expect) == [None]


def test_a_cannot_about_somebody_whose_membership_has_ended_holds():
    ended = {"roles": ["Developer"], "temporary": {"bob@example.com": "2026-11-24"}}
    expect = [{"user": "bob@example.com", "cannot": ["ec2:DescribeInstances"]}]

    assert satisfied(expect=expect, groups={"Developers": ended}) == [True]


# What STS refuses keeps people out.


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("R&D", False),
        ("a,b", False),
        ("tab\there", False),
        ("x" * 257, False),
        ("x" * 256, True),
        ("", True),
        ("Forschung & Co", False),
        ("Größe 2: Zürich/West_1+2=3-@.", True),
    ],
)
def test_a_session_tag_is_what_sts_takes(value, is_taken):
    assert tag_value_is_valid(value) is is_taken


def test_a_session_tag_that_sts_refuses_shuts_its_person_out_and_nobody_else():
    person = {"firstName": "Rita", "lastName": "L", "email": "rita@example.com"}
    rita, bob = "rita@example.com", "bob@example.com"
    whole = model(
        app={"sessionTags": {"team": "user.department"}},
        people={
            rita: person | {"department": "R&D"},
            bob: person | {"department": "Research", "email": bob},
        },
        roles={
            "Developer": {
                "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
                "trust": {"sessionTags": ["team"]},
            }
        },
        groups={"Developers": {"roles": ["Developer"], "members": [rita, bob]}},
    )

    answer = can(whole, Subject(login=rita), "ec2:DescribeInstances")
    assert not answer.possible
    assert "STS refuses the session tag team = 'R&D'" in answer.reason
    assert can(whole, Subject(login=bob), "ec2:DescribeInstances").allowed
    assert [each.value for each in findings(whole) if each.rule == "shut-out"] == [rita]


# A role that others get into.

NARROWED = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
SAML_AUD = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
OTHER = "210987654321"
SERVICE = {"Service": "scheduler.amazonaws.com"}
EVERYBODY, OTHERS, SOURCE = (
    {"role-open-to-everybody"},
    {"role-open-to-account"},
    {"service-without-source"},
)
OPEN = [
    ({"AWS": "*"}, {}, None),
    ({"AWS": "*"}, NARROWED, EVERYBODY),
    ({"AWS": ["*", OTHER]}, {}, None),
    ({"AWS": "*"}, {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
    ({"AWS": "*"}, {"Bool": {"aws:SecureTransport": "true"}}, None),
    ({"AWS": f"arn:aws:iam::{OTHER}:root"}, {}, OTHERS),
    ({"AWS": OTHER}, {}, OTHERS),
    ({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "x"}}, set()),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {}, set()),
    ({"Federated": "*"}, SAML_AUD, None),
    (SERVICE, {}, SOURCE),
    (SERVICE, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, set()),
    (SERVICE, {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:*"}}, set()),
    (SERVICE, {"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}, set()),
    (
        SERVICE,
        {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-abcdefghij/r-ab12/*"}},
        set(),
    ),
    (SERVICE, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, SOURCE),
    ({"Service": "ec2.amazonaws.com"}, {}, set()),
]


@pytest.mark.parametrize(("principal", "condition", "rules"), OPEN)
def test_a_trust_that_lets_others_in_is_a_finding(principal, condition, rules):
    action = "sts:AssumeRoleWithSAML" if "Federated" in principal else "sts:AssumeRole"
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    role = {"managedPolicies": ["ReadOnlyAccess"], "trust": {"statements": [statement]}}
    if rules is None:
        with pytest.raises(settings.SettingsError, match=r"trust\.statements"):
            model(roles={"Developer": role})
        return
    whole = model(roles={"Developer": role})

    reported = {each.rule for each in findings(whole) if each.key.endswith("trust.statements")}
    assert reported == rules


# A membership that has ended.


def test_a_membership_that_ended_is_one_until_the_next_update(tmp_path):
    groups = {"Developers": {"roles": ["Developer"], "temporary": {ADA: "2026-11-24"}}}

    [ended] = ended_memberships(model(groups=groups))
    assert (ended.login, ended.group, str(ended.last_day)) == (ADA, "Developers", "2026-11-24")

    config = {f"okta-aws-federation:{key}": each for key, each in values(groups=groups).items()}
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(json.dumps({"config": config}))
    table = CliRunner().invoke(access, ["matrix", str(file)]).output
    assert "still a member until the next update" in table
    assert json.loads(CliRunner().invoke(access, ["matrix", str(file), "--json"]).output) == {
        ADA: [{"group": "Developers", "ended": "2026-11-24", "member_until": "the next update"}]
    }


# What a person can reach although no policy of their roles allows it: a `cannot` stays open.

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
OWN_USER = "arn:aws:iam::*:user/${aws:username}"
NOT_READ = [{"user": ADA, "cannot": ["s3:GetObject"]}]
ESCALATIONS = sorted(
    {*map(tuple, (each["actions"] for each in tomllib.loads(TABLE.read_text()).values()))}
    - {("sts:AssumeRole",)}
)


def allow(*actions, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def of_role(*statements, **more):
    role = {"inlinePolicies": {"Own": [*statements]}, **more.pop("role", {})}
    roles = {"Developer": role, **more.pop("further", {})}
    return satisfied(roles=roles, expect=NOT_READ, **more)


@pytest.mark.parametrize("actions", ESCALATIONS, ids=" ".join)
def test_who_may_raise_their_own_rights_is_kept_from_nothing_by_their_policies(actions):
    assert of_role(allow(*actions)) == [None]
    denied = {"Effect": "Deny", "Action": actions[0], "Resource": "*"}
    assert of_role(allow(*actions), denied) == [True]


@pytest.mark.parametrize(
    ("statement", "role", "stands"),
    [
        (allow("iam:PutRolePolicy", resource=f"arn:aws:iam::{ACCOUNT}:role/Developer"), {}, None),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, {}, None),
        (allow("iam:PutRolePolicy"), {"boundary": "job-function/ViewOnlyAccess"}, True),
        (allow("iam:PassRole"), {}, True),
        # A session of SAML has no aws:username, so that the variable means nobody.
        (
            allow("iam:CreateAccessKey", resource=OWN_USER),
            {},
            True,
        ),
        (allow("iam:CreateAccessKey", resource=[OWN_USER, "arn:aws:iam::*:user/ci"]), {}, None),
        (
            {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": [OWN_USER, "*"]},
            {},
            True,
        ),
    ],
)
def test_an_escalation_counts_where_the_role_allows_it(statement, role, stands):
    assert of_role(statement, role=role) == [stands]


def test_what_an_escalation_leaves_open_is_told_by_every_command(tmp_path):
    role = {"inlinePolicies": {"Own": [allow("iam:PutRolePolicy")]}}
    content = values(roles={"Developer": role}, expect=NOT_READ)
    file = tmp_path / "Pulumi.dev.yaml"
    config = {f"okta-aws-federation:{key}": value for key, value in content.items()}
    file.write_text(json.dumps({"config": config}))

    def output(*arguments):
        return CliRunner().invoke(access, [str(each) for each in arguments]).output

    may = "may iam:PutRolePolicy, which writes any policy into a role"
    assert f"as Developer they {may}; deny iam:PutRolePolicy, or leave it out" in output(
        "check", file
    )
    for command in (("who-can", file, "s3:GetObject"), ("explain", file, ADA, "s3:GetObject")):
        assert f"as Developer: {may}; what that allows is not known" in output(*command)
    assert may in output("matrix", file)


OPS = {"rule": 'user.department=="Ops"'}
PERSON = {"firstName": "Ada", "lastName": "L", "email": ADA}


@pytest.mark.parametrize(
    ("filled", "wins", "more", "cannot", "can"),
    [
        (OPS, True, {}, None, None),
        ({"existing": True}, True, {}, None, None),
        ({"id": "00g" + "a" * 17}, True, {}, None, None),
        (OPS, False, {}, True, True),
        (OPS, False, {"app": {"combineRoles": True}}, None, True),
        (OPS, False, {"mode": "group-mapping"}, None, True),
        ({"existing": True}, True, {"mode": "group-mapping"}, None, True),
        (OPS, True, {"people": {ADA: PERSON | {"department": "Dev"}}}, True, True),
        (OPS, True, {"people": {ADA: PERSON | {"department": "OPS"}}}, None, None),
        ({"rule": 'user.email=="x@y.z"'}, True, {"people": {ADA: PERSON}}, None, None),
        (OPS | {"roles": ["Developer"]}, True, {}, True, True),
    ],
)
def test_a_group_that_a_rule_or_a_directory_fills_may_hold_a_person_too(
    filled, wins, more, cannot, can
):
    roles = {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Reader": {"inlinePolicies": {"Own": [READ]}},
    }
    groups = {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 2},
        "Readers": {"roles": ["Reader"], "priority": 1 if wins else 3, **filled},
    }
    expect = [*NOT_READ, {"user": ADA, "can": ["ec2:DescribeInstances"]}]

    assert satisfied(roles=roles, groups=groups, expect=expect, **more) == [cannot, can]


def test_what_only_a_rule_may_give_is_no_missed_expectation():
    groups = {
        "Others": {"roles": ["Developer"], "members": ["bob@example.com"]},
        "Developers": {"roles": ["Developer"], **OPS},
    }
    expect = [{"user": "bob@example.com", "can": ["ec2:DescribeInstances", "s3:GetObject"]}]
    roles = {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Reader": {"inlinePolicies": {"Own": [READ]}},
    }
    groups["Developers"]["roles"] = ["Reader"]
    app = {"combineRoles": True}

    assert satisfied(roles=roles, groups=groups, expect=expect, app=app) == [True, None]


def test_who_can_names_the_group_that_a_rule_fills(tmp_path):
    content = values(groups={"Guests": {"roles": ["Developer"], **OPS}})
    file = tmp_path / "Pulumi.dev.yaml"
    config = {f"okta-aws-federation:{key}": value for key, value in content.items()}
    file.write_text(json.dumps({"config": config}))

    result = CliRunner().invoke(access, ["who-can", str(file), "ec2:DescribeInstances"])

    assert result.output.startswith("group Guests")


@pytest.mark.parametrize(
    ("attribute", "stands"),
    [("email", None), ("firstName", None), ("lastName", None), ("department", True)],
)
def test_an_attribute_that_people_may_edit_proves_nothing(attribute, stands):
    blue = allow("s3:GetObject", StringEquals={"aws:PrincipalTag/team": "blue"})
    more = {
        "app": {"sessionTags": {"team": f"user.{attribute}"}},
        "people": {ADA: PERSON | {"department": "red"}},
    }

    assert of_role(blue, **more) == [stands]


NETWORKS = ["203.0.113.0/24", "198.51.100.0/24"]
REFUSED_NETWORK = {
    "sourceIps": NETWORKS,
    "statements": [
        {
            "Effect": "Deny",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"IpAddress": {"aws:SourceIp": NETWORKS[0]}},
        }
    ],
}


@pytest.mark.parametrize(
    ("condition", "role", "stands"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-west-2"}}, {}, None),
        ({"Bool": {"aws:ViaAWSService": "true"}}, {}, None),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, None),
        ({}, {"trust": REFUSED_NETWORK}, None),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, {}, True),
    ],
)
def test_what_is_assumed_of_a_call_is_no_proof_that_it_is_refused(condition, role, stands):
    assert of_role(allow("s3:GetObject", **condition), role=role) == [stands]


def test_what_is_assumed_of_a_call_proves_that_it_is_allowed():
    region = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    role = {"inlinePolicies": {"Own": [allow("s3:GetObject", **region)]}}
    asked = {"action": "s3:GetObject", "context": {"aws:RequestedRegion": "us-west-2"}}
    expect = [{"user": ADA, "can": ["s3:GetObject"], "cannot": [asked]}]

    assert satisfied(roles={"Developer": role}, expect=expect) == [True, True]
