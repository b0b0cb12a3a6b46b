"""Where the engine's commands run for a stack file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from access.commands.map import name_of
from access.commands.options import Invocation

if TYPE_CHECKING:
    from access.recovery.engine import Engine


def engine_of(invocation: Invocation, stack: str | None) -> Engine:
    """The engine on the file's stack, in the file's folder if a Pulumi.yaml is there, or here."""
    from access.recovery.engine import Engine

    folder = invocation.file.parent
    project = folder if (folder / "Pulumi.yaml").exists() else Path.cwd()
    return Engine(stack or name_of(invocation.file), project)
