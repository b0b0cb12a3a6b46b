"""How many requests a run makes, as far as it follows from the stack file alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import settings
from access import request_budget
from components import lookups

ROOT = Path(__file__).parents[3]


def stack(people, groups=10, **okta):
    logins = [f"p{number}@example.com" for number in range(people)]
    whole = settings.parse(
        {
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {"Developer": {}},
            "okta": okta,
            "groups": {
                f"G{number}": {"roles": ["Developer"], "members": logins[number::groups]}
                for number in range(groups)
            },
        }
    )
    return settings.Part.whole(whole)


def test_people_are_looked_up_in_the_program_s_batches():
    assert request_budget.LOGINS_PER_LOOKUP == lookups.LOGINS_PER_LOOKUP
    preview = request_budget.budget(stack(1000), "preview")
    assert preview.requests == {"/api/v1/users": 25, "/api/v1/users/{id} read": 2}


def test_the_fullest_bucket_says_how_long_a_run_takes():
    whole, half = (
        request_budget.budget(stack(1000, maxApiCapacity=share), "up") for share in (100, 50)
    )

    assert whole.requests["/api/v1/groups/{id}"] == 1000 + 2 * 10
    assert whole.minutes == pytest.approx(1025 / 600)
    assert half.minutes == pytest.approx(2 * whole.minutes)


def test_check_adds_the_requests_where_they_are_wanted():
    def check(*options):
        command = [sys.executable, "-m", "access", "check", "Pulumi.dev.yaml", *options]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    lines = check("--requests").splitlines()
    assert lines[0] == (
        "requests to Okta, first preview: 3 (1 /api/v1/users, 2 /api/v1/users/{id} read), "
        "at least 0.0 minutes"
    )
    assert lines[3] == "requests to AWS, first up without its preview: 21 (20 iam, 1 sts)"
    assert len(lines) == 8 + len(check().splitlines())
    assert "requests" not in json.loads(check("--json"))
    runs = [each["run"] for each in json.loads(check("--json", "--requests"))["requests"]]
    assert runs == list(request_budget.RUNS)
