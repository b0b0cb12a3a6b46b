"""`expect` of a stack file: what people must be able to do, and must not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from access import actions
from access.answers import Answer, Subject, can, can_on_any_resource
from access.model import AccessModel
from settings import ActionCheck


@dataclass(frozen=True)
class Outcome:
    """One line of an expectation, and how it stands."""

    key: str
    subject: Subject
    query: ActionCheck
    expected: bool
    """Whether it is a `can`; else it is a `cannot`."""
    satisfied: bool | None
    """None: it depends on what the stack file does not say."""
    reason: str
    fix: str = ""
    """What to do, where that needs no search: see `access.suggested_fixes`."""
    answer: Answer | None = None

    def __str__(self) -> str:
        """Key, value, what is; and what to do."""
        line = f"okta-aws-federation:{self.key} = {str(self.query)!r}: {self.reason}"
        return f"{line}; {self.fix}" if self.fix else line


def outcomes(model: AccessModel) -> list[Outcome]:
    """How every expectation stands, in the order of the stack file."""
    return [
        evaluate_expectation(model, Outcome(key, subject, query, expected, None, ""))
        for key, subject, query, expected in _lines(model)
    ]


def _lines(model: AccessModel) -> Iterator[tuple[str, Subject, ActionCheck, bool]]:
    for number, expectation in enumerate(model.stack.expect):
        subject = Subject(expectation.user, expectation.group)
        for expected, kind, lines in (
            (True, "can", expectation.can),
            (False, "cannot", expectation.cannot),
        ):
            for at, query in enumerate(lines):
                yield f"expect.{number}.{kind}.{at}", subject, query, expected


def evaluate_expectation(model: AccessModel, line: Outcome) -> Outcome:
    """The same line as it stands in an estate.

    Of a wildcard, what does not hold says more than what does: one action is enough.
    """
    problem = actions.validate_action(line.query.action)
    if problem:
        return replace(line, satisfied=False, reason=problem, fix="correct it")
    judge = _can if line.expected else _cannot
    results = [
        judge(model, replace(line, query=line.query.model_copy(update={"action": action})))
        for action in actions.expand_wildcard(line.query.action)
    ]
    return min(results, key=lambda each: (each.satisfied is not False, each.satisfied is not None))


def _can(model: AccessModel, line: Outcome) -> Outcome:
    query, subject = line.query, line.subject
    answer = can(model, subject, query.action, query.resource or "*", query.context)
    line = replace(line, answer=answer)
    if answer.allowed:
        return replace(line, satisfied=True, reason=f"{subject} can, {answer.reason}")
    if answer.possible:
        return _depends(line, answer)
    if (
        query.resource is None
        and can_on_any_resource(model, subject, query.action, query.context).allowed
    ):
        return replace(
            line,
            satisfied=False,
            reason=f"{subject} can, but not on all resources",
            fix=f"name the resource: {{action: {query.action}, resource: ...}}",
        )
    return replace(line, satisfied=False, reason=f"{subject} can't, {answer.reason}")


def _cannot(model: AccessModel, line: Outcome) -> Outcome:
    query, subject = line.query, line.subject
    answer = (
        can(model, subject, query.action, query.resource, query.context)
        if query.resource
        else can_on_any_resource(model, subject, query.action, query.context)
    )
    line = replace(line, answer=answer)
    if not answer.possible:
        return replace(line, satisfied=True, reason=f"{subject} can't, {answer.reason}")
    if not answer.allowed:
        return _depends(line, answer)
    return replace(line, satisfied=False, reason=f"{subject} can, {answer.reason}")


def _depends(line: Outcome, answer: Answer) -> Outcome:
    keys = [each for each in answer.depends_on if not each.startswith("arn:")]
    fix = (
        f"say it in context: {{{', '.join(f'{key}: ...' for key in keys)}}}"
        if keys
        else "ask with --live, which reads these policies from the account"
    )
    reason = f"whether {line.subject} can is open, {answer.reason}"
    return replace(line, satisfied=None, reason=reason, fix=fix)
