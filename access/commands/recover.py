"""`python -m access recover`."""

import json

import click

from access.command_line import FAILED, OK, USAGE_ERROR
from access.commands.engine import deployed_engine_of
from access.commands.options import Invocation, stack_file_only


@click.command()
@click.option("--stack", "name", help="The stack's name; that of the file, unless it is set.")
@click.option("--yes", is_flag=True, help="Do the steps, each printed first.")
@stack_file_only
def recover(invocation: Invocation, name: str | None, yes: bool) -> int:
    """After a killed update: what the state lacks, and the steps to mend it.

    Reads the state, a preview of the program and both clouds. Without --yes nothing is changed.
    Nothing that people use is deleted: only an Okta app of the stack's own label without
    assignments, and an access key that was never used, if the state holds neither. Of an estate,
    FILE is that of a part.

    Needs `pulumi` and the credentials of the deployment. Exit code 0: nothing is to be done (with
    --yes: no more); 1: steps are to be done, or a person has to decide; 2: the state or a cloud
    can't be read, or a step failed.
    """
    from access.recovery.recovery import ROUNDS
    from access.recovery.recovery import recover as run

    say = (lambda line: None) if invocation.as_json else click.echo
    engine = deployed_engine_of(invocation, name)
    outcome = run(engine, invocation.part.estate, say, rounds=ROUNDS if yes else 0)
    if invocation.as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
    if outcome.failed:
        click.echo(outcome.failed, err=True)
        return USAGE_ERROR
    return FAILED if outcome.left or outcome.notes else OK
