import click

from access.answers import Answer, Subject, can, grant_label, roles_beyond
from access.command_line import OK
from access.commands.options import Invocation, stack_file, styled_decision
from access.commands.parameters import ACTION, RESOURCE
from access.explanation import BEYOND
from access.model import AccessModel


@click.command("who-can")
@stack_file
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, required=False)
def who_can(invocation: Invocation, action: str, resource: str | None) -> int:
    """Who may do ACTION, on RESOURCE or on some resource.

    Exit code 0, or 2: the file is refused.
    """
    answers = {}
    for login in invocation.model.people:
        subject = Subject(login=login)
        answer = can(invocation.model, subject, action, resource)
        if answer.possible:
            answers[login] = answer
        elif (elsewhere := _elsewhere(invocation.model, subject)) is not None:
            answers[login] = elsewhere
    value = {
        login: {"certain": answer.allowed, "reason": answer.reason}
        for login, answer in answers.items()
    }
    width = max((len(login) for login in answers), default=0)
    lines = [
        f"{login:{width}}  {styled_decision(answer.allowed or None)}  {answer.reason}"
        for login, answer in answers.items()
    ]
    invocation.answer(value, lines or [f"nobody can {action}"])
    return OK


def _elsewhere(model: AccessModel, subject: Subject) -> Answer | None:
    """That they may assume a role which the file does not have, so that nobody here knows."""
    for grant, resources in roles_beyond(model, subject).items():
        reason = BEYOND.format(grant_label(model, grant), resources[0])
        return Answer(False, True, grant, reason, resources)
    return None
