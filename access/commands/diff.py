import json
import subprocess
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Literal

import click

from access.change_report import as_markdown, as_text
from access.changes import Change, changes
from access.commands.options import FAILED, OK
from access.commands.parameters import ACTION
from access.model import AccessModel
from settings import SettingsError, read, read_text
from settings.stack_file import decode, project_defaults


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--action",
    "queries",
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
    queries: tuple[str, ...],
    form: str | None,
    fail_on: Literal["gain", "loss", "change"] | None,
) -> None:
    """Who gains and who loses access between OLD and NEW.

    Each is a stack file, or REVISION:FILE as git knows it, such as main:Pulumi.dev.yaml; a file
    that the revision does not have gives nobody anything. Actions that either file expects
    something of are decided for everybody.

    Exit code 0, with --fail-on 1 if it applies, or 2: a file is refused.
    """
    result = changes(model(old), model(new), queries)
    if form == "json":
        click.echo(json.dumps([as_json(change) for change in result], indent=2))
    else:
        click.echo("\n".join(as_markdown(result, new) if form else as_text(result)))
    gains = any(change.gains for change in result)
    losses = any(not change.gains for change in result)
    failed = {"gain": gains, "loss": losses, "change": bool(result), None: False}[fail_on]
    raise click.exceptions.Exit(FAILED if failed else OK)


def as_json(change: Change) -> dict[str, object]:
    return {key: value for key, value in asdict(change).items() if key != "danger"}


def model(name: str) -> AccessModel | None:
    """The estate of a file on disk, or of one in a revision. Raises SettingsError."""
    if Path(name).exists() or ":" not in name:
        return AccessModel(read(Path(name)))
    revision, _, path = name.partition(":")
    data = in_revision(revision, path)
    if data is None:
        return None
    project = in_revision(revision, str(PurePosixPath(path).with_name("Pulumi.yaml")))
    defaults = project_defaults(decode(project, "Pulumi.yaml"), "Pulumi.yaml") if project else {}
    return AccessModel(read_text(decode(data, name), name, defaults))


def in_revision(revision: str, path: str) -> bytes | None:
    """The file as it is in a git revision; None if the revision does not have it.

    Raises SettingsError if git knows no such revision.
    """
    if _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise SettingsError(f"{revision}:{path}: neither a file nor a revision that git knows here")
    return _git("show", f"{revision}:./{path}")


def _git(*arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise SettingsError("git is not installed, and a revision can't be read without") from None
    return done.stdout if done.returncode == 0 else None
