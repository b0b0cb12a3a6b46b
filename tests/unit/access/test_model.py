"""Who enters which role, from a stack file alone."""

import pytest

from access.answers import Subject, can
from settings import AccountRole

ADA, GRACE = "ada@example.com", "grace@example.com"
BOTH = {
    "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 2},
    "Auditors": {"roles": ["Auditor"], "members": [ADA], "priority": 1},
}


def allow(action, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def asked(estate, action, resource="*", **context):
    return can(estate, Subject(login=ADA), action, resource, context)


def test_somebody_in_no_group_reaches_nothing(estate):
    answer = can(estate(), Subject(login="eve@example.com"), "ec2:DescribeInstances")

    assert (answer.allowed, answer.possible) == (False, False)
    assert answer.reason == "eve@example.com is in no group of this stack"


def test_of_two_groups_the_one_with_the_smaller_number_decides(estate):
    [entry] = estate(groups=BOTH).assumable_roles[ADA]

    assert (entry.account_role.role, entry.group) == ("Auditor", "Auditors")


def test_where_okta_combines_roles_a_person_has_those_of_all_groups(estate):
    entries = estate(groups=BOTH, app={"combineRoles": True}).assumable_roles[ADA]

    assert [(entry.account_role.role, entry.group) for entry in entries] == [
        ("Auditor", "Auditors"),
        ("Developer", "Developers"),
    ]


def test_the_roles_of_a_group_come_in_the_order_of_their_names(estate):
    groups = {"All": {"roles": ["Developer", "Auditor"], "members": [ADA]}}

    offered = estate(groups=groups).offered_roles[ADA]

    assert [each.account_role.role for each in offered] == ["Auditor", "Developer"]


def test_in_group_mapping_every_group_counts_in_every_account(estate):
    accounts = {
        "one": {"id": "111111111111", "region": "us-east-1"},
        "two": {"id": "222222222222", "region": "us-east-1"},
    }

    entries = estate(mode="group-mapping", accounts=accounts, groups=BOTH).assumable_roles[ADA]

    assert {tuple(entry.account_role) for entry in entries} == {
        (account, role) for account in accounts for role in ("Developer", "Auditor")
    }


def test_a_membership_that_is_over_opens_nothing(estate):
    groups = {"Developers": {"roles": ["Developer"], "temporary": {ADA: "2026-11-24"}}}

    assert estate(groups=groups).assumable_roles == {}
    assert ADA in estate(groups=groups, today="2026-11-24").assumable_roles


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        ({"closes": "2026-11-24"}, "does not allow sts:AssumeRoleWithSAML"),
        ({"opens": "2026-11-26"}, "does not allow sts:AssumeRoleWithSAML"),
        ({"conditions": {"StringEquals": {"sts:RoleSessionName": GRACE}}}, "does not allow"),
        ({"conditions": {"StringLike": {"aws:RequestTag/team": "*"}}}, "does not allow"),
    ],
)
def test_a_role_whose_trust_policy_refuses_a_person_is_not_entered(with_role, trust, said):
    closed = with_role(managedPolicies=["AdministratorAccess"], trust=trust)

    assert closed.offered_roles[ADA], "Okta offers it all the same"
    assert closed.assumable_roles[ADA] == ()
    assert said in asked(closed, "ec2:DescribeInstances").reason


def test_the_window_is_open_on_its_first_and_its_last_day(with_role):
    window = {"opens": "2026-11-25", "closes": "2026-11-25"}

    assert with_role(trust=window).assumable_roles[ADA]


def test_people_are_taken_to_come_from_where_the_role_accepts_them(with_role):
    role = with_role(trust={"sourceIps": ["203.0.113.0/24"]})

    assert role.assume_role_decision(ADA, AccountRole("main", "Developer")).allowed


def test_a_source_identity_that_no_pattern_takes_keeps_its_person_out(with_role):
    app = {"sourceIdentity": {"value": "user.login", "allow": ["*@other.example"]}}

    assert with_role(app).assumable_roles[ADA] == ()
    app["sourceIdentity"]["allow"] = ["*@example.com"]
    assert with_role(app).assumable_roles[ADA]


