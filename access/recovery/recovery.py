"""The steps done one after the other, until the state, the program and both clouds agree."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from access.progress import is_quiet
from access.recovery import status, steps
from access.recovery.engine import STACK_IS_LOCKED, Engine, EngineError, lock_in
from access.recovery.status import GONE, IN_STATE, MISSING, ONLY_IN_CLOUD, Status
from access.recovery.steps import Step
from settings import Settings, SettingsError

ROUNDS = 8
"""An import makes further ids known: a policy's before that of its rules."""


@dataclass
class Outcome:
    """What was found, done and left."""

    stack: str
    first: Status
    """What was there before any step."""
    done: list[Step] = field(default_factory=list)
    left: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: str | None = None
    """The message of the step that failed, or of the look after it."""

    def as_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "resources": [asdict(each) for each in self.first.resources],
            "pendingOperations": self.first.pending,
            "done": [each.as_json() for each in self.done],
            "steps": [each.as_json() for each in self.left],
            "notes": self.notes,
            "error": self.failed,
        }


def recover(engine: Engine, stack: Settings, say: Callable[[str], None], rounds: int) -> Outcome:
    """Look, and do what has to be done, at most `rounds` times; 0 only looks.

    Each step is said before it is done. Raises SettingsError if the first look fails.
    """
    current = status.read(engine, stack)
    outcome = Outcome(engine.stack, current, left=current.steps, notes=current.notes)
    if not is_quiet():
        say("\n".join(summary(engine.stack, current)))
    if not rounds:
        say("\n".join(announced(current)))
    try:
        for _ in range(rounds):
            if not current.steps:
                break
            for step in current.steps:
                _do(step, engine, outcome, say)
            current = status.read(engine, stack)
            outcome.left, outcome.notes = current.steps, current.notes
    except SettingsError as error:
        outcome.failed = str(error)
    if rounds and not outcome.failed and not is_quiet():
        say("\n".join(conclusion(engine.stack, outcome)))
    return outcome


def _do(step: Step, engine: Engine, outcome: Outcome, say: Callable[[str], None]) -> None:
    say(f"$ {step.command}\n  {step.reason}")
    try:
        step.run()
    except EngineError as error:
        # Only now does a backend that is no folder name the owner of the lock.
        lock = lock_in(str(error)) if STACK_IS_LOCKED in str(error) else None
        if lock is None:
            raise
        cancel = steps.unlock(engine, lock)
        say(f"$ {cancel.command}\n  {cancel.reason}")
        cancel.run()
        outcome.done.append(cancel)
        step.run()
    outcome.done.append(step)


def summary(stack: str, current: Status) -> list[str]:
    """What is where: one line of counts, and one for each resource that is not in order."""
    counts = [f"{current.count(each)} {each}" for each in (IN_STATE, ONLY_IN_CLOUD, MISSING, GONE)]
    lines = [f"stack {stack}: {', '.join(counts)}; pending operations: {len(current.pending)}"]
    lines += [f"  pending: {each}" for each in current.pending]
    for each in current.resources:
        if each.status != IN_STATE:
            identifier = f" = {each.id}" if each.id else ""
            lines.append(f"  {each.status}: {each.type} {each.name}{identifier}")
    return lines


def announced(current: Status) -> list[str]:
    """The steps, for a person who has not said --yes."""
    lines = [
        f"{number}. {step.command}\n   {step.reason}"
        for number, step in enumerate(current.steps, 1)
    ]
    if lines:
        lines = ["to be done, in this order (`--yes` does it):", *lines]
    return [*lines, *(f"note: {note}" for note in current.notes)] or ["nothing is to be done"]


def conclusion(stack: str, outcome: Outcome) -> list[str]:
    lines = [f"note: {note}" for note in outcome.notes]
    lines += [f"left: {step.command}" for step in outcome.left]
    done = f"steps done: {len(outcome.done)}" if outcome.done else "nothing is to be done"
    return [*lines, f"{done}; next: pulumi up --stack {stack}"]
