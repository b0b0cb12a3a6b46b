"""`access check --requests` says what a run requests of Okta: the emulated org counts the same."""

from collections import Counter

import pytest

import settings
from access import request_budget
from okta_aws_federation.okta_limits import bucket_of

ACCOUNT = "123456789012"
BASE = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {"OktaDeveloper": {"managedPolicies": ["ReadOnlyAccess"]}},
}
NEW = {"firstName": "Eve", "lastName": "New", "email": "eve@example.com"}
ROLES = ["OktaDeveloper"]
SAML_ROLES = BASE | {
    "provisioning": {"integration": "done"},
    "people": {"eve@example.com": NEW},
    "groups": {
        "One": {"roles": ROLES, "members": ["ada@example.com", "eve@example.com"]},
        "Two": {"roles": ROLES, "members": ["ada@example.com", "alan@example.com"]},
        "By rule": {"roles": ROLES, "rule": 'user.department=="Engineering"'},
        "Directory": {"roles": ROLES, "existing": True},
    },
}
GROUP_MAPPING = BASE | {
    "mode": "group-mapping",
    "groups": {
        f"Team {number}": {"roles": ROLES, "members": ["ada@example.com", "joan@example.com"]}
        for number in range(3)
    },
}


def counted(bench, run):
    """Bucket -> requests that the org answered meanwhile."""
    bench.org.org.requests.clear()
    run()
    return dict(Counter(bucket_of(r.method, r.path).name for r in bench.org.org.requests))


@pytest.mark.parametrize("config", [SAML_ROLES, GROUP_MAPPING], ids=["saml-roles", "mapping"])
def test_the_budget_of_each_run_is_what_the_org_counts(bench_of, config):
    with bench_of(ACCOUNT, strict_roles=False) as bench:
        bench.okta("POST", "/api/v1/groups", json={"profile": {"name": "Directory"}})
        bench.write(config)
        name = bench.stack.name
        options = ("--stack", name, "--yes", "--skip-preview")
        runs = {
            "preview": lambda: bench.stack.run("preview", "--stack", name),
            "up": bench.up,
            "unchanged": bench.up,
            "refresh": lambda: bench.stack.run("refresh", *options),
        }
        actual = {name: counted(bench, run) for name, run in runs.items()}

    assert {
        each.run: each.requests for each in request_budget.budgets(settings.parse(config))
    } == actual
