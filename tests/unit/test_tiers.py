"""Plain `pytest` runs what needs no engine, and says what it left out and how to run it."""

import re
import subprocess
import sys
from pathlib import Path

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
    printed = collected()

    files = {line.partition("::")[0] for line in printed.splitlines() if "::" in line}
    assert files
    assert all(name.startswith("tests/unit/") for name in files)
    counts = re.search(
        r"left out: (\d+) with pytest -m \w+, (\d+) with pytest -m \w+, (\d+) with", printed
    )
    assert counts
    assert all(int(number) > 0 for number in counts.groups())
    assert "pytest --all, or `make test`" in printed


def test_a_file_that_is_named_runs_whatever_its_tier():
    printed = collected("tests/browser/test_browser_map.py")

    assert "test_browser_map.py::" in printed
    assert "left out" not in printed


def test_every_test_is_in_a_tier():
    files = [path for top in ("tests", "sandbox/tests") for path in (ROOT / top).rglob("test_*.py")]

    assert files
    for path in files:
        assert conftest.tier_of(path) in {"unit", "emulators", "engine", "browser"}
