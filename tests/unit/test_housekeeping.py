"""The files that every repository has: they name what is there, and they agree with the tools."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
).stdout.split()
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def owners() -> list[tuple[str, list[str]]]:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    return [(line.split()[0], line.split()[1:]) for line in lines if line and line[0] != "#"]


def owner_of(path: str) -> list[str]:
    """As GitHub reads the file: the last pattern that matches decides."""
    return [teams for pattern, teams in owners() if match(pattern, path)][-1]


def match(pattern: str, path: str) -> bool:
    """The few forms of patterns that the file uses: all, a folder, a path with stars."""
    glob = pattern.lstrip("/") + ("**" if pattern.endswith("/") else "")
    expression = re.escape(glob).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return pattern == "*" or re.fullmatch(expression, path) is not None


def test_whoever_changes_a_stack_file_needs_a_review_of_the_security_team():
    stack_files = [path for path in TRACKED if re.search(r"(^|/)Pulumi\.[\w-]+\.yaml$", path)]

    assert stack_files
    assert [path for path in stack_files if owner_of(path) != ["@OWNER/security"]] == []
    assert owner_of(".github/CODEOWNERS") == owner_of("policies/trust.py") == ["@OWNER/security"]
    assert owner_of("README.md") == ["@OWNER/platform"]


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in owners()])
def test_every_pattern_of_codeowners_matches_a_file(pattern):
    assert any(match(pattern, path) for path in TRACKED)


def test_dependabot_watches_each_place_that_pins_something():
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    folders = {
        update["package-ecosystem"]: update.get("directories") or [update["directory"]]
        for update in updates
    }
    modules = {"/" + str(Path(path).parent) for path in TRACKED if Path(path).name == "go.mod"}

    assert set(folders) == {"pip", "github-actions", "gomod"}
    assert set(folders["gomod"]) == modules


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(workflow):
    uses = re.findall(r"uses: (?!\./)(\S+.*)", workflow.read_text())

    assert [each for each in uses if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", each)] == []


def test_one_action_has_one_version_in_all_workflows():
    pins = re.findall(
        r"uses: (\S+)@([0-9a-f]{40})", "".join(path.read_text() for path in WORKFLOWS)
    )
    assert len({name for name, _ in pins}) == len(set(pins))


def test_pre_commit_runs_the_tools_of_make_check():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    check = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]

    typed = {" ".join(hook["entry"].split()[:2]).removeprefix(".venv/bin/") for hook in hooks}
    assert {"ruff format", "ruff check", "mypy ."} <= typed
    for command in ("ruff format", "ruff check", "mypy ."):
        assert f"$(BIN)/{command}" in check


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_every_decision_has_a_status_and_a_date(path):
    head = path.read_text().split("\n\n")[1]

    assert re.match(r"Status: (accepted|superseded by \[\d+\])", head)
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", head)
    assert path.name in (ROOT / "docs" / "adr" / "README.md").read_text()


def test_a_virtualenv_that_was_interrupted_is_made_anew(tmp_path):
    for name in ("requirements/locks/dev.txt", "requirements/oracle.txt", ".venv/.incomplete"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    command = ["make", "-n", "-f", ROOT / "Makefile", ".venv/.ready"]

    def commands():
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    assert "-m venv --clear .venv" in commands()
    (tmp_path / ".venv/.incomplete").unlink()
    assert "-m venv  .venv" in commands()


def test_the_package_has_the_licence_of_the_repository():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / project["license-files"][0]).read_text()


@pytest.mark.parametrize("page", [".github/CONTRIBUTING.md", "README.md"])
def test_pages_name_targets_of_the_makefile(page):
    page = (ROOT / page).read_text()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:[`$] |`)make ([\w-]+)", page))
    assert {"test", "test-slow"} <= named
    assert named <= targets
