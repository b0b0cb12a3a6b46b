"""The folder of programs that the engine runs: links, copies, and launchers of Python modules.

Everything is put in place by renaming, so that a deployment that runs meanwhile never meets half a
file, and what is right already is left alone.
"""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from importlib import metadata
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
BUNDLED = (
    "pulumi",
    "pulumi-language-python*",
    "pulumi-language-yaml",
    "pulumi-analyzer-policy*",
    "pulumi-resource-pulumi-*",
)
MARK = "# A launcher of the sandbox of okta-aws-federation"


def write(path: Path, module: str) -> None:
    """Make `path` a program that runs `module` of this clone in the Python that runs now."""
    command = shlex.join([sys.executable, str(LAUNCH), module])
    text = f'#!/bin/sh\n{MARK}: emulated.\nexec {command} "$@"\n'
    if path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode():
        return

    def make(new: Path) -> None:
        new.write_text(text, encoding="utf-8")
        new.chmod(0o755)

    _replace(path, make)


def is_ours(path: Path) -> bool:
    """Whether `path` was made by `write`, in this clone or another."""
    with path.open("rb") as file:
        return MARK.encode() in file.read(200)


def install_plugin(home: Path, launcher: Path) -> None:
    """Put a provider plugin where the engine looks for plugins that are installed.

    The version in the folder's name is the SDK's, because the SDK asks for its own.
    """
    name = launcher.name.removeprefix("pulumi-resource-")
    folder = home / "plugins" / f"resource-{name}-v{metadata.version(f'pulumi-{name}')}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / launcher.name
    if not (path.is_symlink() and path.readlink() == launcher):
        _replace(path, partial(Path.symlink_to, target=launcher))


def place_binary(path: Path, binary: Path) -> None:
    """Make `path` the same file as `binary`, or a copy of it.

    Never a symbolic link: the CLI looks for its neighbours where the link points.
    """
    if path.is_file() and not path.is_symlink() and _same(path, binary):
        return

    def make(new: Path) -> None:
        try:
            new.hardlink_to(binary)
        except OSError:  # another file system, or one without hard links
            shutil.copy2(binary, new)

    _replace(path, make)


def link_installed(folder: Path, installed: Path) -> set[str]:
    """Link an installed CLI and what a Python program needs of it into `folder`.

    Returns the names of the links.
    """
    programs = [path for pattern in BUNDLED for path in installed.glob(pattern)]
    for program in programs:
        path = folder / program.name
        if not (path.is_symlink() and path.readlink() == program):
            _replace(path, partial(Path.symlink_to, target=program))
    return {program.name for program in programs}


def remove_others(folder: Path, wanted: Collection[str]) -> None:
    """Remove the programs of an earlier choice of engine or plugins."""
    for path in folder.glob("pulumi*"):
        if path.name not in wanted:
            path.unlink(missing_ok=True)


def _same(path: Path, binary: Path) -> bool:
    here, there = path.stat(), binary.stat()
    return path.samefile(binary) or (here.st_size, here.st_mtime_ns) == (
        there.st_size,
        there.st_mtime_ns,
    )


def _replace(path: Path, make: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
        new = Path(folder) / path.name
        make(new)
        new.replace(path)
