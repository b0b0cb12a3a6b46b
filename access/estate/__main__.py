"""`python -m access.estate`: an Okta stack and a stack per account, from one stack file."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import click

from access import command_line, progress, request_budget
from access.command_line import FAILED, OK, table
from access.estate import stacks as estate_stacks
from settings import SettingsError, read_part
from settings.part import stack_name

FILE = click.argument("file", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
AT_ONCE = click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=max(1, os.cpu_count() or 1),
    show_default="the number of cores",
    help="How many stacks run at once.",
)
ONLY_FAILED = click.option(
    "--only-failed", is_flag=True, help="Only stacks whose last update did not end well."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def estate() -> None:
    """Deploy one stack file (mode group-mapping) as many stacks: the Okta half, and each account.

    FILE is the estate's stack file, such as Pulumi.company.yaml. Each stack has a file of its own
    beside it, which says its part; `init` writes them.

    Exit code 0: all stacks are done; 1: some are not; 2: the file is refused; 130: interrupted.
    """


@estate.command()
@FILE
def init(file: Path) -> int:
    """Write the stack files of the parts that have none."""
    for path in estate_stacks.write_part_files(file):
        click.echo(f"{path}: written")
    for path in estate_stacks.former(file):
        click.echo(f"{path}: its account is not in {file.name}; destroy its stack, then remove it")
    return OK


@estate.command()
@FILE
@click.option("--yes", is_flag=True, help="Run the commands; without it they are only printed.")
def move(file: Path, yes: bool) -> int:
    """Move what the stack of FILE deployed to the stacks of its parts.

    By `pulumi state move`, which changes nothing in Okta and AWS. In the end the stack of FILE is
    empty and is removed; FILE stays. After an interrupt, run it again. Then `up`.
    """
    from access.estate import move as state_move
    from access.recovery.engine import Engine

    former = Engine(stack_name(file), file.parent)
    state_move.run(former, estate_stacks.stacks_of(file), click.echo, do=yes)
    return OK


@estate.command()
@FILE
@AT_ONCE
@AS_JSON
def plan(file: Path, parallel: int, as_json: bool) -> int:
    """Which stacks there are, in which order, and what each costs.

    Requests to Okta and calls to AWS are those of a first `up`; --json has those of other runs too.
    """
    stacks = estate_stacks.stacks_of(file)
    least, most = estate_stacks.memory_mb(stacks, parallel)
    budgets = {e.name: request_budget.budgets(read_part(file.with_name(e.file))) for e in stacks}
    if as_json:
        entries = [
            each.as_json() | {"requests": [one.as_json() for one in budgets[each.name]]}
            for each in stacks
        ]
        click.echo(json.dumps({"stacks": entries, "awsProvidersMb": [least, most]}, indent=2))
        return OK
    rows = []
    for each in stacks:
        [first] = [one for one in budgets[each.name] if one.run == "up"]
        counts = (each.roles, each.groups, first.total, sum(first.aws.values()))
        rows.append(("1" if each.is_okta else "2", each.name, each.part, *map(str, counts)))
    head = ("order", "stack", "part", "roles", "groups", "Okta requests", "AWS calls")
    click.echo(table(head, rows))
    click.echo(f"(at once: {parallel}; AWS provider processes: {least} to {most} MB)")
    return OK


@estate.command()
@FILE
def matrix(file: Path) -> int:
    """The job matrix for a CI system, as JSON in one line.

    `okta` is the stack that runs first, `accounts` the matrix of the others: in GitHub Actions
    `strategy: { matrix: ${{ fromJSON(...).accounts }} }`.
    """
    stacks = estate_stacks.stacks_of(file)
    [okta] = [each.name for each in stacks if each.is_okta]
    accounts = [{"stack": each.name, "account": each.account} for each in stacks if each.account]
    click.echo(json.dumps({"okta": okta, "accounts": {"include": accounts}}))
    return OK


@estate.command()
@progress.quiet_option
@FILE
@AT_ONCE
@AS_JSON
def preview(file: Path, **options: Any) -> int:
    """Preview every stack. An account waits for the Okta half to be deployed once."""
    return run("preview", file, **options)


@estate.command()
@progress.quiet_option
@FILE
@AT_ONCE
@ONLY_FAILED
@AS_JSON
def up(file: Path, **options: Any) -> int:
    """Deploy every stack, the Okta half first. Without a question: `preview` shows what it does."""
    return run("up", file, **options)


@estate.command()
@progress.quiet_option
@FILE
@AT_ONCE
@ONLY_FAILED
@AS_JSON
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(file: Path, yes: bool, **options: Any) -> int:
    """Destroy every stack, the Okta half last."""
    if not yes:
        click.confirm(f"Destroy every stack of {file}?", abort=True)
    return run("destroy", file, **options)


def run(verb: Any, file: Path, *, parallel: int, as_json: bool, only_failed: bool = False) -> int:
    """Run a command over the stacks of a file: progress, a table, and the exit code."""
    from access.estate import runner  # here: `plan` and `matrix` need no engine and start faster

    if shutil.which("pulumi") is None:
        raise SettingsError("`pulumi` is not on the PATH; install it, or add its folder to PATH")
    stacks = estate_stacks.stacks_of(file)
    if only_failed:
        stacks = [e for e in stacks if runner.last_update_failed(e.name, file.parent)]
    settings = estate_stacks.estate_settings(file)

    def say(line: str) -> None:
        if not progress.is_quiet():
            click.echo(line, err=True)

    worker = runner.Runner(file.parent, parallel, say, settings)
    outcomes = worker.run(verb, stacks)
    if as_json:
        click.echo(json.dumps({"stacks": [each.as_json() for each in outcomes]}, indent=2))
    elif outcomes:
        rows = [(e.stack.name, e.status, e.error or runner.summary(e)) for e in outcomes]
        click.echo(table(("stack", "status", "result"), rows))
    bad = [e.stack.name for e in outcomes if e.status in (runner.FAILED, runner.SKIPPED)]
    if bad:
        again = f"python -m access.estate {verb} {file}"
        again += "" if verb == "preview" else " --only-failed"
        click.echo(
            f"{len(bad)} of {len(outcomes)} stacks are not done: {', '.join(bad)}; correct the "
            f"cause, then {again}",
            err=True,
        )
    return FAILED if bad else OK


if __name__ == "__main__":
    command_line.run(estate, "interrupted: the next run goes on where this one ended")
