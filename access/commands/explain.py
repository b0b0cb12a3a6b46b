from dataclasses import asdict

import click

from access.answers import Subject, can
from access.command_line import FAILED, OK
from access.commands.options import Invocation, stack_file, styled_decision
from access.commands.parameters import ACTION, RESOURCE
from access.explanation import chain


@click.command()
@stack_file
@click.argument("person")
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, default="*")
def explain(invocation: Invocation, person: str, action: str, resource: str) -> int:
    """Whether PERSON may do ACTION, and why: every step of the decision.

    On RESOURCE or, without one, on `*`.

    Exit code 0: they may; 1: they may not, or it is not certain; 2: the file is refused.
    """
    answer = can(invocation.model, Subject(login=person), action, resource)
    steps = list(chain(invocation.model, person, action, resource))
    value = {
        "allowed": answer.allowed,
        "possible": answer.possible,
        "reason": answer.reason,
        "steps": [asdict(step) for step in steps],
        "policies": invocation.policies_from,
    }
    verdict = styled_decision(None if answer.possible and not answer.allowed else answer.allowed)
    width = max(len(step.link) for step in steps)
    lines = [f"{verdict}: {answer.reason}", ""]
    lines += [f"  {step.link:{width}}  {step.detail}" for step in steps]
    invocation.answer(value, lines)
    return OK if answer.allowed else FAILED
