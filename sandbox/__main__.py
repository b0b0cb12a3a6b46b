"""`python -m sandbox`: both clouds on this machine, the engine, and the demo from end to end."""

import signal
import sys
from types import FrameType

import click

from sandbox.aws.command import aws
from sandbox.commands import (
    down,
    env,
    factor,
    login,
    provision,
    refresh_application_data,
    up,
)
from sandbox.demo.command import demo
from sandbox.errors import SandboxError
from sandbox.fault_command import fault
from sandbox.okta.command import okta


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sandbox() -> None:
    """AWS and Okta, emulated on this machine: deploy the unchanged program, sign in, make requests
    fail. Nothing is sent to the internet."""


for command in (
    up,
    env,
    provision,
    refresh_application_data,
    factor,
    login,
    down,
    demo,
    aws,
    okta,
    fault,
):
    sandbox.add_command(command)


def as_interrupt(number: int, frame: FrameType | None) -> None:
    """A termination ends things as an interrupt does: in order, leaving nothing behind."""
    raise KeyboardInterrupt


def main() -> None:
    signal.signal(signal.SIGTERM, as_interrupt)
    try:
        sandbox(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SandboxError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
