"""A small stack with two people, two groups and two roles, to be changed by each test."""

import pytest

import settings
from access.model import AccessModel

ADA, GRACE = "ada@example.com", "grace@example.com"

VALUES = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Auditor": {"managedPolicies": ["SecurityAudit"]},
    },
    "groups": {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
        "Auditors": {"roles": ["Auditor"], "members": [GRACE], "priority": 2},
    },
    "today": "2026-11-25",
}


@pytest.fixture
def estate():
    """The stack with some of its sections replaced."""

    def estate(**changes):
        return AccessModel(settings.parse(VALUES | changes))

    return estate


@pytest.fixture
def with_role(estate):
    """A stack whose one role is as told, and whose one person, Ada, is in its group."""

    def with_role(_app=None, _people=None, **role):
        return estate(
            roles={"Developer": role},
            groups={"Developers": {"roles": ["Developer"], "members": [ADA]}},
            app=_app or {},
            people=_people or {},
        )

    return with_role
