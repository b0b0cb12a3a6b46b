"""`expect` of a stack file: what people must be able to do, and must not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from access import actions
from access.answers import Answer, Subject, can, can_anywhere
from access.estate import Estate
from settings import ActionCheck


@dataclass(frozen=True)
class Outcome:
    """One line of an expectation, and how it stands."""

    key: str
    subject: Subject
    asked: ActionCheck
    wanted: bool
    """Whether it is a `can`; else it is a `cannot`."""
    holds: bool | None
    """None: it depends on what the stack file does not say."""
    reason: str
    fix: str = ""
    """What to do, where that needs no search: see `access.remedies`."""
    answer: Answer | None = None

    def __str__(self) -> str:
        """Key, value, what is; and what to do."""
        line = f"okta-aws-federation:{self.key} = {str(self.asked)!r}: {self.reason}"
        return f"{line}; {self.fix}" if self.fix else line


def outcomes(estate: Estate) -> list[Outcome]:
    """How every expectation stands, in the order of the stack file."""
    return [
        judged(estate, Outcome(key, subject, asked, wanted, None, ""))
        for key, subject, asked, wanted in _asked(estate)
    ]


def _asked(estate: Estate) -> Iterator[tuple[str, Subject, ActionCheck, bool]]:
    for number, expected in enumerate(estate.stack.expect):
        subject = Subject(expected.user, expected.group)
        for wanted, kind, lines in (
            (True, "can", expected.can),
            (False, "cannot", expected.cannot),
        ):
            for at, asked in enumerate(lines):
                yield f"expect.{number}.{kind}.{at}", subject, asked, wanted


def judged(estate: Estate, line: Outcome) -> Outcome:
    """The same line as it stands in an estate.

    Of a wildcard, what does not hold says more than what does: one action is enough.
    """
    wrong = actions.complaint(line.asked.action)
    if wrong:
        return replace(line, holds=False, reason=wrong, fix="correct it")
    judge = _can if line.wanted else _cannot
    found = [
        judge(estate, replace(line, asked=line.asked.model_copy(update={"action": action})))
        for action in actions.expanded(line.asked.action)
    ]
    return min(found, key=lambda each: (each.holds is not False, each.holds is not None))


def _can(estate: Estate, line: Outcome) -> Outcome:
    asked, subject = line.asked, line.subject
    answer = can(estate, subject, asked.action, asked.resource or "*", asked.context)
    line = replace(line, answer=answer)
    if answer.allowed:
        return replace(line, holds=True, reason=f"{subject} can, {answer.reason}")
    if answer.possible:
        return _depends(line, answer)
    if (
        asked.resource is None
        and can_anywhere(estate, subject, asked.action, asked.context).allowed
    ):
        return replace(
            line,
            holds=False,
            reason=f"{subject} can, but not on all resources",
            fix=f"name the resource: {{action: {asked.action}, resource: ...}}",
        )
    return replace(line, holds=False, reason=f"{subject} can't, {answer.reason}")


def _cannot(estate: Estate, line: Outcome) -> Outcome:
    asked, subject = line.asked, line.subject
    answer = (
        can(estate, subject, asked.action, asked.resource, asked.context)
        if asked.resource
        else can_anywhere(estate, subject, asked.action, asked.context)
    )
    line = replace(line, answer=answer)
    if not answer.possible:
        return replace(line, holds=True, reason=f"{subject} can't, {answer.reason}")
    if not answer.allowed:
        return _depends(line, answer)
    return replace(line, holds=False, reason=f"{subject} can, {answer.reason}")


def _depends(line: Outcome, answer: Answer) -> Outcome:
    keys = [each for each in answer.depends_on if not each.startswith("arn:")]
    fix = (
        f"say it in context: {{{', '.join(f'{key}: ...' for key in keys)}}}"
        if keys
        else "ask with --live, which reads these policies from the account"
    )
    reason = f"whether {line.subject} can is open, {answer.reason}"
    return replace(line, holds=None, reason=reason, fix=fix)
