"""`python -m access`: who reaches what in a stack file, before and after a deployment."""

import sys

try:
    import click
except ModuleNotFoundError:
    sys.exit("python -m access needs more than the program: pip install -r requirements/access.txt")

from access import command_line
from access.commands.adopt import adopt
from access.commands.check import check
from access.commands.diff import diff
from access.commands.discover import discover
from access.commands.explain import explain
from access.commands.map import map_
from access.commands.matrix import matrix
from access.commands.offboard import offboard
from access.commands.recover import recover
from access.commands.verify import verify
from access.commands.what_can import what_can
from access.commands.who_can import who_can


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


if __name__ == "__main__":
    command_line.run(access, "interrupted")
