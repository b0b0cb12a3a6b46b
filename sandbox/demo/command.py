"""`python -m sandbox demo`."""

import shutil
import tempfile
from pathlib import Path

import click

from sandbox import bootstrap
from sandbox.clouds import running
from sandbox.demo.reporter import Reporter
from sandbox.demo.scenario import run
from sandbox.engine import Engine, Plugins
from sandbox.workspace import HOME, Workspace


@click.command()
@click.option(
    "--keep", "keep_folder", is_flag=True, help="Keep the folder with the state and the logs."
)
@click.option(
    "--plugins",
    type=click.Choice(["emulated", "published"]),
    default="emulated",
    show_default=True,
    help="Who talks to the clouds. `published` lets the engine download what Pulumi publishes.",
)
def demo(keep_folder: bool, plugins: Plugins) -> None:
    """Run the demo: from an empty account and org to a person's login, and back to nothing."""
    click.echo("The real Pulumi engine, the unchanged program, and two clouds emulated here.")
    click.echo("Nothing but downloads leaves this machine.\n")
    engine = bootstrap.engine(click.echo, plugins)
    click.echo(f"{engine.summary}\n")
    HOME.mkdir(exist_ok=True)
    workspace = Workspace(Path(tempfile.mkdtemp(dir=HOME, prefix="demo-")))
    try:
        run_in(workspace, engine)
    finally:
        if keep_folder:
            click.echo(f"kept: {workspace.folder}")
        else:
            shutil.rmtree(workspace.folder)


def run_in(workspace: Workspace, engine: Engine) -> None:
    workspace.create()
    reporter = Reporter()
    account = bootstrap.ACCOUNTS["dev"]
    with running([account], workspace.logs) as clouds:
        passphrase = bootstrap.new_passphrase()
        values = bootstrap.variables(workspace, engine, clouds, passphrase, account)
        run(reporter, clouds, account, bootstrap.stack(workspace, values), workspace.folder)
    reporter.end()
