"""`python -m sandbox demo`."""

import shutil
import tempfile
from pathlib import Path

import click

from sandbox import assembly
from sandbox.clouds import running
from sandbox.engine import Engine
from sandbox.place import HOME, Place
from sandbox.story.chapters import play
from sandbox.story.telling import Teller


@click.command()
@click.option("--keep", is_flag=True, help="Keep the folder with the state and the logs.")
def demo(keep: bool) -> None:
    """Play the story from an empty place to a person's login, and back to nothing."""
    click.echo("The real Pulumi engine, the unchanged program, and two local clouds:")
    click.echo(
        "stand-ins for AWS, for Okta and for both provider plugins. Nothing leaves this machine.\n"
    )
    engine = assembly.engine(click.echo, "emulated")
    click.echo(f"Pulumi {engine.version}, {engine.origin}; provider plugins: {engine.plugins}\n")
    HOME.mkdir(exist_ok=True)
    place = Place(Path(tempfile.mkdtemp(dir=HOME, prefix="demo-")))
    try:
        play_in(place, engine)
    finally:
        if keep:
            click.echo(f"kept: {place.folder}")
        else:
            shutil.rmtree(place.folder)


def play_in(place: Place, engine: Engine) -> None:
    place.lay_out()
    teller = Teller()
    account = assembly.ACCOUNTS["dev"]
    with running([account], place.logs) as clouds:
        passphrase = assembly.new_passphrase()
        values = assembly.variables(place, engine, clouds, passphrase, account)
        play(teller, clouds, account, assembly.stack(place, values), place.folder)
    teller.end()
