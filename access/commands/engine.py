"""Where the engine's commands run for a stack file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from access.commands.options import Invocation
from access.estate.stacks import part_files
from settings import SettingsError
from settings.part import OKTA, stack_name

if TYPE_CHECKING:
    from access.recovery.engine import Engine


def engine_of(invocation: Invocation, stack: str | None) -> Engine:
    """The engine on the file's stack, in the file's folder if a Pulumi.yaml is there, or here."""
    from access.recovery.engine import Engine

    folder = invocation.file.parent
    project = folder if (folder / "Pulumi.yaml").exists() else Path.cwd()
    return Engine(stack or stack_name(invocation.file), project)


def deployed_engine_of(invocation: Invocation, stack: str | None) -> Engine:
    """`engine_of`. Raises SettingsError for an estate's file that only its parts' stacks deploy."""
    from access.recovery.engine import NO_STACK, EngineError

    engine = engine_of(invocation, stack)
    files = () if stack or invocation.part.label else part_files(invocation.file).values()
    if files:
        try:
            engine.export()
        except EngineError as error:
            if NO_STACK not in str(error):
                raise
            names = ", ".join(each.name for each in files)
            raise SettingsError(
                f"{invocation.file}: has no stack {engine.stack}: it is deployed as stacks of its "
                f"parts; name the file of one: {names}"
            ) from None
    return engine


def read_ids_in_state(invocation: Invocation) -> Collection[str] | None:
    """Ids that the file's stack holds, and of an estate the stack of its Okta half.

    None in it before its first update; None if nobody can tell.
    """
    from access.recovery.engine import NO_STACK, EngineError
    from access.recovery.status import ids_in

    names = {stack_name(invocation.file), invocation.part.okta_stack}
    if not invocation.part.label and (file := part_files(invocation.file).get(OKTA)):
        names.add(stack_name(file))
    ids: set[str] = set()
    for name in names - {None}:
        try:
            ids |= ids_in(engine_of(invocation, name).export())
        except EngineError as error:
            if NO_STACK not in str(error):
                return None
    return ids


def ids_in_state(invocation: Invocation) -> Callable[[], Collection[str]]:
    """`read_ids_in_state`, read when it is first called; none where nobody can tell."""
    return cache(lambda: read_ids_in_state(invocation) or ())
