"""The Pulumi CLI, built from its Go module and kept in the cache.

For machines that reach a Go module proxy but not the downloads of the official installer. Which
version, and every module in it, is pinned by the `go.mod` and `go.sum` beside this file.
"""

import platform
import re
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import cache, toolchain, version
from sandbox.engine.errors import EngineError

HERE = Path(__file__).parent
GO_MOD = (HERE / "go.mod").read_text()
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


def _pinned(pattern: str) -> str:
    found = re.search(pattern, GO_MOD, re.MULTILINE)
    if found is None:
        raise EngineError(f"{HERE / 'go.mod'} has no line like '{pattern}': restore it from git")
    return found[1]


VERSION = _pinned(r"^\s*github\.com/pulumi/pulumi/pkg/v3 (v[\d.]+)")
OLDEST_GO = _pinned(r"^go ([\d.]+)$")


def cli(report: Callable[[str], None]) -> Path:
    """The built CLI; built now if the cache has none that works.

    At most one build runs at a time on a machine, whatever the number of clones; the others wait
    for it. Raises EngineError.
    """
    home = cache.folder() / f"pulumi-{VERSION}-{platform_name()}"
    binary = home / "pulumi"
    if not _works(binary):
        with cache.lock(home.with_name(f"{home.name}.lock"), report) as lock_fd:
            if not _works(binary):
                _build(binary, lock_fd, report)
    return binary


def _build(binary: Path, lock_fd: int, report: Callable[[str], None]) -> None:
    # Whoever is killed while writing has written to this name, which nobody runs.
    partial = binary.with_name("pulumi.partial")
    report(f"building the Pulumi CLI {VERSION}: this takes four to eight minutes once")
    flags = f"-s -w -X {VERSION_VARIABLE}={VERSION}"
    compile_command(HERE, COMMAND, partial, flags=flags, lock_fd=lock_fd, report=report)
    if not _works(partial):
        raise EngineError(f"the Pulumi CLI was built but does not run: see {partial}")
    partial.replace(binary)


def compile_command(
    module: Path,
    command: str,
    binary: Path,
    *,
    flags: str,
    lock_fd: int,
    report: Callable[[str], None],
) -> None:
    """Compile a command of the Go module in a folder, step by step. Raises EngineError."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    log = binary.with_name("build.log")
    report("1/4 looking for Go")
    go = toolchain.go(OLDEST_GO, lock_fd=lock_fd, report=report)

    def step(what: str, *arguments: str | Path, progress: Callable[[str], str]) -> None:
        report(what)
        cache.run(
            [go, *arguments, command],
            what=what,
            log=log,
            env=toolchain.environment(),
            lock_fd=lock_fd,
            report=report,
            progress=progress,
        )

    step(
        "2/4 downloading modules",
        *("list", "-C", module, "-deps"),
        progress=lambda output: f"{output.count('go: downloading')} modules, ",
    )
    packages = sum(not line.startswith("go: ") for line in log.read_text().splitlines())
    step(
        f"3/4 compiling {packages:,} packages",
        *("build", "-C", module, "-v", "-buildvcs=false", "-ldflags", flags, "-o", binary),
        progress=lambda output: f"{output.count(chr(10)):,} done, ",
    )
    report("4/4 checking that it runs")


def _works(binary: Path) -> bool:
    """Whether this is the whole CLI: a full disk or a damaged cache may have left a part."""
    return version.of(binary) == VERSION


def platform_name() -> str:
    """Operating system and processor, such as `linux-x86_64`."""
    return f"{platform.system()}-{platform.machine()}".lower()
