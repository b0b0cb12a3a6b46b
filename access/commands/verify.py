import click

from access.commands.options import FINE, MISSED, Question, stack_file


@click.command()
@stack_file
def verify(question: Question) -> int:
    """After a deployment: hold what both clouds hold against the stack file; change nothing.

    Credentials: AWS's from the usual places, Okta's from the variables of its provider.
    Exit code 0: both clouds are as the file says; 1: something deviates; 2: the file is refused, or
    a cloud can't be read.
    """
    from access.verification.run import run

    found = run(question.estate)
    value = {
        "deviations": [deviation.as_json() for deviation in found.deviations],
        "decisions": found.decisions,
        "policies": question.policies_from,
    }

    def lines() -> str:
        told = [f"{click.style('deviates', fg='red')} {each}" for each in found.deviations]
        verdict = f"{len(told)} deviations" if told else "both clouds are as the stack file says"
        asked = f"{found.decisions} decisions of AWS's simulator"
        return "\n".join([*told, f"{verdict}, {asked} among them {question.note()}"])

    question.answer(value, lines)
    return MISSED if found.deviations else FINE
