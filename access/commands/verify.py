import click

from access.commands.engine import ids_in_state
from access.commands.options import FAILED, OK, Invocation, stack_file
from access.progress import is_quiet


@click.command()
@stack_file
def verify(invocation: Invocation) -> int:
    """After a deployment: compare both clouds with the stack file; change nothing.

    Credentials: AWS's from the usual places, Okta's from the variables of its provider. Where there
    are two apps of one label or a key too many, the state tells whose they are, if `pulumi` is at
    hand.
    Exit code 0: both clouds are as the file says; 1: something deviates; 2: the file is refused, or
    a cloud can't be read.
    """
    from access.verification.run import run

    result = run(invocation.model, ids_in_state(invocation))
    value = {
        "deviations": [deviation.as_json() for deviation in result.deviations],
        "decisions": result.decisions,
        "policies": invocation.policies_from,
    }

    def lines() -> str:
        output = [f"{click.style('deviates', fg='red')} {each}" for each in result.deviations]
        if is_quiet():
            return "\n".join(output)
        verdict = (
            f"{len(output)} deviations" if output else "both clouds are as the stack file says"
        )
        count = f"{result.decisions} decisions of AWS's simulator"
        return "\n".join([*output, f"{verdict}, {count} among them {invocation.note()}"])

    invocation.answer(value, lines)
    return FAILED if result.deviations else OK
