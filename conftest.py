"""What all tests need, and the tiers they come in.

`pytest` alone runs the tier that needs neither engine nor emulators nor browser, and says what it
left out; `pytest -m engine`, `pytest --all`, or naming a file runs the others. `--all` leaves out
what is marked `slow`: more cases of what another test has one of, which `make test-slow` runs.
"""

import gc
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from sandbox.clock import VARIABLE, Clock

ROOT = Path(__file__).parent
TIERS = {
    "tests/unit": "unit",
    "sandbox/tests/aws": "emulators",
    "sandbox/tests/okta": "emulators",
    "sandbox/tests": "engine",
    "tests/integration": "engine",
    "tests/browser": "browser",
}
"""Folder -> its tests' marker; the first that fits."""
LEFT_OUT = pytest.StashKey[Counter[str]]()

# The Okta plugin waits as the published one does: half a minute before it tries again. Here that is
# half a second, in every process that a test starts.
os.environ.setdefault(VARIABLE, Clock.running(60).text)

# An update starts five Python processes; each would compile what it imports.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""

# Until all tests are collected nothing is garbage, and looking for it takes half the time.
gc.disable()

# A shell that runs the tests in the background makes them deaf to interrupts, and their children
# too; what a test starts has to hear what a person's program would.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the tests of all tiers")
    parser.addoption("--slow", action="store_true", help="with --all: those marked slow, too")


def pytest_configure(config: pytest.Config) -> None:
    """A choice of files or markers is a choice of slow tests too; workers get it as an option."""
    by_choice = config.args_source != pytest.Config.ArgsSource.TESTPATHS
    if not hasattr(config, "workerinput") and (by_choice or config.option.markexpr):
        config.option.slow = True


def tier_of(path: Path) -> str:
    """The marker of a test file. Raises StopIteration for a folder without a tier."""
    name = path.relative_to(ROOT).as_posix()
    return next(tier for folder, tier in TIERS.items() if name.startswith(f"{folder}/"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(tier_of(item.path))
    if config.option.slow:
        return
    marker, wanted = ("slow", False) if config.option.all else ("unit", True)
    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (chosen if bool(item.get_closest_marker(marker)) is wanted else others).append(item)
    if not config.option.all:
        config.stash[LEFT_OUT] = Counter(tier_of(item.path) for item in others)
    config.hook.pytest_deselected(items=others)
    items[:] = chosen


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    left_out = config.stash.get(LEFT_OUT, Counter())
    if left_out:
        commands = (f"{number} with pytest -m {tier}" for tier, number in left_out.items())
        terminalreporter.write_line(
            f"left out: {', '.join(commands)}; all with pytest --all, or `make test` on two cores"
        )
    elif config.option.all and not config.option.slow:
        terminalreporter.write_line("left out: those marked slow; `make test-slow` runs them")
