"""`python -m tools.workflows`: actionlint and zizmor over the workflow files.

actionlint is no Python package: it is built from its Go module, pinned by the `go.mod` beside this
file, with the Go and in the cache of the engine. Its own calls of shellcheck and pyflakes are off,
so that the answer does not depend on what a machine happens to have.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import build, cache, toolchain
from sandbox.engine.errors import EngineError

HERE = Path(__file__).parent
WORKFLOWS = HERE.parent / ".github" / "workflows"
COMMAND = "github.com/rhysd/actionlint/cmd/actionlint"


def actionlint(say: Callable[[str], None]) -> Path:
    """The linter; built now if the cache has none. Raises EngineError."""
    found = re.search(r"rhysd/actionlint (v[\d.]+)", (HERE / "go.mod").read_text())
    version = found[1] if found else "unknown"
    binary = cache.folder() / f"actionlint-{version}"
    if not binary.exists():
        with cache.lock(binary.with_name(f"{binary.name}.lock"), say) as lock_fd:
            if not binary.exists():
                _build(binary, version, lock_fd, say)
    return binary


def _build(binary: Path, version: str, lock_fd: int, say: Callable[[str], None]) -> None:
    say(f"building actionlint {version}: this takes half a minute once")
    partial = binary.with_name(f"{binary.name}.partial")
    go = toolchain.go(build.OLDEST_GO, lock_fd=lock_fd, report=say)
    cache.run(
        [go, "build", "-C", HERE, "-buildvcs=false", "-o", partial, COMMAND],
        what=f"building actionlint {version}",
        log=binary.with_name(f"{binary.name}.log"),
        env=toolchain.environment(),
        lock_fd=lock_fd,
        report=say,
    )
    partial.replace(binary)


def complaining(folder: Path, say: Callable[[str], None]) -> list[str]:
    """Which of the linters complain of the workflows in a folder; they say of what."""
    files = sorted(folder.glob("*.yml"))
    zizmor = Path(sys.executable).with_name("zizmor")
    offline: list[str | Path] = [
        "--offline",
        "--no-progress",
        "--config",
        HERE.parent / ".github" / "zizmor.yml",
    ]
    commands: dict[str, list[str | Path]] = {
        "actionlint": [actionlint(say), "-shellcheck=", "-pyflakes=", *files],
        "zizmor": [zizmor, "--quiet", *offline, *files],
    }
    return [
        name
        for name, command in commands.items()
        if subprocess.run(command, check=False, cwd=HERE.parent).returncode
    ]


def main() -> int:
    try:
        return int(bool(complaining(WORKFLOWS, print)))
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
