import click

from access.answers import Subject, can, can_anywhere
from access.commands.options import FINE, Question, mark, stack_file
from access.commands.questions import ACTION, RESOURCE


@click.command("who-can")
@stack_file
@click.argument("action", type=ACTION)
@click.argument("resource", type=RESOURCE, required=False)
def who_can(question: Question, action: str, resource: str | None) -> int:
    """Who may do ACTION: on RESOURCE or, without one, on at least some resource.

    Exit code 0, or 2: the file is refused.
    """
    answers = {}
    for login in question.estate.people:
        subject = Subject(login=login)
        answer = (
            can(question.estate, subject, action, resource)
            if resource
            else can_anywhere(question.estate, subject, action)
        )
        if answer.possible:
            answers[login] = answer
    value = {
        login: {"certain": answer.allowed, "reason": answer.reason}
        for login, answer in answers.items()
    }

    def lines() -> str:
        width = max((len(login) for login in answers), default=0)
        told = [
            f"{login:{width}}  {mark(answer.allowed or None)}  {answer.reason}"
            for login, answer in answers.items()
        ]
        return "\n".join([*(told or [f"nobody can {action}"]), question.note()])

    question.answer(value, lines)
    return FINE
