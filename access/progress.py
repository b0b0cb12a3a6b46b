"""Progress of long work: lines on a terminal's stderr; none for a program, none with --quiet."""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import click

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--quiet`."""
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=lambda context, option, value: _quiet.set(value) and None,
        help="Only the answer, or what is wrong: no progress, no summary.",
    )(command)


def is_quiet() -> bool:
    """Whether the command was given `--quiet`."""
    return _quiet.get()


def report(line: str) -> None:
    """Say what is done now, to a person who waits."""
    if sys.stderr.isatty() and not is_quiet():
        click.echo(line, err=True)
