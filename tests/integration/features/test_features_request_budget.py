"""`access check --requests` says what a run requests: the emulated clouds count the same.

And what it writes in AWS is the least: a create for each thing, nothing tagged or put again later.
"""

from collections import Counter

import pytest

import settings
from access import request_budget
from okta_aws_federation.okta_limits import bucket_of
from sandbox.aws.gateway import Gateway
from tools.bench.clouds import reads_only

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
ROLES_WRITTEN = Counter(
    {
        "iam:CreateSAMLProvider": 1,
        "iam:CreateRole": 2,
        "iam:CreatePolicy": 2,
        "iam:AttachRolePolicy": 3,
        "iam:PutRolePolicy": 1,
        "events:PutRule": 1,
        "events:PutTargets": 1,
    }
)
SECOND_PROVIDER = Counter({"iam:CreateSAMLProvider": 1})
USER_WRITTEN = Counter(
    {
        "iam:CreateUser": 1,
        "iam:CreatePolicy": 1,
        "iam:CreateGroup": 1,
        "iam:AttachGroupPolicy": 1,
        "iam:AddUserToGroup": 1,
        "iam:CreateAccessKey": 2,
        "ssm:PutParameter": 1,
    }
)


@pytest.fixture
def aws_calls(monkeypatch):
    """Service and action of the calls that the local AWS has served."""
    calls, serve = [], Gateway.serve

    def counting(gateway, call, **options):
        calls.append(f"{call.service}:{call.action}")
        return serve(gateway, call, **options)

    monkeypatch.setattr(Gateway, "serve", counting)
    return calls


def counted(bench, aws_calls, run):
    """Bucket -> requests that the org answered meanwhile, service -> calls of AWS, and which of
    them wrote."""
    bench.org.org.requests.clear()
    aws_calls.clear()
    run()
    okta = Counter(bucket_of(each.method, each.path).name for each in bench.org.org.requests)
    services = Counter(each.partition(":")[0] for each in aws_calls)
    return dict(okta), dict(services), Counter(each for each in aws_calls if not reads_only(each))


@pytest.mark.parametrize(
    ("config", "aws_writes"),
    [(SAML_ROLES, ROLES_WRITTEN + USER_WRITTEN), (GROUP_MAPPING, ROLES_WRITTEN + SECOND_PROVIDER)],
    ids=["saml-roles", "mapping"],
)
def test_the_budget_of_each_run_is_what_the_clouds_count(bench_of, aws_calls, config, aws_writes):
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
    assert {each.run: (each.requests, each.aws) for each in budgets} == {
        run: (okta, services) for run, (okta, services, _) in actual.items()
    }
    assert {run: writes for run, (_, _, writes) in actual.items() if writes} == {"up": aws_writes}
