import click

from access.answers import Subject, can, can_on_any_resource
from access.commands.options import OK, Invocation, stack_file, styled_decision
from access.commands.parameters import ACTION, RESOURCE


@click.command("who-can")
@stack_file
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, required=False)
def who_can(invocation: Invocation, action: str, resource: str | None) -> int:
    """Who may do ACTION: on RESOURCE or, without one, on at least some resource.

    Exit code 0, or 2: the file is refused.
    """
    answers = {}
    for login in invocation.model.people:
        subject = Subject(login=login)
        answer = (
            can(invocation.model, subject, action, resource)
            if resource
            else can_on_any_resource(invocation.model, subject, action)
        )
        if answer.possible:
            answers[login] = answer
    value = {
        login: {"certain": answer.allowed, "reason": answer.reason}
        for login, answer in answers.items()
    }

    def lines() -> str:
        width = max((len(login) for login in answers), default=0)
        output = [
            f"{login:{width}}  {styled_decision(answer.allowed or None)}  {answer.reason}"
            for login, answer in answers.items()
        ]
        return "\n".join([*(output or [f"nobody can {action}"]), invocation.note()])

    invocation.answer(value, lines)
    return OK
