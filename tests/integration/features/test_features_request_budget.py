"""`access check --requests` says what a run requests: the emulated clouds count the same."""

from collections import Counter

import pytest

import settings
from access import request_budget
from okta_aws_federation.okta_limits import bucket_of
from sandbox.aws.gateway import Gateway

ACCOUNT = "123456789012"
READ = [{"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}]
BASE = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {
        "OktaDeveloper": {"managedPolicies": ["ReadOnlyAccess"]},
        "OktaReader": {
            "customerPolicies": {"One": READ, "Two": READ},
            "inlinePolicies": {"Three": READ},
            "alarms": [f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"],
            "exclusive": True,
        },
    },
}
NEW = {"firstName": "Eve", "lastName": "New", "email": "eve@example.com"}
ROLES = ["OktaDeveloper"]
SAML_ROLES = BASE | {
    "app": {"signOnPolicy": {"name": "AWS"}, "commandLine": {"label": "AWS CLI"}},
    "provisioning": {
        "integration": "done",
        "keys": ["2026-05", "2026-11"],
        "store": {"kind": "ssm", "name": "/okta/key"},
    },
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
    "app": {"additionalProviders": ["Okta2"]},
    "groups": {
        f"Team {number}": {"roles": ROLES, "members": ["ada@example.com", "joan@example.com"]}
        for number in range(3)
    },
}


@pytest.fixture
def aws_calls(monkeypatch):
    """Services of the calls that the local AWS has served."""
    calls, serve = [], Gateway.serve

    def counting(gateway, call, **options):
        calls.append(call.service)
        return serve(gateway, call, **options)

    monkeypatch.setattr(Gateway, "serve", counting)
    return calls


def counted(bench, aws_calls, run):
    """Bucket -> requests that the org answered meanwhile, and service -> calls of AWS."""
    bench.org.org.requests.clear()
    aws_calls.clear()
    run()
    okta = Counter(bucket_of(each.method, each.path).name for each in bench.org.org.requests)
    return dict(okta), dict(Counter(aws_calls))


@pytest.mark.parametrize("config", [SAML_ROLES, GROUP_MAPPING], ids=["saml-roles", "mapping"])
def test_the_budget_of_each_run_is_what_the_clouds_count(bench_of, aws_calls, config):
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
        actual = {name: counted(bench, aws_calls, run) for name, run in runs.items()}

    budgets = request_budget.budgets(settings.Part.whole(settings.parse(config)))
    assert {each.run: (each.requests, each.aws) for each in budgets} == actual
