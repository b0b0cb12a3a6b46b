"""Stack files of any size, as sections without the project's prefix."""

from typing import Any

ACCOUNT = "123456789012"


def login(number: int) -> str:
    """The login of one of the people, who are all in Okta already."""
    return f"p{number}@example.com"


def company(roles: int, people: int, groups: int | None = None) -> dict[str, Any]:
    """One account: a group for each role, or so many groups; roles and people spread over them."""
    groups = roles if groups is None else groups
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "provisioning": {"integration": "done"},
        "roles": {f"Role{n}": {"managedPolicies": ["ReadOnlyAccess"]} for n in range(roles)},
        "groups": {
            f"Group {n}": {
                "roles": [f"Role{each}" for each in range(n, roles, groups)],
                "members": [login(each) for each in range(n, people, groups)],
            }
            for n in range(groups)
        },
    }


def estate(accounts: int, roles: int, people: int) -> dict[str, Any]:
    """Mode group-mapping: the same roles in each account, and each person has one of them in every
    account. The accounts after the first are reached by a role. Nothing has the name of what
    `company` has in its account, which is the first of these."""
    ids = [ACCOUNT, *(str(100_000_000_000 + n) for n in range(1, accounts))]
    return {
        "mode": "group-mapping",
        "app": {"label": "AWS of the company", "provider": "OktaOfTheCompany"},
        "accounts": {
            f"a{n}": {"id": each, "region": "us-east-1"}
            | ({"assumeRole": f"arn:aws:iam::{each}:role/Deployer"} if n else {})
            for n, each in enumerate(ids)
        },
        "roles": {f"Team{n}": {} for n in range(roles)},
        "groups": {
            f"Team {n}": {
                "roles": [f"Team{n}"],
                "members": [login(each) for each in range(n, people, roles)],
            }
            for n in range(roles)
        },
    }
