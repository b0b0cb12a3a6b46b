import click

from access.answers import Answer, Subject, can, grant_label, leads_beyond
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

    A group that a rule or a directory fills stands for the people in it.

    Exit code 0, or 2: the file is refused.
    """
    model, answers = invocation.model, {}
    subjects = [Subject(login=login) for login in model.people]
    subjects += [
        Subject(group=name)
        for name, group in model.stack.groups.items()
        if group.rule or not group.is_managed
    ]
    for subject in subjects:
        answer = can(model, subject, action, resource)
        if answer.possible:
            answers[str(subject)] = answer
        elif (elsewhere := _elsewhere(model, subject)) is not None:
            answers[str(subject)] = elsewhere
    value = {
        name: {"certain": answer.allowed, "reason": answer.reason}
        for name, answer in answers.items()
    }
    width = max((len(name) for name in answers), default=0)
    lines = [
        f"{name:{width}}  {styled_decision(answer.allowed or None)}  {answer.reason}"
        for name, answer in answers.items()
    ]
    invocation.answer(value, lines or [f"nobody can {action}"])
    return OK


def _elsewhere(model: AccessModel, subject: Subject) -> Answer | None:
    """That a role of theirs leads to more than the file says, so that nobody here knows."""
    for grant, more, _ in leads_beyond(model, subject):
        return Answer(False, True, grant, BEYOND.format(grant_label(model, grant), more))
    return None
