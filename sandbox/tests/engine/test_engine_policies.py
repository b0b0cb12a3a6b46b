"""Policy packs in Python, run by the language host."""

import json
import sys
from typing import Any

import pytest

PROGRAM = """
import pulumi

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("tiny:index:Team", name)

Team("red")
"""

PACK = """
import rules
from pulumi_policy import EnforcementLevel, PolicyPack

PolicyPack("colours", enforcement_level=EnforcementLevel.{level}, policies=[rules.no_red])
"""

RULES = """
from pulumi_policy import ResourceValidationPolicy

def check(args, report):
    if args.name == "red":
        report("A team must not be red.")

no_red = ResourceValidationPolicy(name="no-red", description="Other colours.", validate=check)
"""


@pytest.fixture
def guarded(project: Any) -> Any:
    """A project with a policy pack beside its program."""
    (project.folder / ".venv").symlink_to(sys.prefix)
    runtime = {"name": "python", "options": {"virtualenv": "../.venv"}}
    project.write("policies/PulumiPolicy.yaml", json.dumps({"runtime": runtime}))
    project.write("policies/rules.py", RULES)
    return project


def test_an_advisory_rule_is_told_and_lets_the_update_happen(guarded: Any) -> None:
    guarded.write("policies/__main__.py", PACK.format(level="ADVISORY"))
    output = guarded.up(PROGRAM, "--policy-pack", "policies")

    assert "[advisory]  no-red  (tiny:index:Team: red)" in output
    assert "A team must not be red." in output
    assert "2 created" in output


def test_a_mandatory_rule_stops_the_preview_and_the_update(guarded: Any) -> None:
    guarded.write("policies/__main__.py", PACK.format(level="MANDATORY"))
    guarded.write("__main__.py", PROGRAM)
    rehearsed = guarded.pulumi("preview", "--policy-pack", "policies", expect=1)
    output = guarded.up(PROGRAM, "--policy-pack", "policies", expect=1)

    assert "[mandatory]  no-red  (tiny:index:Team: red)" in rehearsed
    assert "[mandatory]  no-red  (tiny:index:Team: red)" in output
    kept = guarded.state()["deployment"].get("resources", [])
    assert not [resource for resource in kept if resource["type"] == "tiny:index:Team"]


def test_a_resource_that_the_rule_allows_is_created(guarded: Any) -> None:
    guarded.write("policies/__main__.py", PACK.format(level="MANDATORY"))
    output = guarded.up(PROGRAM.replace("red", "blue"), "--policy-pack", "policies")

    assert "2 created" in output
    assert "mandatory" not in output


def test_a_pack_that_does_not_start_stops_the_update(guarded: Any) -> None:
    guarded.write("policies/__main__.py", "import nothing_here")
    output = guarded.up(PROGRAM, "--policy-pack", "policies", expect=1)

    assert "ModuleNotFoundError: No module named 'nothing_here'" in output
    assert "failed to start" in output
    assert not guarded.processes()


def test_two_packs_are_held_at_once_and_end_with_the_command(guarded: Any) -> None:
    guarded.write("policies/__main__.py", PACK.format(level="ADVISORY"))
    (guarded.folder / "more").symlink_to("policies")
    output = guarded.up(PROGRAM, "--policy-pack", "policies", "--policy-pack", "more")

    assert output.count("[advisory]") == 2
    assert not guarded.processes()
