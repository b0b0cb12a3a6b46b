"""Getting an engine: built or installed, once, whole, or with one line on what to do."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import EngineError, build, cache, prepare, toolchain, version

CLONE = Path(__file__).parents[3]

# Takes the arguments of `go build`, and makes a program that answers like the CLI.
FAKE_GO = r"""#!/bin/sh
if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi
echo $$ >> '{record}'
env | grep -E '^(GO|CGO)' | sort > '{record}.environment'
while [ "$1" != -o ]; do shift; done
echo '#!/bin/' > "$2"
{meanwhile}
printf '#!/bin/sh\necho {cli}\n' > "$2"
chmod +x "$2"
"""

PREPARE = """
import sys
from pathlib import Path
from sandbox.engine import prepare
prepare(Path(sys.argv[1]), say=lambda line: print(line, flush=True))
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


class Machine:
    """A machine with an empty cache, and with no more on PATH than a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.path = folder / "path"
        self.bin = folder / "bin"
        self.builds = folder / "builds"
        self.said: list[str] = []

    def has_go(self, version: str = build.OLDEST_GO, meanwhile: str = "", **changes: str) -> None:
        known = {"record": str(self.builds), "cli": build.VERSION, "meanwhile": meanwhile}
        program(self.path / "go", FAKE_GO.format(version=version, **(known | changes)))

    def has_pulumi(self, version: str, folder: Path | None = None, host: str = "\x7fELF") -> Path:
        folder = folder or self.path
        program(folder / "pulumi", f"#!/bin/sh\necho {version}\n")
        program(folder / "pulumi-language-python", host)
        program(folder / "pulumi-language-python-exec", "")
        return folder

    def prepare(self, **options: Any) -> Any:
        return prepare(self.bin, say=self.said.append, **options)

    def start(self, name: str = "bin", cwd: Path = CLONE) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", PREPARE, self.bin.with_name(name)],
            cwd=cwd,
            stdout=subprocess.PIPE,
            text=True,
        )

    def built(self) -> list[int]:
        return (
            [int(line) for line in self.builds.read_text().split()] if self.builds.exists() else []
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.cache))
    monkeypatch.setenv("PATH", os.pathsep.join([str(machine.path), "/usr/bin", "/bin"]))
    monkeypatch.delenv("SANDBOX_ENGINE", raising=False)
    return machine


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z " not in state.read_text()


# What the folder holds


def test_the_folder_holds_all_that_the_engine_looks_for(machine: Machine) -> None:
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
    assert (engine.origin, engine.version, engine.plugins) == ("built", build.VERSION, "stand-in")


def test_published_plugins_are_left_to_the_engine_to_find(machine: Machine) -> None:
    machine.has_go()
    machine.prepare()
    engine = machine.prepare(plugins="published")

    assert {path.name for path in machine.bin.iterdir()} == {"pulumi", "pulumi-language-python"}
    assert engine.plugins == "published"


def test_a_second_call_builds_nothing_and_replaces_nothing(machine: Machine) -> None:
    machine.has_go()
    machine.prepare()
    before = {path: path.stat() for path in machine.bin.iterdir()}
    machine.said.clear()
    machine.prepare()

    after = {path: path.stat() for path in machine.bin.iterdir()}
    assert {path: (s.st_ino, s.st_mtime_ns) for path, s in after.items()} == {
        path: (s.st_ino, s.st_mtime_ns) for path, s in before.items()
    }
    assert len(machine.built()) == 1
    assert machine.said == []


def test_a_launcher_runs_a_module_of_this_clone_from_any_folder(
    machine: Machine, tmp_path: Path
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
    assert "stand-in" in (engine.bin / "pulumi-resource-okta").read_text()


def test_a_clone_in_an_awkward_folder_works(machine: Machine, tmp_path: Path) -> None:
    machine.has_go()
    clone = tmp_path / "a clone's $HOME"
    shutil.copytree(CLONE / "sandbox" / "engine", clone / "sandbox" / "engine")
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
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another file system")

    machine.has_go()
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first = machine.prepare().pulumi.stat()
    second = machine.prepare().pulumi.stat()

    assert first.st_nlink == 1
    assert first.st_ino == second.st_ino, "copied once"


# Building


def test_the_pinned_versions_are_those_of_go_mod() -> None:
    text = (CLONE / "sandbox" / "engine" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 {build.VERSION} " in text
    assert f"\ngo {build.OLDEST_GO}\n" in text
    assert f"tool {build.COMMAND}\n" in text


def test_two_clones_at_once_build_once(machine: Machine) -> None:
    machine.has_go(meanwhile="sleep 2")
    runs = [machine.start("one"), machine.start("two")]
    said = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0]
    assert len(machine.built()) == 1
    assert "waiting for another run" in "".join(said)


@pytest.mark.parametrize("content", ["", "#!/bin/sh\necho v3.1.0\n", "#!/bin/sh\nexit 1\n"])
def test_a_damaged_cache_is_built_again(machine: Machine, content: str) -> None:
    machine.has_go()
    engine = machine.prepare()
    [cached] = machine.cache.rglob("pulumi")
    cached.unlink()
    program(cached, content)
    machine.prepare()

    assert len(machine.built()) == 2
    answer = subprocess.run([engine.pulumi], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == build.VERSION, "the folder has the new one too"


def test_a_killed_builder_leaves_nothing_that_runs_half(machine: Machine) -> None:
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


def test_an_interrupted_builder_takes_the_build_with_it(machine: Machine) -> None:
    machine.has_go(meanwhile="sleep 60")
    run = machine.start()
    assert eventually(lambda: bool(machine.built())), "the build runs"
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=10)

    [build_process] = machine.built()
    assert eventually(lambda: not alive(build_process))


def test_a_long_build_gives_signs_of_life(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go(meanwhile="sleep 1")
    monkeypatch.setattr(cache, "PROGRESS_SECONDS", 0.2)
    machine.prepare()

    assert machine.said[0].startswith(f"building the Pulumi CLI {build.VERSION}: this takes")
    assert re.fullmatch(r"building the Pulumi CLI v[\d.]+: 0 s so far", machine.said[1])


def test_a_failed_build_is_one_line_and_leaves_no_cli(machine: Machine) -> None:
    machine.has_go(meanwhile="echo some detail; echo no space left on device; exit 1")
    with pytest.raises(EngineError) as refusal:
        machine.prepare()

    assert "\n" not in str(refusal.value)
    assert "failed: no space left on device (all of it: " in str(refusal.value)
    assert not list(machine.cache.rglob("pulumi"))


def test_a_build_that_does_not_run_is_refused(machine: Machine) -> None:
    machine.has_go(cli="v3.0.0")
    with pytest.raises(EngineError, match="built but does not run"):
        machine.prepare()


@pytest.mark.parametrize("version", ["1.25.11", "1.9", "1.26.5"])
def test_an_old_go_is_passed_over(machine: Machine, version: str) -> None:
    machine.has_go(version=version)
    assert not toolchain.is_new_enough(machine.path / "go", build.OLDEST_GO)


@pytest.mark.parametrize("version", [build.OLDEST_GO, "1.26.10", "1.27", "2.0"])
def test_a_new_go_is_taken(machine: Machine, version: str) -> None:
    machine.has_go(version=version)
    assert toolchain.is_new_enough(machine.path / "go", build.OLDEST_GO)


def test_a_users_go_settings_do_not_change_what_is_built(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
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
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go(version="1.20")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(machine.cache))
    with pytest.raises(EngineError) as refusal:
        machine.prepare()

    assert "\n" not in str(refusal.value)
    assert f"install Go {build.OLDEST_GO} or later and put it on PATH" in str(refusal.value)
    assert machine.built() == []


# The official CLI


def test_asking_a_cli_for_its_version_leaves_no_trace_in_the_users_home(tmp_path: Path) -> None:
    record = tmp_path / "record"
    cli = program(tmp_path / "pulumi", f"#!/bin/sh\necho $PULUMI_HOME > '{record}'\necho v3.1.0\n")
    assert version.of(cli) == "v3.1.0"

    home = Path(record.read_text().strip())
    assert home.is_absolute(), "else the CLI takes ~/.pulumi"
    assert not home.exists()


def test_an_installed_cli_is_used_with_its_own_language_host(machine: Machine) -> None:
    machine.has_pulumi("v3.280.1")
    engine = machine.prepare()

    assert (engine.origin, engine.version) == ("installed", "v3.280.1")
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec"):
        assert (engine.bin / name).resolve() == machine.path / name
    assert "sandbox.plugins.aws" in (engine.bin / "pulumi-resource-aws").read_text()
    assert machine.built() == []


def test_an_installed_cli_is_found_behind_a_link(machine: Machine, tmp_path: Path) -> None:
    home = machine.has_pulumi("v3.280.1", folder=tmp_path / "opt")
    machine.path.mkdir()
    (machine.path / "pulumi").symlink_to(home / "pulumi")

    assert machine.prepare().pulumi.resolve() == home / "pulumi"


@pytest.mark.parametrize("version", ["v3.258.9", "v2.300.0", "not a version"])
def test_an_old_installed_cli_is_passed_over(machine: Machine, version: str) -> None:
    machine.has_pulumi(version)
    machine.has_go()
    assert machine.prepare().origin == "built"


def test_an_installed_cli_without_its_language_host_is_passed_over(machine: Machine) -> None:
    machine.has_pulumi("v3.280.1")
    (machine.path / "pulumi-language-python").unlink()
    machine.has_go()
    assert machine.prepare().origin == "built"


def test_our_own_cli_on_path_is_not_taken_for_an_installed_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.has_go()
    machine.prepare()
    home = machine.has_pulumi("v3.280.1", folder=tmp_path / "opt")
    monkeypatch.setenv("PATH", f"{machine.bin}:{machine.path}:/usr/bin:/bin")
    assert machine.prepare().origin == "built"

    monkeypatch.setenv("PATH", f"{machine.bin}:{machine.path}:{home}:/usr/bin:/bin")
    assert machine.prepare().origin == "installed", "the search goes on behind it"


def test_going_back_from_an_installed_cli_to_a_built_one_leaves_nothing_of_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
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
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has_go()
    monkeypatch.setenv("SANDBOX_ENGINE", "path")
    with pytest.raises(EngineError, match=r"PATH has no official Pulumi v3\.259\.0 or later"):
        machine.prepare()
    assert machine.built() == []


def test_a_wrong_choice_is_refused_with_key_and_value(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_ENGINE", "docker")
    with pytest.raises(EngineError) as refusal:
        machine.prepare()
    assert str(refusal.value) == "SANDBOX_ENGINE must be one of auto, build, path, not 'docker'"
