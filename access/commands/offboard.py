import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import click

from access.command_line import FAILED, OK
from access.commands.options import Invocation, stack_file
from access.offboarding import Offboarding, offboarding


@click.command()
@click.option("--policies", is_flag=True, help="Print the policies that end open sessions, too.")
@stack_file
@click.argument("person")
def offboard(invocation: Invocation, policies: bool, person: str) -> int:
    """What PERSON, who leaves, has access to, and what to remove.

    In the stack file, in Okta and in AWS.

    Exit code 0: the file names them nowhere; 1: something has to go; 2: the file is refused.
    """
    result = offboarding(invocation.model, person, datetime.now(UTC))
    value = {**asdict(result), "policies": invocation.policies_from}
    invocation.answer(value, _lines(result, policies))
    return FAILED if result.references or result.roles else OK


def _lines(result: Offboarding, policies: bool) -> Iterator[str]:
    login = result.login
    if not result.references and not result.roles:
        yield f"the stack file names {login} nowhere"
    if result.references:
        yield click.style("In the stack file", bold=True)
        yield from (f"  {each.key}: {each.fix}" for each in result.references)
    yield click.style("In Okta", bold=True)
    yield f"  deactivate {login}: no new session begins, in any app"
    for name in result.unnamed_groups:
        yield f"  group {name}: filled by a rule or a directory; look whether they are in it"
    for role in result.roles:
        yield click.style(f"In AWS, as {role.label}", bold=True)
        yield f"  a session that is open now lasts up to {role.hours} h; --policies ends it"
        if role.lasting:
            yield f"  they may have made credentials of their own: {', '.join(role.lasting)}"
        for resource in role.beyond:
            yield f"  they may have assumed {resource}, which this file does not have"
        if policies:
            yield f"  inline policy for {role.arn}:"
            yield f"  {json.dumps(role.revocation)}"
