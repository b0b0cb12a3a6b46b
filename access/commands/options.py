"""What the commands have in common: the stack file, where policies come from, how to answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from access import aws_managed, live_policies, progress
from access.model import AccessModel
from settings import Part, read_part

Command = Callable[..., int]


@dataclass(frozen=True)
class Invocation:
    """A stack file to be asked about, and how to answer."""

    file: Path
    model: AccessModel
    as_json: bool
    policies_from: str
    """Where the policies that a stack file only names come from, and of when they are."""
    part: Part
    """What the file's stack deploys: the whole file, or a part of an estate."""
    live: bool = False
    """Whether the clouds may be asked."""

    def answer(self, value: Any, lines: Iterable[str], summary: str = "") -> None:
        """Print the value as JSON for a program; for a person the lines and, without --quiet, the
        summary, which is the note by default."""
        if self.as_json:
            click.echo(json.dumps(value, indent=2))
            return
        shown = [*lines, *([] if progress.is_quiet() else [summary or self.note()])]
        if shown:
            click.echo("\n".join(shown))

    def note(self) -> str:
        """The last line of an answer: on what it rests."""
        whole = f"; {self.file.name} is {self.part.label}, all of which is shown"
        text = f"{self.policies_from}{whole if self.part.label else ''}"
        return click.style(f"({text})", dim=True)


LIVE = click.option(
    "--live", is_flag=True, help="Read the policies that the file only names from the accounts."
)


def stack_file(command: Command) -> Callable[..., NoReturn]:
    """`stack_file_only`, with the option --live."""
    return LIVE(stack_file_only(command))


def stack_file_only(command: Command) -> Callable[..., NoReturn]:
    """Give the command an `Invocation` first; what it returns is the exit code."""

    @progress.quiet_option
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @wraps(command)
    def invoke(file: Path, as_json: bool, live: bool = False, **arguments: Any) -> NoReturn:
        part = read_part(file)
        resolver = live_policies.resolver(part) if live else aws_managed.policy
        policy_source = live_policies.source_note(part) if live else aws_managed.source_note()
        model = AccessModel(part.estate, resolver)
        invocation = Invocation(file, model, as_json, policy_source, part, live)
        raise click.exceptions.Exit(command(invocation, **arguments))

    return invoke


def styled_decision(allowed: bool | None) -> str:
    """A word with its colour; on a terminal only, as click does it."""
    if allowed is None:
        return click.style("depends", fg="yellow")
    return click.style("allowed", fg="green") if allowed else click.style("denied", fg="red")
