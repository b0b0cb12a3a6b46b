"""What the engine's folder holds, however often it is prepared."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import build

CLONE = Path(__file__).parents[3]


def test_the_folder_holds_all_that_the_engine_looks_for(machine: Any) -> None:
    machine.has_go()
    engine = machine.prepare()

    assert {path.name for path in machine.bin.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-aws",
        "pulumi-resource-okta",
    }
    assert all(path.stat().st_mode & stat.S_IXUSR for path in machine.bin.iterdir())
    assert not engine.pulumi.is_symlink(), "the CLI would look beside what the link points at"
    assert (engine.origin, engine.version, engine.plugins) == ("built", build.VERSION, "emulated")


def test_published_plugins_are_left_to_the_engine_to_find(machine: Any) -> None:
    machine.has_go()
    machine.prepare()
    engine = machine.prepare(plugins="published")

    assert {path.name for path in machine.bin.iterdir()} == {"pulumi", "pulumi-language-python"}
    assert engine.plugins == "published"


def test_a_second_call_builds_nothing_and_replaces_nothing(machine: Any) -> None:
    machine.has_go()
    machine.prepare()
    before = {path: path.stat() for path in machine.bin.iterdir()}
    machine.output.clear()
    machine.prepare()

    after = {path: path.stat() for path in machine.bin.iterdir()}
    assert {path: (s.st_ino, s.st_mtime_ns) for path, s in after.items()} == {
        path: (s.st_ino, s.st_mtime_ns) for path, s in before.items()
    }
    assert len(machine.built()) == 1
    assert machine.output == []


def test_a_launcher_runs_a_module_of_this_clone_from_any_folder(
    machine: Any, tmp_path: Path
) -> None:
    machine.has_go()
    engine = machine.prepare()
    told = subprocess.run(
        [engine.bin / "pulumi-language-python", "127.0.0.1:1"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.strip().isdigit(), told.stderr
    assert sys.executable in (engine.bin / "pulumi-resource-aws").read_text()
    assert "sandbox.plugins.aws" in (engine.bin / "pulumi-resource-aws").read_text()
    assert "emulated" in (engine.bin / "pulumi-resource-okta").read_text()


def test_a_clone_in_an_awkward_folder_works(machine: Any, tmp_path: Path) -> None:
    machine.has_go()
    clone = tmp_path / "a clone's $HOME"
    shutil.copytree(CLONE / "sandbox" / "engine", clone / "sandbox" / "engine")
    shutil.copy(CLONE / "sandbox" / "errors.py", clone / "sandbox")
    machine.start(cwd=clone).communicate(timeout=60)

    launcher = machine.bin / "pulumi-language-python"
    assert "a clone" in launcher.read_text()
    told = subprocess.run(
        [launcher, "127.0.0.1:1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.strip().isdigit(), told.stderr


def test_a_cache_on_another_file_system_is_copied_from(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another file system")

    machine.has_go()
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first = machine.prepare().pulumi.stat()
    second = machine.prepare().pulumi.stat()

    assert first.st_nlink == 1
    assert first.st_ino == second.st_ino, "copied once"
