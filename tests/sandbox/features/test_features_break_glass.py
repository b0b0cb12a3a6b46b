"""`examples/break-glass` as its README says: set up at rest, opened, and closed again."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.person import outcome

README = Path(__file__).parents[3] / "examples" / "break-glass" / "README.md"
ACCOUNT = "444444444444"
# The local Okta knows no second factor, so nobody would pass this policy.
NO_SECOND_FACTOR = (
    "pulumi config rm --stack break-glass --path okta-aws-federation:app.signOnPolicy"
)


def commands(heading):
    section = README.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\$ (.*)$", section, re.MULTILINE)


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        bench.stack = replace(bench.stack, name="break-glass")
        yield bench


@pytest.fixture
def type_in(bench):
    def type_in(*lines):
        done = subprocess.run(
            ["bash", "-c", "\n".join(["set -e", *lines])],
            cwd=bench.place.project,
            env={**os.environ, **bench.stack.variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    return type_in


def test_at_rest_nobody_enters_whoever_is_in_the_group(bench, type_in):
    copied, made, *rest = commands("Set it up")
    type_in(copied, made, NO_SECOND_FACTOR, *rest)

    app = bench.okta("GET", f"/api/v1/apps/{bench.stack.outputs()['appId']}")
    assert app["status"] == "INACTIVE"
    assert bench.up() == {}
    groups = bench.okta("GET", "/api/v1/groups")
    ours = [one["id"] for one in groups if "mergency" in one["profile"]["name"]]
    assert len(ours) == 2
    ada = bench.okta("GET", "/api/v1/users/ada@example.com")["id"]
    for group in ours:
        bench.okta("PUT", f"/api/v1/groups/{group}/users/{ada}")
    with pytest.raises(SandboxError, match="App Not Active"):
        bench.enter("ada@example.com")
    for group in ours:
        bench.okta("DELETE", f"/api/v1/groups/{group}/users/{ada}")


def test_opened_the_people_on_duty_enter_and_nobody_else(bench, type_in):
    type_in(*commands("Open it"))

    session = bench.enter("ada@example.com")
    assert session.caller().endswith("assumed-role/EmergencyAccess/ada@example.com")
    assert outcome(session.client("ec2").describe_instances) == "allowed"
    assert outcome(session.client("iam").create_user, UserName="Eve") == "AccessDenied"
    with pytest.raises(SandboxError, match="App Not Assigned"):
        bench.enter("grace@example.com")


def test_closed_nobody_enters_and_the_group_is_empty(bench, type_in):
    type_in(*commands("Close it"))

    with pytest.raises(SandboxError, match="App Not Active"):
        bench.enter("ada@example.com")
    for group in bench.okta("GET", "/api/v1/groups"):
        if "mergency" in group["profile"]["name"]:
            assert bench.okta("GET", f"/api/v1/groups/{group['id']}/users") == []
    assert bench.up() == {}


def test_a_refresh_of_an_app_at_rest_keeps_what_aws_was_told(bench):
    bench.stack.run("refresh", "--stack", "break-glass", "--yes", "--skip-preview")

    assert bench.up() == {}, "an inactive app shows no metadata, and the provider keeps its own"
