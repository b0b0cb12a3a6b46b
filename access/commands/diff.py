import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click

from access.change_report import as_markdown, as_text
from access.changes import changes
from access.commands.options import FINE, MISSED
from access.commands.questions import ACTION
from access.estate import Estate
from settings import SettingsError, read, read_text


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--action",
    "asked",
    type=ACTION,
    multiple=True,
    metavar="ACTION",
    help="Decide it for everybody.",
)
@click.option("--markdown", "form", flag_value="markdown", help="As a comment of a pull request.")
@click.option("--json", "form", flag_value="json", help="Answer in JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(["gain", "loss", "change"]),
    help="Exit with 1 if somebody gains access, loses it, or either.",
)
def diff(
    old: str,
    new: str,
    asked: tuple[str, ...],
    form: str | None,
    fail_on: Literal["gain", "loss", "change"] | None,
) -> None:
    """Who gains and who loses access between OLD and NEW.

    Each is a stack file, or REVISION:FILE as git knows it, such as main:Pulumi.dev.yaml; a file
    that the revision does not have gives nobody anything. Actions that either file expects
    something of are decided for everybody.

    Exit code 0, with --fail-on 1 if it applies, or 2: a file is refused.
    """
    found = changes(estate(old), estate(new), asked)
    if form == "json":
        click.echo(json.dumps([asdict(change) for change in found], indent=2))
    else:
        click.echo("\n".join(as_markdown(found, new) if form else as_text(found)))
    gains = any(change.gains for change in found)
    losses = any(not change.gains for change in found)
    failed = {"gain": gains, "loss": losses, "change": bool(found), None: False}[fail_on]
    raise click.exceptions.Exit(MISSED if failed else FINE)


def estate(named: str) -> Estate | None:
    """The estate of a file on disk, or of one in a revision. Raises SettingsError."""
    if Path(named).exists() or ":" not in named:
        return Estate(read(Path(named)))
    text = in_revision(named)
    return None if text is None else Estate(read_text(text, named))


def in_revision(named: str) -> str | None:
    """The file as it is in a git revision; None if the revision does not have it.

    Raises SettingsError if git knows no such revision.
    """
    revision, _, path = named.partition(":")
    if _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise SettingsError(f"{named}: neither a file nor a revision that git knows here")
    return _git("show", f"{revision}:./{path}")


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SettingsError("git is not installed, and a revision can't be read without") from None
    return done.stdout if done.returncode == 0 else None
