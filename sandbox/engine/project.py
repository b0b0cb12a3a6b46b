"""A Pulumi project as the language host meets it: which Python runs it, and what it depends on."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine.protos import language_pb2, plugin_pb2

# For a project that names no virtual environment.
PYTHON = Path(shutil.which("python3") or "/usr/bin/python3")


class ProjectError(Exception):
    """The project cannot be run as it is; one line for the user."""


@dataclass(frozen=True, kw_only=True)
class Project:
    program: Path
    """The folder that the program runs in."""

    entry: str
    """What to run there: `.` for its `__main__.py`, or a file's name."""

    root: Path
    """The folder of Pulumi.yaml (or PulumiPolicy.yaml)."""

    virtualenv: Path | None
    """The virtual environment, if the project names one; it may have to be made."""

    @property
    def python(self) -> Path:
        """The interpreter, which `check` looks for."""
        return self.virtualenv / "bin" / "python" if self.virtualenv else PYTHON

    def check(self) -> None:
        """Raises ProjectError if there is nothing to run, or nothing to run it with."""
        if not self.python.is_file():
            raise ProjectError(f"no Python for this project at {self.python}: run 'pulumi install'")
        if self.entry == "." and not (self.program / "__main__.py").is_file():
            raise ProjectError(f"no __main__.py in {self.program}")

    def activated(self, environment: dict[str, str]) -> dict[str, str]:
        """`environment` as it is after the virtual environment's `activate`."""
        if not self.virtualenv:
            return environment
        path = os.pathsep.join([str(self.virtualenv / "bin"), environment.get("PATH", "")])
        active = environment | {"VIRTUAL_ENV": str(self.virtualenv), "PATH": path}
        active.pop("PYTHONHOME", None)
        return active


def of(info: language_pb2.ProgramInfo) -> Project:
    """Raises ProjectError for an option that this host does not know, rather than ignore it."""
    options = dict(info.options)
    virtualenv = options.pop("virtualenv", None)
    if options.pop("toolchain", "pip") != "pip" or options:
        raise ProjectError(
            "runtime options: the sandbox's Python language host knows 'virtualenv' and "
            f"'toolchain: pip', not {json.dumps(dict(info.options))}"
        )
    root = Path(info.root_directory)
    return Project(
        program=Path(info.program_directory),
        entry=info.entry_point or ".",
        root=root,
        virtualenv=root / str(virtualenv) if virtualenv else None,
    )


def required_packages(project: Project) -> Iterator[plugin_pb2.PackageDependency]:
    """The provider plugins that the project's installed Python packages ask for."""
    found = subprocess.run(
        [project.python, "-c", "import json, sys; print(json.dumps(sys.path))"],
        capture_output=True,
        text=True,
        check=True,
    )
    for folder in filter(None, json.loads(found.stdout)):
        for file in sorted(Path(folder).glob("*/pulumi-plugin.json")):
            wanted = json.loads(file.read_text())
            if wanted.get("resource"):
                yield plugin_pb2.PackageDependency(
                    name=wanted.get("name") or file.parent.name.removeprefix("pulumi_"),
                    kind="resource",
                    version=wanted.get("version", ""),
                    server=wanted.get("server", ""),
                )


def dependencies(project: Project, *, transitive: bool) -> Iterator[language_pb2.DependencyInfo]:
    """The installed Python packages; without `transitive`, those that no other one needs."""
    command = [str(project.python), "-m", "pip", "list", "--format", "json"]
    if not transitive:
        command.append("--not-required")
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    for package in json.loads(found.stdout):
        yield language_pb2.DependencyInfo(name=package["name"], version=package["version"])


def installation(project: Project) -> Iterator[list[str | Path]]:
    """The commands that make the project's environment, if it is missing, and fill it."""
    if project.virtualenv and not project.python.is_file():
        yield [PYTHON, "-m", "venv", project.virtualenv]
    requirements = project.program / "requirements.txt"
    if requirements.is_file():
        yield [project.python, "-m", "pip", "install", "-r", requirements]
