"""Building the CLI: once, whole, or with one line on what to do."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import build, cache, toolchain
from sandbox.errors import SandboxError

CLONE = Path(__file__).parents[3]


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z " not in state.read_text()


def test_the_pinned_versions_are_those_of_go_mod() -> None:
    text = (CLONE / "sandbox" / "engine" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 {build.VERSION} " in text
    assert f"\ngo {build.OLDEST_GO}\n" in text
    assert f"tool {build.COMMAND}\n" in text


def test_two_clones_at_once_build_once(machine: Any) -> None:
    machine.has_go(meanwhile="sleep 2")
    runs = [machine.start("one"), machine.start("two")]
    output = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0]
    assert len(machine.built()) == 1
    assert "waiting for another run" in "".join(output)


@pytest.mark.parametrize("content", ["", "#!/bin/sh\necho v3.1.0\n", "#!/bin/sh\nexit 1\n"])
def test_a_damaged_cache_is_built_again(machine: Any, content: str) -> None:
    machine.has_go()
    engine = machine.prepare()
    [cached] = machine.cache.rglob("pulumi")
    cached.unlink()
    machine.program(cached, content)
    machine.prepare()

    assert len(machine.built()) == 2
    answer = subprocess.run([engine.pulumi], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == build.VERSION, "the folder has the new one too"


def test_a_killed_builder_leaves_nothing_that_runs_half(machine: Any) -> None:
    machine.has_go(meanwhile="sleep 60")
    run = machine.start()
    assert eventually(lambda: bool(machine.built())), "the build runs"
    run.kill()
    run.communicate()
    assert not list(machine.cache.rglob("pulumi"))

    # The build goes on without its master, and keeps others out until it ends.
    [orphan] = machine.built()
    assert alive(orphan)
    waiting = machine.start()
    assert waiting.stdout is not None
    assert "waiting for another run" in waiting.stdout.readline()
    os.killpg(orphan, signal.SIGKILL)
    machine.has_go()
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert len(machine.built()) == 2


def test_an_interrupted_builder_takes_the_build_with_it(machine: Any) -> None:
    machine.has_go(meanwhile="sleep 60")
    run = machine.start()
    assert any("so far" in line for line in run.stdout), "the build runs"
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)

    [build_process] = machine.built()
    assert eventually(lambda: not alive(build_process))


def test_a_long_build_says_each_step_and_how_far_it_is(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go(listing="sleep 1", meanwhile="echo b; sleep 1")
    monkeypatch.setattr(cache, "PROGRESS_SECONDS", 0.2)
    machine.prepare()

    first, *steps = [line for line in machine.output if "so far" not in line][:5]
    assert first.startswith(f"building the Pulumi CLI {build.VERSION}: this takes")
    assert steps == [
        "1/4 looking for Go",
        "2/4 downloading modules",
        "3/4 compiling 2 packages",
        "4/4 checking that it runs",
    ]
    progress = "\n".join(machine.output)
    assert re.search(r"^2/4 downloading modules: 1 modules, \d s so far$", progress, re.MULTILINE)
    assert re.search(r"^3/4 compiling 2 packages: 1 done, \d s so far$", progress, re.MULTILINE)


def test_modules_that_cannot_be_downloaded_are_one_line(machine: Any) -> None:
    machine.has_go(listing="echo dial tcp: no such host; exit 1")
    with pytest.raises(SandboxError) as refusal:
        machine.prepare()

    assert str(refusal.value).startswith("2/4 downloading modules failed: dial tcp: no such host")
    assert machine.built() == []


def test_a_failed_build_is_one_line_and_leaves_no_cli(machine: Any) -> None:
    machine.has_go(meanwhile="echo some detail; echo no space left on device; exit 1")
    with pytest.raises(SandboxError) as refusal:
        machine.prepare()

    assert "\n" not in str(refusal.value)
    assert "failed: no space left on device (all of it: " in str(refusal.value)
    assert not list(machine.cache.rglob("pulumi"))


def test_a_build_that_does_not_run_is_refused(machine: Any) -> None:
    machine.has_go(cli="v3.0.0")
    with pytest.raises(SandboxError, match="built but does not run"):
        machine.prepare()


def test_a_cache_that_cannot_be_written_is_told_with_the_way_out(machine: Any) -> None:
    machine.has_go()
    machine.cache.write_text("a file where the folder should be")
    with pytest.raises(SandboxError, match="set XDG_CACHE_HOME"):
        machine.prepare()


@pytest.mark.parametrize("version", ["1.25.11", "1.9", "1.26.5"])
def test_an_old_go_is_passed_over(machine: Any, version: str) -> None:
    machine.has_go(version=version)
    assert not toolchain.is_new_enough(machine.path / "go", build.OLDEST_GO)


@pytest.mark.parametrize("version", [build.OLDEST_GO, "1.26.10", "1.27", "2.0"])
def test_a_new_go_is_taken(machine: Any, version: str) -> None:
    machine.has_go(version=version)
    assert toolchain.is_new_enough(machine.path / "go", build.OLDEST_GO)


def test_a_users_go_settings_do_not_change_what_is_built(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go()
    foreign = {"GOROOT": "/nowhere", "GOOS": "plan9", "GOTOOLCHAIN": "go1.99.0", "GOFLAGS": "-x"}
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    machine.prepare()

    seen = machine.builds.with_name("builds.environment").read_text()
    assert not any(value in seen for value in foreign.values()), seen
    assert "GOTOOLCHAIN=local" in seen, "Go would download another Go"


def test_without_go_and_without_an_index_the_user_is_told_what_to_install(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go(version="1.20")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(machine.cache))
    with pytest.raises(SandboxError) as refusal:
        machine.prepare()

    assert "\n" not in str(refusal.value)
    assert f"install Go {build.OLDEST_GO} or later and put it on PATH" in str(refusal.value)
    assert machine.built() == []
