"""The official Pulumi CLI, if it is installed on this machine, and what version a CLI is."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine import launchers

OLDEST = (3, 259, 0)
OLDEST_TEXT = "v3.259.0"


@dataclass(frozen=True, kw_only=True)
class Installed:
    folder: Path
    """Holds the CLI and what came with it."""

    version: str
    """Such as `v3.274.1`."""


def find(path: str) -> Installed | None:
    """The first CLI on `path` (as in the variable PATH) that is new enough and complete.

    Complete is one with the official Python language host beside it. One that this repository has
    placed is passed over, so that the sandbox's own environment changes nothing.
    """
    for entry in path.split(os.pathsep):
        command = Path(entry) / "pulumi"
        if not entry or not command.is_file():
            continue
        # Package managers put a link on PATH; the CLI itself looks beside what the link points at.
        folder = command.resolve().parent
        host = folder / "pulumi-language-python"
        if not host.is_file() or launchers.is_ours(host):
            continue
        reported = version_of(command)
        if reported and _is_new_enough(reported):
            return Installed(folder=folder, version=reported)
    return None


def version_of(command: Path) -> str | None:
    """What a CLI says its version is, such as `v3.274.1`; None if it does not run."""
    # Even this command writes a log, to ~/.pulumi if it is not told otherwise.
    with tempfile.TemporaryDirectory() as home:
        settings = {"PULUMI_HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        try:
            answer = subprocess.run(
                [command, "version"],
                env=os.environ | settings,
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
    return answer.stdout.strip()


def _is_new_enough(reported: str) -> bool:
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", reported)
    return found is not None and tuple(map(int, found.groups())) >= OLDEST
