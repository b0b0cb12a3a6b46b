"""Plain `pytest` runs what needs no engine, and says what it left out and how to run it."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import conftest

ROOT = Path(__file__).parents[2]


def collected(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def test_pytest_alone_leaves_out_what_needs_an_engine_and_says_how_to_run_it():
    folders = "tests/browser sandbox/tests/okta tests/integration/recovery tests/unit/docs"
    printed = collected("-o", f"testpaths={folders}")

    files = {line.partition("::")[0] for line in printed.splitlines() if "::" in line}
    assert files
    assert all(name.startswith("tests/unit/") for name in files)
    counts = re.search(
        r"left out: (\d+) with pytest -m \w+, (\d+) with pytest -m \w+, (\d+) with", printed
    )
    assert counts
    assert all(int(number) > 0 for number in counts.groups())
    assert "pytest --all, or `make test`" in printed


class Item:
    """As much of a collected test as the choice looks at."""

    def __init__(self, path, *markers):
        self.path, self.markers = ROOT / path, set(markers)

    def add_marker(self, name):
        self.markers.add(name)

    def get_closest_marker(self, name):
        return name if name in self.markers else None


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"all": False, "slow": False}, ["unit"]),
        ({"all": True, "slow": False}, ["unit", "engine"]),
        ({"all": True, "slow": True}, ["unit", "engine", "slow"]),
        ({"all": False, "slow": True}, ["unit", "engine", "slow"]),
    ],
    ids=["pytest", "--all", "--all --slow", "a file or a marker is named"],
)
def test_slow_ones_run_where_they_are_named(options, left):
    items = {
        "unit": Item("tests/unit/test_a.py"),
        "engine": Item("tests/integration/test_b.py"),
        "slow": Item("tests/integration/test_b.py", "slow"),
    }
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config = SimpleNamespace(option=SimpleNamespace(**options), stash=pytest.Stash(), hook=hook)
    chosen = list(items.values())

    conftest.pytest_collection_modifyitems(config, chosen)

    assert chosen == [items[name] for name in left]


def test_a_file_that_is_named_runs_whatever_its_tier():
    printed = collected("tests/browser/test_browser_map.py")

    assert "test_browser_map.py::" in printed
    assert "left out" not in printed


def test_every_test_is_in_a_tier():
    files = [path for top in ("tests", "sandbox/tests") for path in (ROOT / top).rglob("test_*.py")]

    assert files
    for path in files:
        assert conftest.tier_of(path) in {"unit", "emulators", "engine", "browser"}
