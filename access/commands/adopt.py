import json

import click

from access.commands.map import name_of
from access.commands.options import FAILED, OK, Invocation, stack_file
from settings.errors import PROJECT


@click.command()
@click.option("--stack", help="The stack's name; that of the file, if not said.")
@stack_file
def adopt(invocation: Invocation, stack: str | None) -> int:
    """Print, for `pulumi import --file`, what the file says and what is there already.

    Both clouds are read; nothing is changed. Credentials as for `verify`. Exit code 0; 1: nothing
    is there; 2: the file is refused, or a cloud can't be read.
    """
    from access.import_file import discover, import_file
    from access.live_policies import session_in
    from access.verification.run import read_aws, read_okta

    settings = invocation.model.stack
    accounts = {
        name: read_aws(settings, name, session_in(account))
        for name, account in settings.accounts.items()
    }
    resources = discover(invocation.model, read_okta(settings), accounts)
    document = import_file(resources, PROJECT, stack or name_of(invocation.file))
    click.echo(json.dumps(document, indent=2))
    click.echo(f"{len(resources)} resources are there already", err=True)
    return OK if resources else FAILED
