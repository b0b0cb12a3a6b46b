import click

from access.commands.options import FINE, MISSED, Question, stack_file
from access.expectations import Outcome
from access.remedies import missed, unproven


@click.command()
@click.option("--strict", is_flag=True, help="What can't be shown from the file counts as missed.")
@stack_file
def check(question: Question, strict: bool) -> int:
    """Hold the expectations of a stack file.

    Exit code 0: all hold; 1: one does not; 2: the file is refused.
    """
    estate = question.estate
    broken, still_open = missed(estate), unproven(estate)
    expected = sum(len(each.can) + len(each.cannot) for each in estate.stack.expect)
    value = {
        "expected": expected,
        "missed": [as_json(line) for line in broken],
        "unproven": [as_json(line) for line in still_open],
        "policies": question.policies_from,
    }

    def lines() -> str:
        told = [f"{click.style('missed', fg='red')} {line}" for line in broken]
        told += [f"{click.style('open', fg='yellow')} {line}" for line in still_open]
        held = expected - len(broken) - len(still_open)
        return "\n".join([*told, f"{held} of {expected} expectations hold {question.note()}"])

    question.answer(value, lines)
    return MISSED if broken or (strict and still_open) else FINE


def as_json(line: Outcome) -> dict[str, str]:
    return {
        "key": line.key,
        "expected": str(line.asked),
        "reason": line.reason,
        "fix": line.fix,
    }
