"""`python -m sandbox`: both clouds on this machine, the engine, and the demo from end to end."""

import signal
import sys
from importlib import import_module

import click

from sandbox.errors import SandboxError

COMMANDS = {
    "aws": "sandbox.aws.command",
    "demo": "sandbox.demo.command",
    "down": "sandbox.commands",
    "env": "sandbox.commands",
    "factor": "sandbox.commands",
    "fault": "sandbox.fault_command",
    "login": "sandbox.commands",
    "okta": "sandbox.okta.command",
    "provision": "sandbox.commands",
    "refresh-application-data": "sandbox.commands",
    "up": "sandbox.commands",
}
"""Command -> its module."""


class LazyGroup(click.Group):
    """Imports the module of the command that is run, and no other: that of the local AWS alone
    takes over a second of CPU and 130 MiB."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, for `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_")
        )
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def sandbox() -> None:
    """AWS and Okta, emulated on this machine: deploy the unchanged program, sign in, make requests
    fail. Nothing is sent to the internet."""


def main() -> None:
    # A termination ends a run in order, as an interrupt does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sandbox(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SandboxError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        from settings.errors import disk_error  # not needed, and slow to import, where all is well

        click.echo(f"error: {disk_error(error)}", err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
