"""`python -m tools.workflows`: actionlint and zizmor over the workflow files.

actionlint is no Python package: it is built from its Go module, pinned by the `go.mod` beside this
file, with the Go and in the cache of the engine. Its own calls of shellcheck and pyflakes are off,
so that the answer does not depend on what a machine happens to have.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.engine.build import GoProgram
from sandbox.errors import SandboxError

HERE = Path(__file__).parent
WORKFLOWS = HERE.parent / ".github" / "workflows"
ACTIONLINT = GoProgram(
    name="actionlint",
    title="actionlint",
    folder=HERE,
    module="github.com/rhysd/actionlint",
    command="github.com/rhysd/actionlint/cmd/actionlint",
    takes="half a minute",
)


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
        "actionlint": [ACTIONLINT.built(say), "-shellcheck=", "-pyflakes=", *files],
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
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
