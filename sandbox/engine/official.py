"""The official Pulumi CLI, if it is installed on this machine."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine import launchers, version

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
        reported = version.of(command)
        if reported and _is_new_enough(reported):
            return Installed(folder=folder, version=reported)
    return None


def _is_new_enough(reported: str) -> bool:
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", reported)
    return found is not None and tuple(map(int, found.groups())) >= OLDEST