def test_a_tag_that_only_okta_knows_leaves_the_answer_open(with_role):
    app = {"sessionTags": {"team": "user.department"}}
    policy = {"Own": [allow("ec2:*", StringEquals={"aws:PrincipalTag/team": "blue"})]}
    role = with_role(app, inlinePolicies=policy)

    answer = asked(role, "ec2:RunInstances")

    assert (answer.allowed, answer.possible) == (False, True)
    assert answer.depends_on == ("aws:principaltag/team",)
    assert asked(role, "ec2:RunInstances", **{"aws:PrincipalTag/team": "blue"}).allowed
    assert not asked(role, "ec2:RunInstances", **{"aws:PrincipalTag/team": "red"}).possible


@pytest.mark.parametrize("untagged", ["true", "false"])
def test_whether_a_tag_is_sent_that_only_okta_knows_leaves_the_way_in_open(with_role, untagged):
    app = {"sessionTags": {"team": "user.department"}}
    role = with_role(app, trust={"conditions": {"Null": {"aws:TagKeys": untagged}}})

    admission = role.assume_role_decision(ADA, AccountRole("main", "Developer"))

    assert (admission.allowed, admission.possible) == (False, True)
    assert admission.depends_on == ("aws:tagkeys",)


def test_a_tag_without_a_condition_on_it_leaves_nothing_open(with_role):
    role = with_role({"sessionTags": {"team": "user.department"}})

    assert role.assume_role_decision(ADA, AccountRole("main", "Developer")).allowed


def test_who_one_is_can_be_asked_whatever_the_policies_say(with_role):
    denied = {"Own": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}

    answer = asked(with_role(inlinePolicies=denied), "STS:getcalleridentity")

    assert answer.allowed
    assert answer.reason.endswith("needs no permission")


@pytest.mark.parametrize(
    ("region", "home"),
    [
        ("eu-west-1", "us-east-1"),
        ("us-gov-east-1", "us-gov-west-1"),
        ("cn-northwest-1", "cn-north-1"),
    ],
)
def test_iam_is_asked_in_the_first_region_of_the_partition(estate, region, home):
    policy = {
        "Here": [allow("ec2:*", StringEquals={"aws:RequestedRegion": region})],
        "Home": [allow("iam:List*", StringEquals={"aws:RequestedRegion": home})],
    }
    stack = estate(
        accounts={"main": {"id": "123456789012", "region": region}},
        roles={"Developer": {"inlinePolicies": policy}},
        groups={"Developers": {"roles": ["Developer"], "members": [ADA]}},
    )

    assert asked(stack, "ec2:RunInstances").allowed
    assert asked(stack, "iam:ListRoles").allowed


