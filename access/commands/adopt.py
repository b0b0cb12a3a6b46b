"""`python -m access adopt`."""

import json

import click

from access.command_line import FAILED, OK
from access.commands.engine import deployed_engine_of
from access.commands.options import Invocation, stack_file_only
from access.progress import is_quiet

ACCESS_KEY = "aws:iam/accessKey:AccessKey"
KEY_IS_UNREADABLE = (
    "nobody can read the secret of the access key, which Okta goes on using: the output "
    "provisioningSecretAccessKey stays empty until the next rotation"
)


@click.command()
@click.option("--stack", "name", help="The stack's name; that of the file, unless it is set.")
@stack_file_only
def adopt(invocation: Invocation, name: str | None) -> int:
    """Print what the clouds have and the state lacks, as an import file.

    For `pulumi import --file`. A preview says what the program wants and the state lacks; each of
    these is looked up in its cloud. Nothing is changed. Of an estate, FILE is that of a part.

    Needs `pulumi` and the credentials of the deployment. Exit code 0; 1: nothing is there; 2: the
    file is refused, or the state or a cloud can't be read.
    """
    from access.recovery.status import import_file

    document = import_file(deployed_engine_of(invocation, name), invocation.model.stack)
    number = sum("id" in each for each in document["resources"])
    click.echo(json.dumps(document, indent=2))
    if not is_quiet():
        click.echo(f"{number} resources are there already", err=True)
    if any(each["type"] == ACCESS_KEY and "id" in each for each in document["resources"]):
        click.echo(KEY_IS_UNREADABLE, err=True)
    return OK if number else FAILED
