"""A person's name in the app is the role session name: their login, or what Okta makes of it."""

from datetime import UTC, datetime

import pytest

from access.answers import Subject, can
from access.findings import findings
from access.offboarding import offboarding

ADA = "ada@example.com"
TRUST = {"conditions": {"StringEquals": {"sts:RoleSessionName": ADA}}}
PEOPLE = {
    ADA: {"firstName": "Ada", "lastName": "Lovelace", "email": ADA, "department": "Engines & Co"}
}


@pytest.mark.parametrize(
    ("template", "allowed", "possible"),
    [
        (None, True, True),
        ("user.login", True, True),
        ("user.employeeNumber", False, True),
        ("user.department", False, False),
        ("user.firstName", False, True),  # people may edit it
    ],
)
def test_a_trust_that_asks_for_the_session_name_is_open_where_only_okta_knows_it(
    with_role, template, allowed, possible
):
    app = {"userNameTemplate": template} if template else {}
    model = with_role(_app=app, _people=PEOPLE, managedPolicies=["ReadOnlyAccess"], trust=TRUST)

    answer = can(model, Subject(login=ADA), "ec2:DescribeInstances")

    assert (answer.allowed, answer.possible) == (allowed, possible)


def test_a_name_that_sts_refuses_shuts_the_person_out(with_role):
    app = {"userNameTemplate": "user.department"}
    model = with_role(_app=app, _people=PEOPLE, managedPolicies=["ReadOnlyAccess"])

    [found] = [each for each in findings(model) if each.rule == "shut-out"]

    assert "STS refuses the session name 'Engines & Co'" in str(found)


def test_a_revocation_names_the_session_only_where_its_name_is_known(with_role):
    def condition(template):
        model = with_role(_app={"userNameTemplate": template}, managedPolicies=["ReadOnlyAccess"])
        [reached] = offboarding(model, ADA, datetime(2026, 11, 25, tzinfo=UTC)).roles
        return reached.revocation["Statement"][0]["Condition"]

    assert condition("user.login")["StringLike"] == {"aws:userid": f"*:{ADA}"}
    assert "StringLike" not in condition("user.employeeNumber"), "so it is about all sessions"