def test_a_person_is_no_service_and_calls_through_none(with_role):
    asks = {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"}
    role = with_role(inlinePolicies={"Own": [allow("*", Bool=asks)]})

    assert asked(role, "ec2:RunInstances").allowed


@pytest.mark.parametrize(("department", "allowed"), [("blue", True), ("red", False)])
def test_a_tag_that_the_stack_file_knows_decides(with_role, department, allowed):
    app = {"sessionTags": {"team": "user.department"}}
    policy = {"Own": [allow("ec2:*", StringEquals={"aws:PrincipalTag/team": "blue"})]}
    person = {"firstName": "A", "lastName": "L", "email": ADA, "department": department}

    role = with_role(app, {ADA: person}, inlinePolicies=policy)

    answer = asked(role, "ec2:RunInstances")
    assert (answer.allowed, answer.possible) == (allowed, allowed)


def test_two_people_in_one_role_are_told_apart_by_their_tags(estate):
    policy = {"Own": [allow("ec2:*", StringEquals={"aws:PrincipalTag/who": ADA})]}
    both = estate(
        roles={"Developer": {"inlinePolicies": policy}},
        groups={"Developers": {"roles": ["Developer"], "members": [ADA, GRACE]}},
        app={"sessionTags": {"who": "user.login"}},
    )

    assert can(both, Subject(login=ADA), "ec2:RunInstances").allowed
    assert not can(both, Subject(login=GRACE), "ec2:RunInstances").possible


def test_a_condition_on_the_request_leaves_the_answer_open_until_it_is_given(with_role):
    policy = {"Own": [allow("ec2:RunInstances", StringEquals={"ec2:InstanceType": "t3.micro"})]}
    role = with_role(inlinePolicies=policy)

    assert asked(role, "ec2:RunInstances").depends_on == ("ec2:instancetype",)
    assert asked(role, "ec2:RunInstances", **{"ec2:InstanceType": "t3.micro"}).allowed


def test_a_denial_on_a_condition_leaves_the_answer_open_too(with_role):
    deny = allow("ec2:*", Bool={"ec2:Owner": "true"}) | {"Effect": "Deny"}
    role = with_role(inlinePolicies={"Own": [allow("ec2:*"), deny]})

    answer = asked(role, "ec2:RunInstances")

    assert (answer.allowed, answer.possible) == (False, True)


def test_a_boundary_takes_away_what_it_does_not_name(with_role):
    role = with_role(managedPolicies=["AdministratorAccess"], boundary="SecurityAudit")

    assert asked(role, "s3:ListAllMyBuckets").allowed
    refused = asked(role, "ec2:RunInstances")
    assert not refused.possible
    assert "boundary" in refused.reason
    account_role = AccountRole("main", "Developer")
    somewhere = {
        action: role.decision_range(ADA, account_role, action, resource=None).possible
        for action in ("s3:ListAllMyBuckets", "ec2:RunInstances")
    }
    assert somewhere == {"s3:ListAllMyBuckets": True, "ec2:RunInstances": False}


def test_a_denial_in_an_inline_policy_wins(with_role):
    deny = allow("ec2:Describe*") | {"Effect": "Deny"}
    role = with_role(managedPolicies=["AmazonEC2ReadOnlyAccess"], inlinePolicies={"Closed": [deny]})

    answer = asked(role, "ec2:DescribeInstances")

    assert not answer.possible
    assert "Closed" in answer.reason


def test_a_policy_for_one_bucket_is_a_way_in_somewhere_and_not_everywhere(with_role):
    bucket = "arn:aws:s3:::reports/*"
    role = with_role(inlinePolicies={"Own": [allow("s3:GetObject", bucket)]})

    assert not asked(role, "s3:GetObject").possible
    assert asked(role, "s3:GetObject", "arn:aws:s3:::reports/a").allowed
    assert can(role, Subject(login=ADA), "s3:GetObject", None).allowed
    assert not can(role, Subject(login=ADA), "s3:PutObject", None).possible


def test_a_policy_whose_content_is_not_known_leaves_the_answer_open_and_is_named(with_role):
    unknown = "arn:aws:iam::123456789012:policy/Theirs"
    role = with_role(managedPolicies=[unknown])

    answer = asked(role, "ec2:DescribeInstances")

    assert (answer.allowed, answer.possible) == (False, True)
    assert f"depends on {unknown}" in answer.reason


def test_a_denial_is_certain_whatever_an_unknown_policy_says(with_role):
    deny = allow("iam:*") | {"Effect": "Deny"}
    role = with_role(
        managedPolicies=["arn:aws:iam::123456789012:policy/Theirs"],
        inlinePolicies={"Closed": [deny]},
    )

    assert not asked(role, "iam:CreateUser").possible


def test_a_group_is_whoever_is_in_it_alone(estate):
    answer = can(estate(), Subject(group="Auditors"), "iam:ListRoles")

    assert answer.allowed
    assert not can(estate(), Subject(group="Developers"), "iam:ListRoles").possible


def test_a_group_that_exists_and_is_named_for_a_role_opens_it(estate):
    name = "aws_123456789012_Developer"
    group = {"existing": True, "roles": ["Developer"], "members": [ADA]}
    model = estate(mode="group-mapping", groups={name: group})

    [entry] = model.assumable_roles[ADA]

    assert (entry.account_role, entry.group) == (AccountRole("main", "Developer"), name)


def test_roles_of_several_groups_come_in_the_order_of_their_names(estate):
    groups = {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
        "Auditors": {"roles": ["Auditor"], "members": [ADA], "priority": 2},
    }

    entries = estate(groups=groups, app={"combineRoles": True}).assumable_roles[ADA]

    assert [entry.account_role.role for entry in entries] == ["Auditor", "Developer"]


@pytest.mark.parametrize(
    ("conditions", "ignored"),
    [
        ({}, True),
        ({"StringEquals": {"SAML:doc": "123456789012/Okta"}}, True),
        ({"StringEquals": {"SAML:sub_type": "persistent"}}, False),
        ({"StringLike": {"sts:RoleSessionName": "*@example.com"}}, False),
        ({"StringEquals": {"aws:RequestTag/team": "x"}}, False),
    ],
)
def test_a_trust_policy_that_asks_who_comes_is_decided_for_each_person(
    with_role, conditions, ignored
):
    model = with_role(trust={"conditions": conditions})

    assert model.trust_ignores_identity(AccountRole("main", "Developer")) is ignored
