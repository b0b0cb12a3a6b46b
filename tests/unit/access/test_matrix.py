"""The whole matrix: right for each person, and fast for a thousand."""

import runpy
from pathlib import Path

from access.answers import Subject, can
from access.matrix import matrix

ROOT = Path(__file__).parents[3]
ADA, GRACE = "ada@example.com", "grace@example.com"
BENCH = runpy.run_path(str(ROOT / "tools" / "access_matrix.py"))


def test_each_cell_is_what_a_question_would_answer(estate):
    told = estate(app={"sessionTags": {"who": "user.login"}})
    actions = ("ec2:DescribeInstances", "iam:ListRoles", "s3:GetObject")

    for login, rows in matrix(told, actions).items():
        for row in rows:
            answers = [can(told, Subject(login=login), action).allowed for action in actions]
            assert list(row.allowed) == answers


def test_people_in_one_role_have_cells_of_their_own_where_their_tags_decide(estate):
    own = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/who": ADA}},
    }
    told = estate(
        roles={"Developer": {"inlinePolicies": {"Own": [own]}}},
        groups={"Team": {"roles": ["Developer"], "members": [ADA, GRACE]}},
        app={"sessionTags": {"who": "user.login"}},
    )

    rows = matrix(told, ["s3:GetObject"])

    assert [row.allowed for row in (*rows[ADA], *rows[GRACE])] == [(True,), (False,)]


def test_a_cell_is_open_where_the_trust_policy_is(with_role):
    asks = {"conditions": {"StringEquals": {"SAML:sub": "z"}}}
    told = with_role(managedPolicies=["AmazonEC2ReadOnlyAccess"], trust=asks)

    [row] = matrix(told, ["ec2:DescribeInstances", "s3:GetObject"])[ADA]

    assert row.allowed == (None, False)


def test_people_have_cells_of_their_own_where_the_trust_policy_asks_who_comes(estate):
    asks = {"StringEquals": {"aws:RequestTag/team": "audit"}}
    person = {"email": ADA, "firstName": "Ada", "lastName": "Lovelace", "department": "audit"}
    told = estate(
        roles={"Auditor": {"managedPolicies": ["SecurityAudit"], "trust": {"conditions": asks}}},
        groups={"Team": {"roles": ["Auditor"], "members": [ADA, GRACE]}},
        app={"sessionTags": {"team": "user.department"}},
        people={ADA: person},
    )

    rows = matrix(told, ["iam:ListRoles"])

    assert [rows[login][0].allowed for login in (ADA, GRACE)] == [(True,), (None,)]


def test_a_thousand_people_times_five_hundred_roles_times_twenty_actions():
    """Measured by tools/access_matrix.py as 0.6 s; here only that it is no other order."""
    BENCH["measure"](10, 10)

    small, _ = BENCH["measure"](500, 250)
    large, decisions = BENCH["measure"](1000, 500)

    assert decisions == 10_000_000
    assert large < small * 12, "four times the cells take about four times as long"
