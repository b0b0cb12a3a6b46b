"""The language host for Pulumi YAML, built from its Go module as the CLI is, and cached.

An official CLI brings its own. The sandbox needs it for nothing of its own: it lets programs
without an SDK, which know a plugin by its `GetSchema` alone, run on the emulated clouds. Version
and modules are pinned by `yaml/go.mod` and `yaml/go.sum`.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import build, cache
from sandbox.engine.errors import EngineError

HERE = Path(__file__).parent / "yaml"
NAME = "pulumi-language-yaml"
COMMAND = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"


def pinned_version() -> str:
    """The version that `yaml/go.mod` names. Raises EngineError."""
    found = re.search(
        r"^\s*github\.com/pulumi/pulumi-yaml (v\S+)", (HERE / "go.mod").read_text(), re.M
    )
    if found is None:
        raise EngineError(f"{HERE / 'go.mod'} names no pulumi-yaml: restore it from git")
    return found[1]


def built(report: Callable[[str], None]) -> Path:
    """The built host; built now if the cache has none that works. Raises EngineError."""
    version = pinned_version()
    home = cache.folder() / f"{NAME}-{version}-{build.platform_name()}"
    binary = home / NAME
    if not _works(binary):
        with cache.lock(home.with_name(f"{home.name}.lock"), report) as lock_fd:
            if not _works(binary):
                _build(binary, version, lock_fd, report)
    return binary


def _build(binary: Path, version: str, lock_fd: int, report: Callable[[str], None]) -> None:
    partial = binary.with_name(f"{NAME}.partial")
    report(f"building {NAME} {version}: this takes two to ten minutes once")
    build.compile_command(HERE, COMMAND, partial, flags="-s -w", lock_fd=lock_fd, report=report)
    if not _works(partial):
        raise EngineError(f"{NAME} was built but does not run: see {partial}")
    partial.replace(binary)


def _works(binary: Path) -> bool:
    """Whether it runs: a full disk or a damaged cache may have left a part."""
    try:
        done = subprocess.run([binary, "-help"], env=os.environ, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0
