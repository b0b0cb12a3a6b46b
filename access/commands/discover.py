"""`python -m access discover`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from access import preflight
from access.command_line import FAILED, OK
from access.model import AccessModel
from settings.new_stack import write_new
from settings.part import stack_name


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--app", metavar="LABEL|ID", help="The Okta app, where there are several for AWS.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    help="A profile of the shared AWS configuration; one for each account. Without it, the "
    "credentials at hand.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def discover(file: Path, app: str | None, profiles: Sequence[str], as_json: bool) -> None:
    """Write the stack file FILE of a federation that was made by hand.

    Reads both clouds: the Okta app, the SAML provider that it names, the roles that trust it, the
    groups assigned to it, their people, and the IAM user whose key Okta uses. Nothing is changed.
    What the first update would change, and what a stack file can't say, is printed, and stands
    in comments at the top of the file. `adopt` then writes the import file.

    Credentials are those of verify. Exit code 0; 1: the file is written, and check has errors;
    2: nothing is written: the file is there, or a cloud can't be read.
    """
    from access.adoption import changes, existing, sections, stack_file
    from access.verification.okta_org import Org

    stack_file.refuse_existing(file)
    federation = existing.read(Org(), app, profiles)
    values, left_out = sections.write(federation)
    stack, refused = stack_file.accepted(values, file.name)
    changed, unmanaged = changes.compare(federation, stack)
    left_out = sorted({*left_out, *refused, *unmanaged})
    accounts = ", ".join(each.account.id for each in federation.accounts.values())
    identity = f"Okta app {federation.app.app['label']!r} ({federation.app.app['id']})"
    source = f"{identity} and AWS account {accounts} on {datetime.now(UTC):%Y-%m-%d}"
    write_new(file, stack_file.with_comments(values, source, changed, left_out))
    errors = preflight.refusals(AccessModel(stack))
    if as_json:
        answer = {"file": file.name, "app": federation.app.app["id"], "errors": errors}
        remarks = {"changes": changed, "leftOut": left_out}
        remarks_as_json = {key: [asdict(each) for each in value] for key, value in remarks.items()}
        click.echo(json.dumps(answer | remarks_as_json, indent=2))
    else:
        click.echo(f"read {source}")
        for title, each in (("changes with the first update", changed), ("left out", left_out)):
            click.echo(f"{len(each)} {title}")
            click.echo("".join(f"  {line}\n" for line in each), nl=False)
        click.echo(
            "".join(f"{click.style('error', fg='red')} {each}\n" for each in errors), nl=False
        )
        click.echo(_next(file))
    raise click.exceptions.Exit(FAILED if errors else OK)


def _next(file: Path) -> str:
    stack = stack_name(file)
    return (
        f"wrote {file}\n\n"
        f"  python -m access check {file}\n"
        f"  pulumi stack init {stack}\n"
        f"  pulumi up --stack {stack} --target '**:pulumi:providers:**'\n"
        f"  python -m access adopt {file} > import.json\n"
        f"  pulumi import --stack {stack} --file import.json --generate-code=false --protect=false"
    )
