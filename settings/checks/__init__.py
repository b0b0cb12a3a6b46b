"""What must hold between the sections of a stack file. Each check yields what does not."""

from collections.abc import Callable, Collection, Iterator

from settings.checks import accounts, groups, modes, names, people, roles
from settings.errors import ConfigError
from settings.stack import Settings

ALL: tuple[Callable[[Settings], Iterator[ConfigError]], ...] = tuple(
    check
    for module in (accounts, modes, groups, roles, names, people)
    for check in vars(module).values()
    if getattr(check, "__annotations__", {}).get("return") == Iterator[ConfigError]
)
"""The functions of these modules that yield mistakes."""


def run(stack: Settings) -> Iterator[ConfigError]:
    """Every mistake between the sections."""
    for check in ALL:
        yield from check(stack)


def run_without(stack: Settings, removed: Collection[tuple[str, ...]]) -> Iterator[ConfigError]:
    """Mistakes of a stack whose refused values were taken out, at the paths `removed`.

    What may only follow from what is missing is left out: it would be a second line for a
    mistake that has its own.
    """
    if ("mode",) in removed:
        return
    names = {path[-1] for path in removed}
    sections = {path[0] for path in removed}
    keys = tuple(".".join(path) for path in removed)
    for error in run(stack):
        follows = (
            error.value in names
            or error.key.startswith(keys)
            or (error.key.startswith("people.") and "groups" in sections)
        )
        if not follows:
            yield error
