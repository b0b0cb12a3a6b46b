"""The variables that turn plain `pulumi` commands to the sandbox."""

import os
from importlib import metadata
from pathlib import Path

import pytest

from sandbox.engine import Engine


def variables(tmp_path: Path, plugins: str = "emulated") -> dict[str, str]:
    engine = Engine(bin=tmp_path / "bin", version="v3.1.0", origin="built", plugins=plugins)
    return engine.environment(
        backend=tmp_path / "a state", passphrase="words", home=tmp_path / "home"
    )


def test_the_engines_programs_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", str(tmp_path / "bin"), "/bin"]))
    assert variables(tmp_path)["PATH"].split(os.pathsep) == [
        str(tmp_path / "bin"),
        "/usr/bin",
        "/bin",
    ]


def test_all_that_the_cli_writes_stays_in_the_given_folders(tmp_path: Path) -> None:
    given = variables(tmp_path)
    assert given["PULUMI_HOME"] == str(tmp_path / "home")
    assert given["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/a%20state?metadata=skip"
    assert (tmp_path / "a state").is_dir(), "the CLI does not make it"


def test_nothing_is_downloaded_for_the_stand_ins(tmp_path: Path) -> None:
    key = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
    assert variables(tmp_path)[key] == "true"
    assert key not in variables(tmp_path, "published"), "published plugins are downloaded"


def test_a_users_colours_are_left_alone(tmp_path: Path) -> None:
    assert "NO_COLOR" not in variables(tmp_path)


def test_the_emulated_plugins_are_installed_in_the_version_that_the_sdk_asks_for(
    tmp_path: Path,
) -> None:
    """On PATH the engine would take them too, and warn of each in every preview."""
    assert variables(tmp_path)["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"
    version = metadata.version("pulumi-okta")
    plugin = tmp_path / f"home/plugins/resource-okta-v{version}/pulumi-resource-okta"
    assert plugin.readlink() == tmp_path / "bin" / "pulumi-resource-okta"
    variables(tmp_path)


def test_published_plugins_are_left_to_the_cli(tmp_path: Path) -> None:
    variables(tmp_path, "published")
    assert not (tmp_path / "home" / "plugins").exists()
