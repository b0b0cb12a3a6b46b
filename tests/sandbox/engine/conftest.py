"""A prepared engine, and small projects of their own to run with it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import Engine, prepare
from sandbox.engine.environment import environment

MARKER = "OKTA_AWS_FEDERATION_TEST"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine as it is built here, whatever is installed: these tests are about our host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_ENGINE", "build")
        return prepare(tmp_path_factory.mktemp("engine") / "bin", say=print)


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
        said, _ = process.communicate(timeout=120)
        if expect is not None:
            assert process.returncode == expect, said
        return said

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
        variables = environment(
            engine, backend=tmp_path / "state", passphrase="words", home=tmp_path / "home"
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
