"""Made-up companies of any size, with two environments: what pictures are tried on."""

import random
from typing import Any

import settings
from access.model import AccessModel

TEAMS = ("Platform", "Payments", "Search", "Mobile", "Data", "Security", "Support", "Billing")
FIRST = (
    *("ada", "grace", "alan", "joan", "edsger", "barbara", "donald", "radia", "ken", "frances"),
    *(
        "john",
        "margaret",
        "tony",
        "leslie",
        "hedy",
        "katherine",
        "dennis",
        "annie",
        "vint",
        "karen",
    ),
)
LAST = ("ng", "okafor", "silva", "haddad", "novak", "kim", "rossi", "larsen", "mehta", "dubois")
LAST += ("ito", "costa", "brown", "weber", "sato")


def company(people: int) -> dict[str, AccessModel]:
    """Stacks dev and prod of a company of so many people, always the same."""
    rng = random.Random(people)
    teams = TEAMS[: max(2, min(len(TEAMS), people // 6 + 2))]
    logins = [f"{first}.{last}@example.com" for last in LAST for first in FIRST][:people]
    members: dict[str, list[str]] = {team: [] for team in teams}
    for at, login in enumerate(logins):
        members[teams[at] if at < len(teams) else rng.choice(teams)].append(login)
    return {"dev": AccessModel(_dev(members)), "prod": AccessModel(_prod(members, logins))}


def _dev(members: dict[str, list[str]]) -> settings.Settings:
    plain = ["AmazonEC2ReadOnlyAccess", "AmazonS3ReadOnlyAccess"]
    return _stack(
        {"main": {"id": "123456789012", "region": "us-east-1"}},
        {
            f"{team}Developer": {
                "managedPolicies": ["PowerUserAccess"] if team == "Platform" else plain
            }
            for team in members
        },
        {
            f"{team} developers": {"roles": [f"{team}Developer"], "members": people}
            for team, people in members.items()
        },
    )


def _prod(members: dict[str, list[str]], logins: list[str]) -> settings.Settings:
    on_call = {
        f"{team} on call": {"roles": ["Operator"], "members": people[: max(1, len(people) // 4)]}
        for team, people in members.items()
    }
    return _stack(
        {"main": {"id": "210987654321", "region": "eu-central-1"}},
        {
            "Operator": {"managedPolicies": ["AmazonEC2FullAccess"], "sessionHours": 2},
            "Admin": {"managedPolicies": ["AdministratorAccess"]},
            "Auditor": {"managedPolicies": ["SecurityAudit", "job-function/ViewOnlyAccess"]},
            "Migration": {
                "managedPolicies": ["AmazonRDSFullAccess"],
                "trust": {"closes": "2026-10-01"},
            },
        },
        {
            **on_call,
            "Production admins": {
                "roles": ["Admin", "Operator"],
                "members": members["Platform"][-2:],
                "temporary": {members["Payments"][-1]: "2026-12-01"},
                "priority": 1,
            },
            "Auditors": {"roles": ["Auditor"], "members": logins[-3:], "priority": 2},
            "Migration team": {"roles": ["Migration"], "members": logins[:2], "priority": 900},
        },
    )


def _stack(
    accounts: dict[str, Any], roles: dict[str, Any], groups: dict[str, Any]
) -> settings.Settings:
    return settings.parse(
        {"accounts": accounts, "roles": roles, "groups": groups, "today": "2026-11-25"}
    )
