"""`make bench`: its pages show its results, and what it computes of them is right."""

import json
import subprocess
import sys

import pytest

from tools.bench import clouds, scale
from tools.bench.__main__ import PAGE, RESULTS, ROOT
from tools.bench.page import exponent, growth, page


def test_the_committed_pages_are_those_of_the_committed_results():
    results = json.loads(RESULTS.read_text())

    assert page(results) == PAGE.read_text()
    assert f"{scale.BEGIN}{scale.block(results)}{scale.END}" in scale.PAGE.read_text()


def test_every_measured_row_is_on_the_page():
    results = json.loads(RESULTS.read_text())
    shown = page(results)

    for row in results["verbs"]:
        verb, _, bare = row["verb"].partition(" (")
        name = f"{verb}, bare SDK calls" if bare else verb
        assert f"| {row['roles']} | {row['people']} | {name} | {row['cpuSeconds']} |" in shown
    for row in results["terraform"]:
        ratio = row["pulumi"]["cpuSeconds"] / row["terraform"]["cpuSeconds"]
        assert f"| {row['roles']} | {row['verb']} | " in shown
        assert f" | {ratio:.2f} | " in shown


def test_what_the_program_writes_in_aws_is_what_bare_calls_write():
    rows = json.loads(RESULTS.read_text())["verbs"]
    writes = {(row["roles"], row["verb"]): row["awsWrites"] for row in rows}

    for roles in {row["roles"] for row in rows}:
        assert writes[roles, "up"] == writes[roles, "up (bare SDK calls)"]
        assert writes[roles, "destroy"] == writes[roles, "destroy (bare SDK calls)"]
        assert writes[roles, "preview"] == writes[roles, "unchanged"] == 0


def test_a_part_is_measured_without_a_cloud_and_printed():
    command = [sys.executable, "-m", "tools.bench", "access", "--offline-roles", "2", "--print"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "\n| 2 | 20 | " in shown
    assert "## Calls" not in shown


def test_an_unknown_part_is_named_with_those_that_there_are():
    command = [sys.executable, "-m", "tools.bench", "everything"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 2
    assert "everything is no part: verbs, terraform, program, access" in done.stderr


@pytest.mark.parametrize("by_rule", [False, True])
@pytest.mark.parametrize("run", ["up", "unchanged", "refresh"])
def test_a_company_is_extrapolated_to_what_the_budget_says_of_it(run, by_rule):
    assert scale.extrapolated(16, run, by_rule) == scale.requests(16, run, by_rule)


def test_the_slowest_bucket_decides_how_long_requests_take():
    counted = {"/api/v1/apps": 30, "/api/v1/groups/{id}": 450}

    free, enterprise, workforce = (scale.minutes(counted, plan) for plan in range(3))

    assert free == pytest.approx(450 / 75)
    assert enterprise == pytest.approx(450 / 450)
    assert workforce == pytest.approx(450 / 750)


def test_the_exponent_of_a_square_is_two_and_of_a_line_one():
    rows = [{"roles": n, "programCpuSeconds": 2 + 3 * n} for n in (0, 100, 500)]

    assert growth(rows) == pytest.approx(1)
    assert exponent((100, 100**2), (500, 500**2)) == pytest.approx(2)


@pytest.mark.parametrize(
    ("operation", "reads"),
    [("iam:GetRole", True), ("iam:CreateRole", False), ("sts:AssumeRole", True)],
)
def test_a_read_is_told_from_a_write(operation, reads):
    assert clouds.reads_only(operation) is reads
