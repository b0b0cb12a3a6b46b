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
from sandbox.errors import SandboxError
from sandbox.workspace import HOME, Workspace, exclusive, require_writable

PREFIX = "demo-"


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
    require_writable()
    engine = bootstrap.engine(click.echo, plugins)
    click.echo(f"{engine.summary}\n")
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(dir=HOME, prefix=PREFIX))
    with exclusive(lock_of(folder), "unreachable: the folder is new"):
        try:
            run_in(Workspace(folder), engine)
        finally:
            if keep_folder:
                lock_of(folder).unlink()
                click.echo(f"kept: {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
                lock_of(folder).unlink()


def lock_of(folder: Path) -> Path:
    """The lock that a demo holds while it runs; beside its folder, which it makes afresh."""
    return folder.with_suffix(".lock")


def remove_leftovers() -> None:
    """Remove the folders of demos that were killed: their lock is there and nobody holds it."""
    for lock in HOME.glob(f"{PREFIX}*.lock"):
        try:
            with exclusive(lock, "running"):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink()
        except SandboxError:
            continue


def run_in(workspace: Workspace, engine: Engine) -> None:
    workspace.create()
    reporter = Reporter()
    account = bootstrap.DEMO_ACCOUNT
    # The engine downloads published plugins through the sandbox's own proxy.
    is_published = engine.plugins == "published"
    with running([account], workspace.logs, tunnel_others=is_published) as clouds:
        passphrase = bootstrap.new_passphrase()
        values = bootstrap.variables(workspace, engine, clouds, passphrase, account)
        run(reporter, clouds, account, bootstrap.stack(workspace, values), workspace.folder)
    reporter.end()
