"""`python -m access`: who reaches what in a stack file, before and after a deployment."""

import json
import sys
from typing import NoReturn

try:
    import click
except ModuleNotFoundError:
    sys.exit("python -m access needs more than the program: pip install -r requirements/access.txt")

from access.commands.adopt import adopt
from access.commands.check import check
from access.commands.diff import diff
from access.commands.discover import discover
from access.commands.explain import explain
from access.commands.map import map_
from access.commands.matrix import matrix
from access.commands.offboard import offboard
from access.commands.options import USAGE_ERROR
from access.commands.recover import recover
from access.commands.verify import verify
from access.commands.what_can import what_can
from access.commands.who_can import who_can
from settings import SettingsError
from settings.errors import disk_error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def access() -> None:
    """Who has access to what in AWS, from a stack file, and why.

    FILE is a stack file, such as Pulumi.dev.yaml.
    """


COMMANDS = (
    *(check, matrix, explain, who_can, what_can, diff, map_),
    *(verify, discover, adopt, recover, offboard),
)
for command in COMMANDS:
    access.add_command(command)


def main() -> None:
    """Run a command. What is refused is one line each, or one JSON document, and exit code 2."""
    as_json = "--json" in sys.argv[1:]
    try:
        sys.exit(access(standalone_mode=False) or 0)
    except SettingsError as error:
        refuse(str(error), [each._asdict() for each in error.errors], as_json=as_json)
    except OSError as error:
        refuse(disk_error(error), [], as_json=False)  # where a document may not fit either
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        if not as_json:
            error.show()
            sys.exit(USAGE_ERROR)
        refuse(error.format_message(), [], as_json=True)


def refuse(message: str, errors: list[dict[str, object]], *, as_json: bool) -> NoReturn:
    """Say why nothing is answered: `{"refused": message, "errors": [{key, rule, fix, ...}]}`."""
    if as_json:
        click.echo(json.dumps({"refused": message, "errors": errors}, indent=2, default=str))
    else:
        click.echo(message, err=True)
    sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()
