"""`python -m access`: who reaches what in a stack file, before and after a deployment."""

import sys

try:
    import click
except ModuleNotFoundError:
    sys.exit("python -m access needs more than the program: pip install -r requirements/access.txt")

from access.commands.adopt import adopt
from access.commands.check import check
from access.commands.diff import diff
from access.commands.explain import explain
from access.commands.map import map_
from access.commands.matrix import matrix
from access.commands.options import USAGE_ERROR
from access.commands.recover import recover
from access.commands.verify import verify
from access.commands.what_can import what_can
from access.commands.who_can import who_can
from settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def access() -> None:
    """Who reaches what in a stack file, and why; nothing is changed anywhere.

    FILE is a stack file, such as Pulumi.dev.yaml.
    """


for command in (check, matrix, explain, who_can, what_can, diff, map_, verify, adopt, recover):
    access.add_command(command)


def main() -> None:
    try:
        access()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()
