import click

from access.command_line import FAILED, OK
from access.commands.engine import ids_in_state
from access.commands.options import Invocation, stack_file


@click.command()
@stack_file
def verify(invocation: Invocation) -> int:
    """After a deployment: compare both clouds with the stack file.

    Changes nothing. With the file of an estate's part, only what its stack deploys is read: Okta,
    or one account without the certificate that Okta signs with now. With the estate's file, all.

    Credentials: AWS's from the usual places, Okta's from the variables of its provider. Where there
    are two apps of one label or a key too many, the state tells whose they are, if `pulumi` is at
    hand.

    Exit code 0: both clouds are as the file says; 1: something deviates; 2: the file is refused, or
    a cloud can't be read.
    """
    from access.verification.run import run

    part = invocation.part
    result = run(invocation.model, part, ids_in_state(invocation))
    value = {
        "compared": part.label or "both clouds",
        "deviations": [deviation.as_json() for deviation in result.deviations],
        "decisions": result.decisions,
        "policies": invocation.policies_from,
    }
    lines = [f"{click.style('deviates', fg='red')} {each}" for each in result.deviations]
    compared = f"{part.label} is" if part.label else "both clouds are"
    verdict = f"{len(lines)} deviations" if lines else f"{compared} as the stack file says"
    note = click.style(f"({invocation.policies_from})", dim=True)
    count = f"{result.decisions} decisions of AWS's simulator"
    invocation.answer(value, lines, f"{verdict}, {count} among them {note}")
    return FAILED if result.deviations else OK
