"""What a release must agree on: tag, version, changelog, versions of Python."""

import re
import tomllib

import pytest
import yaml

from tools import release

ROOT = release.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = ROOT / ".github" / "workflows"


@pytest.fixture
def repository(tmp_path):
    def repository(version, changelog):
        (tmp_path / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
        (tmp_path / "CHANGELOG.md").write_text(changelog)
        return tmp_path

    return repository


def test_the_version_is_the_changelogs_newest_so_that_its_tag_is_released():
    assert release.sections()[:1] == [release.version()]
    assert release.fault(f"v{release.version()}") is None
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("tag", "changelog", "message"),
    [
        ("v0.2.0", "## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n## 0.1.0 - 2026-11-01\n", None),
        ("0.2.0", "## 0.2.0 - 2026-12-01\n", "tag 0.2.0 is not v0.2.0"),
        ("v0.3.0", "## 0.3.0 - 2026-12-01\n", "tag v0.3.0 is not v0.2.0"),
        ("v0.2.0", "## Unreleased\n\n## 0.1.0 - 2026-11-01\n", "has 0.1.0 as its newest section"),
        ("v0.2.0", "## Unreleased\n", "has no version as its newest section, not 0.2.0"),
    ],
)
def test_a_tag_is_released_only_with_its_version_and_its_section(
    repository, tag, changelog, message
):
    problem = release.fault(tag, repository("0.2.0", changelog))

    assert problem is None if message is None else message in problem


def test_the_matrix_runs_every_python_that_the_package_names():
    check = yaml.safe_load((WORKFLOWS / "check.yml").read_text())
    matrix = check["jobs"]["python"]["strategy"]["matrix"]["python"]
    named = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each]

    assert matrix == named == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={matrix[0]}"


def test_the_release_publishes_without_a_stored_secret_what_the_first_job_built():
    text = (WORKFLOWS / "release.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]

    assert "secrets." not in text
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["environment"] == "pypi"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert all("run" not in step for step in jobs["publish"]["steps"]), "no code beside the token"
    assert 'python -m tools.release "$GITHUB_REF_NAME"' in text


def test_every_action_is_pinned_to_a_commit():
    for file in WORKFLOWS.glob("*.yml"):
        for action in re.findall(r"uses: (\S+)", file.read_text()):
            assert action.startswith("./") or re.search(r"@[0-9a-f]{40}$", action), file.name
