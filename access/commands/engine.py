"""Where the engine's commands run for a stack file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
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


def read_ids_in_state(invocation: Invocation) -> Collection[str] | None:
    """Ids that the file's stack holds; none before its first update, None if nobody can tell."""
    from access.recovery.engine import EngineError
    from access.recovery.status import ids_in

    try:
        return ids_in(engine_of(invocation, None).export())
    except EngineError as error:
        return () if "no stack named" in str(error) else None


def ids_in_state(invocation: Invocation) -> Callable[[], Collection[str]]:
    """`read_ids_in_state`, read when it is first called; none where nobody can tell."""
    return cache(lambda: read_ids_in_state(invocation) or ())
