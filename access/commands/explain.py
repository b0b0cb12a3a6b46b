from dataclasses import asdict

import click

from access.answers import Answer, Subject, can
from access.commands.options import FAILED, OK, Invocation, stack_file, styled_decision
from access.commands.parameters import ACTION, RESOURCE
from access.explanation import Step, chain


@click.command()
@stack_file
@click.argument("person")
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, default="*")
def explain(invocation: Invocation, person: str, action: str, resource: str) -> int:
    """Whether PERSON may do ACTION (on RESOURCE, or on `*`), and why: every step of the decision.

    Exit code 0: they may; 1: they may not, or it is not certain; 2: the file is refused.
    """
    answer = can(invocation.model, Subject(login=person), action, resource)
    steps = chain(invocation.model, person, action, resource)
    value = {
        "allowed": answer.allowed,
        "possible": answer.possible,
        "reason": answer.reason,
        "steps": [asdict(step) for step in steps],
        "policies": invocation.policies_from,
    }
    invocation.answer(value, lambda: explanation(answer, steps, invocation))
    return OK if answer.allowed else FAILED


def explanation(answer: Answer, steps: list[Step], invocation: Invocation) -> str:
    verdict = styled_decision(None if answer.possible and not answer.allowed else answer.allowed)
    width = max((len(step.link) for step in steps), default=0)
    lines = [f"{verdict}: {answer.reason}", ""]
    lines += [f"  {step.link:{width}}  {step.detail}" for step in steps]
    return "\n".join([*lines, "", invocation.note()])
