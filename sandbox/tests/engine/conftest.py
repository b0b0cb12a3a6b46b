"""A prepared engine, small projects to run with it, and machines that have none yet."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import Engine, build, prepare

CLONE = Path(__file__).parents[3]
MARKER = "OKTA_AWS_FEDERATION_TEST"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine as it is built here, whatever is installed: these tests are about our host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_ENGINE", "build")
        return prepare(tmp_path_factory.mktemp("engine") / "bin", report=print)


@dataclass
class Project:
    """A project in a folder, with one stack, and state of its own."""

    folder: Path
    variables: dict[str, str]
    name: str = "tiny"
    stack: str = "dev"
    marker: str = field(init=False)

    def __post_init__(self) -> None:
        # Every process that a command starts inherits it, which tells them from all others.
        self.marker = f"{MARKER}={self.folder}"
        self.variables = self.variables | {MARKER: str(self.folder)}
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        self.write("Pulumi.yaml", json.dumps({"name": self.name, "runtime": runtime}))

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=os.environ | self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def pulumi(self, *arguments: str, expect: int | None = 0) -> str:
        """What the command says, having made sure of how it ends; None for any ending."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        if expect is not None:
            assert process.returncode == expect, output
        return output

    def up(self, program: str, *arguments: str, expect: int = 0) -> str:
        self.write("__main__.py", program)
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, expect=expect)

    def outputs(self, *arguments: str) -> Any:
        return json.loads(self.pulumi("stack", "output", "--json", *arguments))

    def state(self) -> Any:
        return json.loads(self.pulumi("stack", "export"))

    def processes(self) -> list[str]:
        """The command lines of what runs on behalf of this project."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.marker.encode() in (process / "environ").read_bytes().split(b"\0"):
                    line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append(line)
            except OSError:  # it has ended meanwhile, or belongs to another user
                continue
        return [line for line in found if line]


@pytest.fixture
def new_project(engine: Engine, tmp_path: Path) -> Callable[..., Project]:
    """Makes projects that share one backend, so that they can refer to each other."""

    def make(name: str = "tiny") -> Project:
        variables = engine.environment(
            backend=tmp_path / "state", passphrase="words", home=tmp_path / "home"
        )
        folder = tmp_path / "projects" / name
        folder.mkdir(parents=True)
        project = Project(folder, variables, name=name)
        project.pulumi("stack", "init", project.stack)
        return project

    return make


@pytest.fixture
def project(new_project: Callable[..., Project]) -> Project:
    return new_project()


# Takes the arguments of `go build`, and makes a program that answers like the CLI.
FAKE_GO = r"""#!/bin/sh
if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi
if [ "$1" = list ]; then echo 'go: downloading a v1.0.0'; {listing}; printf 'b\nc\n'; exit; fi
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
from sandbox.engine import cache, prepare
cache.PROGRESS_SECONDS = 0.2
prepare(Path(sys.argv[1]), report=lambda line: print(line, flush=True))
"""


class Machine:
    """A machine with an empty cache, and with no more on PATH than a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.path = folder / "path"
        self.bin = folder / "bin"
        self.builds = folder / "builds"
        self.output: list[str] = []

    @staticmethod
    def program(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def has_go(self, version: str = build.OLDEST_GO, meanwhile: str = "", **changes: str) -> None:
        known = {"record": str(self.builds), "cli": build.VERSION, "listing": ":"}
        known["meanwhile"] = meanwhile
        self.program(self.path / "go", FAKE_GO.format(version=version, **(known | changes)))

    def has_pulumi(self, version: str, folder: Path | None = None, host: str = "\x7fELF") -> Path:
        folder = folder or self.path
        self.program(folder / "pulumi", f"#!/bin/sh\necho {version}\n")
        self.program(folder / "pulumi-language-python", host)
        self.program(folder / "pulumi-language-python-exec", "")
        return folder

    def prepare(self, **options: Any) -> Any:
        return prepare(self.bin, report=self.output.append, **options)

    def start(self, name: str = "bin", cwd: Path = CLONE) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", PREPARE, self.bin.with_name(name)],
            cwd=cwd,
            stdout=subprocess.PIPE,
            text=True,
        )

    def built(self) -> list[int]:
        """The processes that have built so far."""
        if not self.builds.exists():
            return []
        return [int(line) for line in self.builds.read_text().split()]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.cache))
    monkeypatch.setenv("PATH", os.pathsep.join([str(machine.path), "/usr/bin", "/bin"]))
    monkeypatch.delenv("SANDBOX_ENGINE", raising=False)
    return machine
