import json
import subprocess
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Literal

import click

from access.change_report import as_markdown, as_text
from access.changes import Change, changes
from access.command_line import FAILED, OK
from access.commands.parameters import ACTION
from access.model import AccessModel
from settings import SettingsError, estate_of, read, read_text
from settings.load import text_of as text_on_disk
from settings.stack_file import decode, project_defaults, stack_file


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
    that the revision does not have gives nobody anything. For the file of an estate's part the
    whole estate is compared. Actions that either file expects something of are decided for
    everybody.

    Exit code 0, with --fail-on 1 if it applies, or 2: a file is refused.
    """
    whole_old, whole_new = whole_files(old, new)
    result = changes(model(whole_old), model(whole_new), queries)
    note = "" if whole_new == new else f"{whole_new}, of which {new} is a part"
    if form == "json":
        click.echo(json.dumps([as_json(change) for change in result], indent=2))
    elif form:
        click.echo("\n".join(as_markdown(result, note or new)))
    else:
        click.echo("\n".join([*as_text(result), *([f"({note})"] if note else [])]))
    gains = any(change.gains for change in result)
    losses = any(not change.gains for change in result)
    failed = {"gain": gains, "loss": losses, "change": bool(result), None: False}[fail_on]
    raise click.exceptions.Exit(FAILED if failed else OK)


def as_json(change: Change) -> dict[str, object]:
    return {key: value for key, value in asdict(change).items() if key != "danger"}


def whole_files(old: str, new: str) -> tuple[str, str]:
    """Both names, with the estate's file instead of that of a part; on the other side too, which
    may be of before the parts were written. Raises SettingsError."""
    texts = {name: text_of(name) for name in (old, new)}
    estates = [estate_of(stack_file(text, name)) for name, text in texts.items() if text]
    for estate in filter(None, estates):
        return beside(old, estate), beside(new, estate)
    return old, new


def beside(name: str, file: str) -> str:
    """The name of a file in the same folder, and the same revision."""
    revision, separator, path = ("", "", name) if is_on_disk(name) else name.partition(":")
    return f"{revision}{separator}{PurePosixPath(path).with_name(file)}"


def model(name: str) -> AccessModel | None:
    """The estate of a file on disk, or of one in a revision. Raises SettingsError."""
    if is_on_disk(name):
        return AccessModel(read(Path(name)))
    text = text_of(name)
    if text is None:
        return None
    revision, _, path = name.partition(":")
    project = in_revision(revision, str(PurePosixPath(path).with_name("Pulumi.yaml")))
    defaults = project_defaults(decode(project, "Pulumi.yaml"), "Pulumi.yaml") if project else {}
    return AccessModel(read_text(text, name, defaults))


def is_on_disk(name: str) -> bool:
    """Whether a name is that of a file on disk, and not REVISION:FILE."""
    return Path(name).exists() or ":" not in name


def text_of(name: str) -> str | None:
    """A stack file's text; None if the revision does not have it. Raises SettingsError."""
    if is_on_disk(name):
        return text_on_disk(Path(name))
    data = in_revision(*name.split(":", 1))
    return None if data is None else decode(data, name)


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
