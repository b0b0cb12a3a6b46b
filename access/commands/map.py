import json
from pathlib import Path

import click

from access import aws_managed, progress
from access.command_line import OK
from access.model import AccessModel
from settings import SettingsError, read
from settings.part import stack_name


@click.command("map")
@progress.quiet_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write the picture: NAME.svg, or NAME.html for a page with a search.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def map_(files: tuple[Path, ...], output: Path, as_json: bool) -> None:
    """Draw who has access: people, groups, and roles with their policies.

    Several FILES, such as those of two environments, share one picture. The same files give the
    same picture. Exit code 0, or 2: a file is refused.
    """
    from access.map.picture import as_page, as_svg

    if output.suffix not in (".svg", ".html"):
        raise click.BadParameter(f"{output.name!r} must end in .svg or .html")
    estates = {}
    for file in files:
        progress.report(f"reading {file.name}")
        estates[stack_name(file)] = AccessModel(read(file))
    if len(estates) < len(files):
        raise click.BadParameter("two files have one name; a picture needs a name for each")
    draw = as_svg if output.suffix == ".svg" else as_page
    people = sum(len(model.people) for model in estates.values())
    progress.report(f"drawing {people:,} people")
    try:
        output.write_text(draw(estates, aws_managed.source_note()), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{output}: can't be written: {error.strerror}") from None
    if as_json or not progress.is_quiet():
        click.echo(json.dumps({"wrote": str(output)}) if as_json else f"wrote {output}")
    raise click.exceptions.Exit(OK)
