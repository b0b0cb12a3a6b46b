"""What is kept between runs and clones: the built CLI, and Go where the machine has none."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError

PROGRESS_SECONDS = 15.0


def folder() -> Path:
    """Where all clones of this repository on this machine keep what is costly to make."""
    # The XDG base directory specification: a relative path is to be ignored.
    configured = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = configured if configured.is_absolute() else Path.home() / ".cache"
    return base / "okta-aws-federation"


@contextmanager
def lock(path: Path, report: Callable[[str], None]) -> Iterator[int]:
    """Let one process at a time in. Yields the lock's file descriptor.

    The kernel frees the lock when the last process that holds the descriptor ends, so a killed
    owner leaves nothing behind, and a command that got the descriptor too (`run`) keeps it.
    Raises SandboxError if the cache cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise SandboxError(
            f"{path.parent} cannot be written ({error.strerror}): set XDG_CACHE_HOME to a folder "
            "that can"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"waiting for another run to finish with {path.parent}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    log: Path,
    env: Mapping[str, str],
    lock_fd: int,
    report: Callable[[str], None],
    progress: Callable[[str], str] = lambda output: "",
) -> None:
    """Run a long command, with a line of progress now and then; its output goes to `log`.

    `progress` says how far it is, from the output so far.

    Raises SandboxError with the last line of the output when the command fails. An interrupted
    caller takes the command with it; one that is killed leaves it running, with the lock held.
    """
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock_fd],
            start_new_session=True,
        )
        try:
            while _still_runs(process):
                done = progress(log.read_text(encoding="utf-8", errors="replace"))
                report(f"{what}: {done}{time.monotonic() - started:.0f} s so far")
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    if process.returncode:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
        raise SandboxError(f"{what} failed: {last} (all of it: {log})")


def _still_runs(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=PROGRESS_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False
