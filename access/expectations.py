"""`expect` of a stack file: what people must be able to do, and must not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from access import actions
from access.answers import Answer, Subject, can, further_groups, grant_label, leads_beyond
from access.model import AccessModel
from settings import ActionCheck
from settings.errors import did_you_mean


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

    def as_json(self) -> dict[str, str]:
        """For a program."""
        expected = str(self.query)
        return {"key": self.key, "expected": expected, "reason": self.reason, "fix": self.fix}

    def judged(self, satisfied: bool | None, reason: str, fix: str = "") -> Outcome:
        """The same line with how it stands."""
        return replace(self, satisfied=satisfied, reason=reason, fix=fix)

    def __str__(self) -> str:
        """Key, value, what is; and what to do."""
        line = f"okta-aws-federation:{self.key} = {str(self.query)!r}: {self.reason}"
        return f"{line}; {self.fix}" if self.fix else line


def outcomes(model: AccessModel, *, known: Collection[str] = ()) -> list[Outcome]:
    """How every expectation stands, in the order of the stack file; `known` as below."""
    return [
        evaluate_expectation(model, Outcome(key, subject, query, expected, None, ""), known=known)
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


def evaluate_expectation(
    model: AccessModel, line: Outcome, *, known: Collection[str] = ()
) -> Outcome:
    """The same line as it stands in a model; `known`: logins of people whom it does not name.

    Of a wildcard, what does not hold says more than what does: one action is enough.
    """
    if problem := actions.validate_action(line.query.action):
        return line.judged(False, problem, "correct it")
    if (login := line.subject.login) is not None and model.login(login) not in model.groups_of:
        about_nobody = _in_no_group(model, line, login, known)
        if about_nobody is not None:
            return about_nobody
    judge = _can if line.expected else _cannot
    queries = [
        line.query.model_copy(update={"action": action})
        for action in actions.expand_wildcard(line.query.action)
    ]
    results = [
        _in_further_groups(model, judge(model, replace(line, query=query)), judge)
        for query in queries
    ]
    return min(results, key=lambda each: (each.satisfied is not False, each.satisfied is not None))


def _in_no_group(
    model: AccessModel, line: Outcome, login: str, known: Collection[str]
) -> Outcome | None:
    """What a line about somebody shows whom no group names: a misspelt login proves nothing."""
    stack = model.stack
    unnamed = sorted(
        name for name, each in stack.groups.items() if each.rule or not each.is_managed
    )
    if unnamed:
        reason = f"no group names {login}, and a rule or a directory fills {', '.join(unnamed)}"
        return line.judged(None, reason, "ask about the group instead")
    ended = {each for group in stack.groups.values() for each in group.temporary}
    logins = {*known, *model.people, *stack.people, *ended}
    if login.lower() in {each.lower() for each in logins} or line.expected:
        return None
    reason = f"no group and no section people names {login}, so this shows nothing"
    return line.judged(False, reason + did_you_mean(login, logins), "correct the login")


def _in_further_groups(
    model: AccessModel, line: Outcome, judge: Callable[[AccessModel, Outcome], Outcome]
) -> Outcome:
    """The same, unless it would be otherwise if the person were in a group that the file does not
    fill alone: then it is open."""
    settled = line.expected and model.adds_up_groups if line.satisfied else not line.expected
    if line.satisfied is None or settled:
        return line
    for group in further_groups(model, line.subject):
        other = judge(model, replace(line, subject=Subject(group=group)))
        if other.satisfied is not line.satisfied:
            filled = f"a rule or a directory fills {group}, and for its people: {other.reason}"
            reason = f"whether {line.subject} can is open: {filled}"
            return line.judged(None, reason, "ask about the group instead")
    return line


def _can(model: AccessModel, line: Outcome) -> Outcome:
    query, subject = line.query, line.subject
    answer = can(model, subject, query.action, query.resource or "*", query.context)
    line = replace(line, answer=answer)
    if answer.allowed:
        return line.judged(True, f"{subject} can, {answer.reason}")
    if answer.possible:
        return _depends(line, answer)
    if query.resource is None and can(model, subject, query.action, None, query.context).allowed:
        fix = f"name the resource: {{action: {query.action}, resource: ...}}"
        return line.judged(False, f"{subject} can, but not on all resources", fix)
    return line.judged(False, f"{subject} can't, {answer.reason}")


def _cannot(model: AccessModel, line: Outcome) -> Outcome:
    query, subject = line.query, line.subject
    answer = can(model, subject, query.action, query.resource, query.context)
    line = replace(line, answer=answer)
    if answer.possible and not answer.allowed:
        return _depends(line, answer)
    if answer.allowed:
        return line.judged(False, f"{subject} can, {answer.reason}")
    for grant, more, fix in leads_beyond(model, subject):
        reason = f"whether {subject} can is open: as {grant_label(model, grant)} they {more}"
        return line.judged(None, reason, fix)
    return line.judged(True, f"{subject} can't, {answer.reason}")


def _depends(line: Outcome, answer: Answer) -> Outcome:
    keys = [each for each in answer.depends_on if not each.startswith("arn:")]
    fix = (
        f"say it in context: {{{', '.join(f'{key}: ...' for key in keys)}}}"
        if keys
        else "ask with --live, which reads these policies from the account"
    )
    return line.judged(None, f"whether {line.subject} can is open, {answer.reason}", fix)
