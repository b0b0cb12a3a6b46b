"""`python -m access recover`."""

import json
from pathlib import Path

import click

from access.commands.map import name_of
from access.commands.options import FINE, MISSED, UNUSABLE, Question, stack_file

ROUNDS = 8
"""An import makes further ids known: a policy's before that of its rules."""


@click.command()
@click.option("--stack", "name", help="The stack's name; that of the file, unless it is set.")
@click.option("--yes", is_flag=True, help="Do the steps, each printed first.")
@stack_file
def recover(question: Question, name: str | None, yes: bool) -> int:
    """After an update was killed: what the state lacks, and the steps after which `up` ends.

    Reads the state, a preview of the program and both clouds. Without --yes nothing is changed.
    Nothing that people use is deleted: only an Okta app of the stack's own label without
    assignments, and an access key that was never used, if the state holds neither.

    Needs `pulumi` and the credentials of the deployment. Exit code 0: nothing is to be done (with
    --yes: no more); 1: steps are to be done, or a person has to decide; 2: the state or a cloud
    can't be read, or a step failed.
    """
    from access.recovery.engine import Engine
    from access.recovery.recovery import recover as run

    folder = question.file.parent
    project = folder if (folder / "Pulumi.yaml").exists() else Path.cwd()
    engine = Engine(name or name_of(question.file), project)
    say = _silent if question.as_json else click.echo
    outcome = run(engine, question.estate.stack, say, rounds=ROUNDS if yes else 0)
    if question.as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
    if outcome.failed:
        click.echo(outcome.failed, err=True)
        return UNUSABLE
    return MISSED if outcome.left or outcome.notes else FINE


def _silent(_: str) -> None:
    """With --json, one document is the whole answer."""
