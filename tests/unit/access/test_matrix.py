"""The whole matrix: right for each person, and fast for a thousand."""

import time

import settings
from access.answers import Subject, can
from access.matrix import matrix
from access.model import AccessModel

ADA, GRACE = "ada@example.com", "grace@example.com"


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


POLICIES = ("AmazonEC2ReadOnlyAccess", "SecurityAudit", "AmazonS3FullAccess", "PowerUserAccess")
ACTIONS = (
    *("ec2:DescribeInstances", "ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"),
    *("s3:ListAllMyBuckets", "s3:GetObject", "s3:PutObject", "s3:DeleteBucket"),
    *("iam:ListRoles", "iam:CreateUser", "iam:PassRole", "iam:AttachRolePolicy"),
    *("sts:AssumeRole", "kms:Decrypt", "lambda:InvokeFunction", "logs:PutLogEvents"),
    *("dynamodb:Query", "sqs:SendMessage", "ssm:GetParameter", "secretsmanager:GetSecretValue"),
)


def stack(people: int, roles: int) -> settings.Settings:
    """Everybody in one group, which opens every role."""
    names = [f"Role{number:04}" for number in range(roles)]
    return settings.parse(
        {
            "mode": "group-mapping",
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {name: role(number) for number, name in enumerate(names)},
            "groups": {
                "Everybody in AWS": {
                    "roles": names,
                    "members": [f"person{number:05}@example.com" for number in range(people)],
                }
            },
        }
    )


def role(number: int) -> dict[str, object]:
    """A role with a policy of AWS's, one of its own, and a boundary for every third."""
    own = {
        "Effect": "Allow",
        "Action": ["dynamodb:*", "sqs:SendMessage"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    }
    deny = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    return {
        "managedPolicies": [POLICIES[number % len(POLICIES)]],
        "inlinePolicies": {f"Own{number}": [own, deny]},
        **({"boundary": "PowerUserAccess"} if number % 3 == 0 else {}),
    }


def measure(people: int, roles: int) -> tuple[float, int]:
    """Seconds for the matrix, and how many decisions it holds."""
    estate = AccessModel(stack(people, roles))
    start = time.perf_counter()
    rows = matrix(estate, ACTIONS)
    seconds = time.perf_counter() - start
    return seconds, sum(len(row.allowed) for person in rows.values() for row in person)


def test_a_thousand_people_times_five_hundred_roles_times_twenty_actions():
    """It took 0.6 s once; here only that it is no other order."""
    measure(10, 10)  # the snapshot of AWS's policies is read once

    small, _ = measure(500, 250)
    large, decisions = measure(1000, 500)

    assert decisions == 10_000_000
    assert large < small * 12, "four times the cells take about four times as long"
