"""The Pulumi CLI and other Go programs, built from their modules and kept in the cache.

For machines that reach a Go module proxy but not the downloads of the official installers.
"""

import platform
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine import cache, official, toolchain
from sandbox.errors import SandboxError

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class GoProgram:
    """A program that is built from a Go module once, and kept in the cache.

    Its version, and every module in it, is pinned by `go.mod` and `go.sum` in a folder.
    """

    name: str
    """The program's file name."""
    title: str
    """What a message calls it."""
    folder: Path
    module: str
    """The module in `go.mod` that has its version."""
    command: str
    """The package that is compiled."""
    takes: str
    """How long that takes, for a message."""
    flags: str = "-s -w"
    """For the linker; `{version}` is filled in."""
    help_option: str = "-help"

    def pinned(self, pattern: str) -> str:
        """What a line of `go.mod` has in its group. Raises SandboxError."""
        file = self.folder / "go.mod"
        found = re.search(pattern, file.read_text(), re.MULTILINE)
        if found is None:
            raise SandboxError(f"{file} has no line like '{pattern}': restore it from git")
        return found[1]

    @property
    def version(self) -> str:
        """Such as `v3.274.1`."""
        return self.pinned(rf"^(?:require)?\s*{re.escape(self.module)} (v\S+)")

    def built(self, report: Callable[[str], None]) -> Path:
        """The program; built now if the cache has none that works.

        At most one build runs at a time on a machine, whatever the number of clones; the others
        wait for it. Raises SandboxError.
        """
        platform_name = f"{platform.system()}-{platform.machine()}".lower()
        home = cache.folder() / f"{self.name}-{self.version}-{platform_name}"
        binary = home / self.name
        if not self.works(binary):
            with cache.lock(home.with_name(f"{home.name}.lock"), report) as lock_fd:
                if not self.works(binary):
                    self._build(binary, lock_fd, report)
        return binary

    def works(self, binary: Path) -> bool:
        """Whether this is all of it: a full disk or a damaged cache may have left a part."""
        try:
            done = subprocess.run([binary, self.help_option], capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def _build(self, binary: Path, lock_fd: int, report: Callable[[str], None]) -> None:
        # Whoever is killed while writing has written to this name, which nobody runs.
        partial = binary.with_name(f"{self.name}.partial")
        report(f"building {self.title} {self.version}: this takes {self.takes} once")
        self._compile(partial, lock_fd, report)
        if not self.works(partial):
            raise SandboxError(f"{self.title} was built but does not run: see {partial}")
        partial.replace(binary)

    def _compile(self, binary: Path, lock_fd: int, report: Callable[[str], None]) -> None:
        """Compile it, step by step. Raises SandboxError."""
        binary.parent.mkdir(parents=True, exist_ok=True)
        log = binary.with_name("build.log")
        report("1/4 looking for Go")
        go = toolchain.go(OLDEST_GO, lock_fd=lock_fd, report=report)

        def step(what: str, *arguments: str | Path, progress: Callable[[str], str]) -> None:
            report(what)
            cache.run(
                [go, *arguments, self.command],
                what=what,
                log=log,
                env=toolchain.environment(),
                lock_fd=lock_fd,
                report=report,
                progress=progress,
            )

        step(
            "2/4 downloading modules",
            *("list", "-C", self.folder, "-deps"),
            progress=lambda output: f"{output.count('go: downloading')} modules, ",
        )
        packages = sum(not line.startswith("go: ") for line in log.read_text().splitlines())
        flags = self.flags.format(version=self.version)
        step(
            f"3/4 compiling {packages:,} packages",
            *("build", "-C", self.folder, "-v", "-buildvcs=false", "-ldflags", flags, "-o", binary),
            progress=lambda output: f"{output.count(chr(10)):,} done, ",
        )
        report("4/4 checking that it runs")


class PulumiCli(GoProgram):
    """The CLI, which says its version."""

    def works(self, binary: Path) -> bool:
        """Whether this is the whole CLI, and of the pinned version."""
        return official.version_of(binary) == self.version


COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
CLI = PulumiCli(
    name="pulumi",
    title="the Pulumi CLI",
    folder=HERE,
    module="github.com/pulumi/pulumi/pkg/v3",
    command=COMMAND,
    takes="four to eight minutes",
    flags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}",
)
VERSION, OLDEST_GO = CLI.version, CLI.pinned(r"^go ([\d.]+)$")
YAML_HOST = GoProgram(
    name="pulumi-language-yaml",
    title="pulumi-language-yaml",
    folder=HERE / "yaml",
    module="github.com/pulumi/pulumi-yaml",
    command="github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    takes="two to ten minutes",
)
"""The language host for Pulumi YAML. An official CLI brings its own. The sandbox needs it for
nothing of its own: it lets programs without an SDK, which know a plugin by its `GetSchema` alone,
run on the emulated clouds."""
