"""The official CLI, where it is installed: taken if it is complete and new enough."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import official
from sandbox.errors import SandboxError


def test_asking_a_cli_for_its_version_leaves_no_trace_in_the_users_home(
    machine: Any, tmp_path: Path
) -> None:
    record = tmp_path / "record"
    cli = machine.program(
        tmp_path / "pulumi", f"#!/bin/sh\necho $PULUMI_HOME > '{record}'\necho v3.1.0\n"
    )
    assert official.version_of(cli) == "v3.1.0"

    home = Path(record.read_text().strip())
    assert home.is_absolute(), "else the CLI takes ~/.pulumi"
    assert not home.exists()


def test_an_installed_cli_is_used_with_its_own_language_host(machine: Any) -> None:
    machine.has_pulumi("v3.280.1")
    engine = machine.prepare()

    assert (engine.origin, engine.version) == ("installed", "v3.280.1")
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec"):
        assert (engine.bin / name).resolve() == machine.path / name
    assert "sandbox.plugins.aws" in (engine.bin / "pulumi-resource-aws").read_text()
    assert machine.built() == []


def test_an_installed_cli_is_found_behind_a_link(machine: Any, tmp_path: Path) -> None:
    home = machine.has_pulumi("v3.280.1", folder=tmp_path / "opt")
    machine.path.mkdir()
    (machine.path / "pulumi").symlink_to(home / "pulumi")

    assert machine.prepare().pulumi.resolve() == home / "pulumi"


@pytest.mark.parametrize("version", ["v3.258.9", "v2.300.0", "not a version"])
def test_an_old_installed_cli_is_passed_over(machine: Any, version: str) -> None:
    machine.has_pulumi(version)
    machine.has_go()
    assert machine.prepare().origin == "built"


def test_an_installed_cli_without_its_language_host_is_passed_over(machine: Any) -> None:
    machine.has_pulumi("v3.280.1")
    (machine.path / "pulumi-language-python").unlink()
    machine.has_go()
    assert machine.prepare().origin == "built"


def test_our_own_cli_on_path_is_not_taken_for_an_installed_one(
    machine: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.has_go()
    machine.prepare()
    home = machine.has_pulumi("v3.280.1", folder=tmp_path / "opt")
    monkeypatch.setenv("PATH", f"{machine.bin}:{machine.path}:/usr/bin:/bin")
    assert machine.prepare().origin == "built"

    monkeypatch.setenv("PATH", f"{machine.bin}:{machine.path}:{home}:/usr/bin:/bin")
    assert machine.prepare().origin == "installed", "the search goes on behind it"


def test_going_back_from_an_installed_cli_to_a_built_one_leaves_nothing_of_it(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_pulumi("v3.280.1")
    machine.has_go()
    machine.prepare()
    monkeypatch.setenv("SANDBOX_ENGINE", "build")
    engine = machine.prepare()

    assert engine.origin == "built"
    assert not [path for path in engine.bin.iterdir() if path.is_symlink()]
    assert not (engine.bin / "pulumi-language-python-exec").exists()
    assert (machine.path / "pulumi-language-python").read_text() == "\x7fELF", "it is untouched"


def test_path_asks_for_an_installed_cli_or_nothing(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go()
    monkeypatch.setenv("SANDBOX_ENGINE", "path")
    with pytest.raises(SandboxError, match=r"PATH has no official Pulumi v3\.259\.0 or later"):
        machine.prepare()
    assert machine.built() == []


def test_a_wrong_choice_is_refused_with_key_and_value(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_ENGINE", "docker")
    with pytest.raises(SandboxError) as refusal:
        machine.prepare()
    assert str(refusal.value) == "SANDBOX_ENGINE must be one of auto, build, path, not 'docker'"
