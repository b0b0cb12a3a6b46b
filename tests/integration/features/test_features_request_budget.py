"""`access check --requests` says what a run requests of Okta: the emulated org counts the same.

And what it writes in AWS is the least: a create for each thing, nothing tagged or put again later.
"""

from collections import Counter

import pytest

import settings
from access import request_budget
from okta_aws_federation.okta_limits import bucket_of
from tools.bench.clouds import count_calls, reads_only

ACCOUNT = "123456789012"
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs"}
BASE = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "tags": {"team": "platform"},
    "roles": {
        "OktaDeveloper": {
            "managedPolicies": ["ReadOnlyAccess"],
            "customerPolicies": {"Logs": [LIST]},
            "inlinePolicies": {"More": [LIST]},
            "path": "/okta/",
            "sessionHours": 4,
        }
    },
}
PROVIDER_AND_ROLE = Counter(
    {
        "iam:CreateSAMLProvider": 1,
        "iam:CreateRole": 1,
        "iam:CreatePolicy": 1,
        "iam:AttachRolePolicy": 2,
        "iam:PutRolePolicy": 1,
    }
)
PROVISIONING_USER = Counter(
    {
        "iam:CreateUser": 1,
        "iam:CreatePolicy": 1,
        "iam:CreateGroup": 1,
        "iam:AttachGroupPolicy": 1,
        "iam:AddUserToGroup": 1,
        "iam:CreateAccessKey": 1,
    }
)
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


def counted(bench, aws_calls, run):
    """Bucket -> requests that the org answered meanwhile; AWS action -> writes."""
    bench.org.org.requests.clear()
    aws_calls.clear()
    run()
    requests = Counter(bucket_of(r.method, r.path).name for r in bench.org.org.requests)
    return dict(requests), Counter(call for call in aws_calls if not reads_only(call))


@pytest.mark.parametrize(
    ("config", "aws_writes"),
    [(SAML_ROLES, PROVIDER_AND_ROLE + PROVISIONING_USER), (GROUP_MAPPING, PROVIDER_AND_ROLE)],
    ids=["saml-roles", "mapping"],
)
def test_the_budget_of_each_run_is_what_the_org_counts(bench_of, config, aws_writes):
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
        aws_calls = count_calls(bench.local_aws)
        actual = {name: counted(bench, aws_calls, run) for name, run in runs.items()}

    assert {each.run: each.requests for each in request_budget.budgets(settings.parse(config))} == {
        name: requests for name, (requests, _) in actual.items()
    }
    assert {name: writes for name, (_, writes) in actual.items() if writes} == {"up": aws_writes}
