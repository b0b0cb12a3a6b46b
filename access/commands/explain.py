from dataclasses import asdict

import click

from access.answers import Answer, Subject, can
from access.commands.options import FINE, MISSED, Question, mark, stack_file
from access.commands.questions import ACTION, RESOURCE
from access.explanation import Step, chain


@click.command()
@stack_file
@click.argument("person")
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, default="*")
def explain(question: Question, person: str, action: str, resource: str) -> int:
    """Whether PERSON may do ACTION (on RESOURCE, or on `*`), and why: link by link.

    Exit code 0: they may; 1: they may not, or it is not certain; 2: the file is refused.
    """
    answer = can(question.estate, Subject(login=person), action, resource)
    steps = chain(question.estate, person, action, resource)
    value = {
        "allowed": answer.allowed,
        "possible": answer.possible,
        "reason": answer.reason,
        "steps": [asdict(step) for step in steps],
        "policies": question.policies_from,
    }
    question.answer(value, lambda: told(answer, steps, question))
    return FINE if answer.allowed else MISSED


def told(answer: Answer, steps: list[Step], question: Question) -> str:
    verdict = mark(None if answer.possible and not answer.allowed else answer.allowed)
    width = max((len(step.link) for step in steps), default=0)
    lines = [f"{verdict}: {answer.reason}", ""]
    lines += [f"  {step.link:{width}}  {step.told}" for step in steps]
    return "\n".join([*lines, "", question.note()])
