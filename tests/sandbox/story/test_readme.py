"""The README's commands, typed as they stand there, in a clone of their own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.place import ROOT


def section(title):
    text = (ROOT / "README.md").read_text()
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands(text):
    return re.findall(r"^\$ (.*?)(?:\s+#.*)?$", text, re.MULTILINE)


@pytest.fixture
def clone(tmp_path):
    """What a newcomer has, but for the downloads: the tree as it is, and the environment."""
    target = tmp_path / "clone"
    ignored = shutil.ignore_patterns(".git", ".venv", ".sandbox", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, target, ignore=ignored, symlinks=True)
    (target / ".venv").symlink_to((ROOT / ".venv").resolve())
    for file in (*target.glob("requirements*.txt"), target / "constraints.txt"):
        os.utime(file, (0, 0))  # the environment is up to date: no download in this test
    yield target
    subprocess.run(
        [target / ".venv/bin/python", "-m", "sandbox", "down"], cwd=target, check=True, timeout=60
    )


def clone_environment():
    unwanted = ("PULUMI_", "AWS_", "OKTA_", "VIRTUAL_ENV", "MAKE")
    return {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}


def test_the_commands_to_look_around_work_as_typed(clone):
    typed = commands(section("Look around in the sandbox"))
    assert typed[0] == "make sandbox"
    assert typed[-1].endswith("sandbox down")
    script = "\n".join(["set -e", *typed])

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=clone_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "unchanged" in done.stdout, "the preview of a deployed stack has nothing to do"
    assert "stopped 2 processes" in done.stdout
    committed = (ROOT / "Pulumi.dev.yaml").read_text()
    assert (clone / "Pulumi.dev.yaml").read_text() == committed


def test_the_commands_that_say_who_reaches_what_work_as_typed():
    typed = commands(section("Who reaches what"))
    assert len(typed) == 3

    for command in typed:
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_every_command_of_the_readme_is_one_that_the_tests_or_the_build_run():
    inside = set(commands(section("Look around in the sandbox")))
    inside |= set(commands(section("Who reaches what")))
    everywhere = set(commands((ROOT / "README.md").read_text()))

    assert everywhere - inside == {"make demo", "make test"}
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_the_map_names_what_is_there():
    named = re.findall(r"^(\S+?)/?\s{2,}\S", section("Map").partition("```")[2], re.MULTILINE)

    assert named
    assert [name for name in named if not (ROOT / Path(name)).exists()] == []
