"""The `pulumi` commands that a recovery needs, on one stack."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from access.recovery.plan import Plan
from settings import SettingsError
from settings.errors import PROJECT

DELETED_APP = (
    "; the native app of app.commandLine was deleted in Okta, and its provider can't refresh that: "
    "docs/how-to/troubleshooting.md has the commands"
)
STACK_IS_LOCKED = "the stack is currently locked"
NO_STACK = "no stack named"
"""What the engine's error says of a stack that was never created, or whose state file is gone."""
_BEFORE_REASON = re.compile(
    r"error: (Preview failed: )?(could not load provider .* configure provider '[^']*': )?"
)
_LOCK = re.compile(r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\)")


class EngineError(SettingsError):
    """A `pulumi` command that failed; the message is the engine's own error."""


@dataclass(frozen=True)
class Engine:
    """Plain `pulumi` commands on the stack `stack`, in the folder of its Pulumi.yaml."""

    stack: str
    project: Path

    def export(self) -> Mapping[str, Any]:
        """The stack's deployment: `resources` and, after an interruption, `pending_operations`."""
        deployment: Mapping[str, Any] = json.loads(self.run("stack", "export"))["deployment"]
        return deployment

    def plan(self) -> Plan:
        """What the next update would do, after a look at what each cloud holds now.

        Neither takes the stack's lock nor changes the state.
        """
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "import.json"
            done = self._process("preview", "--refresh", "--json", "--import-file", str(file))
            try:
                preview = json.loads(done.stdout)
            except json.JSONDecodeError:
                raise EngineError(f"`pulumi preview --refresh`: {_error(done)}") from None
            if done.returncode:
                errors = [each["message"] for each in preview.get("diagnostics", ())]
                reason = _first_error("\n".join(errors)) or _error(done)
                hint = DELETED_APP if "failed to get OAuth application" in reason else ""
                raise EngineError(f"`pulumi preview --refresh`: {reason}{hint}")
            skeleton = json.loads(file.read_text()) if file.exists() else {}
        return Plan.parse(preview, skeleton)

    def state_file(self) -> Path | None:
        """Where the stack's state is on this machine; None where another kind of backend has it."""
        folder = self._backend_folder()
        return folder / "stacks" / PROJECT / f"{self.stack}.json" if folder else None

    def lock(self) -> "Lock | None":
        """The stack's lock in a file backend; of another kind the first step that fails tells."""
        folder = self._backend_folder()
        if folder is None:
            return None
        for file in sorted(folder.glob(f"locks/*/{PROJECT}/{self.stack}/*.json")):
            with suppress(FileNotFoundError):  # its owner has just ended
                return _owner_of(file) or _owner_of(file, after=1) or UNKNOWN_OWNER
        return None

    def _backend_folder(self) -> Path | None:
        url = json.loads(self._start(["whoami", "--json"]).stdout or "{}").get("url", "")
        if not url.startswith("file://"):
            return None
        path, _, _ = url.removeprefix("file://").partition("?")  # as in ?metadata=skip
        return Path(unquote(path)).expanduser() / ".pulumi"

    def run(self, *arguments: str) -> str:
        """What `pulumi ARGUMENTS --stack STACK` prints. Raises EngineError."""
        done = self._process(*arguments)
        if done.returncode:
            raise EngineError(f"`pulumi {' '.join(arguments)}`: {_error(done)}")
        return done.stdout

    def command(self, *arguments: str) -> None:
        """Run a command that names its stacks itself. Raises EngineError."""
        done = self._start([*arguments, "--non-interactive"])
        if done.returncode:
            raise EngineError(f"`pulumi {' '.join(arguments[:2])}`: {_error(done)}")

    def _process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._start([*arguments, "--stack", self.stack, "--non-interactive"])

    def _start(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        if shutil.which("pulumi") is None:
            raise EngineError("the state can't be read: `pulumi` is not on the PATH")
        command = ["pulumi", *arguments, "--color", "never"]
        with subprocess.Popen(
            command,
            cwd=self.project,
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as engine:
            try:
                output, errors = engine.communicate()
            except KeyboardInterrupt:
                # A terminal interrupts the engine too: it records what it is doing, then ends.
                engine.communicate()
                raise
        return subprocess.CompletedProcess(command, engine.returncode, output, errors)


@dataclass(frozen=True)
class Lock:
    """The owner of a stack's lock, in a file or bucket backend."""

    user: str
    host: str
    process: int | None
    """None if its owner was killed while it wrote the lock."""

    @property
    def has_ended(self) -> bool | None:
        """Whether the owner has ended; None on another machine, where nobody can tell."""
        if self.host != socket.gethostname():
            return None
        if self.process is None:
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        # The process id may belong to another program by now, and a killed process for which nobody
        # waits, as in a container without an init, stays as a zombie.
        try:
            name, _, rest = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return "pulumi" not in name or rest.split()[0] in ("Z", "X")

    def __str__(self) -> str:
        return f"{self.user}@{self.host}, process {self.process}"


UNKNOWN_OWNER = Lock("unknown", socket.gethostname(), None)


def _owner_of(file: Path, after: float = 0) -> Lock | None:
    """The owner of a lock; None if it is not written to its end, `after` so many seconds."""
    time.sleep(after)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Lock(content["username"], content["hostname"], int(content["pid"]))
    except (ValueError, KeyError):
        return None


def lock_in(message: str) -> Lock | None:
    """The lock's owner, as the engine names it; None where the backend names none."""
    match = _LOCK.search(message)
    return Lock(match["user"], match["host"], int(match["pid"])) if match else None


def _error(done: subprocess.CompletedProcess[str]) -> str:
    text = f"{done.stderr}\n{done.stdout}"
    return _first_error(text) or (text.strip().splitlines() or ["no message"])[-1]


def _first_error(text: str) -> str | None:
    """The first error; with the next line where that names a lock's owner, or what occurred."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if line.startswith("error: "):
            message = _BEFORE_REASON.sub("", line)
            goes_on = STACK_IS_LOCKED in line or line.endswith(":")
            return " ".join([message, *lines[number + 1 : number + 1 + goes_on]])
    return None
