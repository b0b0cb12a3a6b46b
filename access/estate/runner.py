"""Run one command over the stacks of an estate, a bounded number at once, by Pulumi's Automation
API. A stack that fails stops no other."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pulumi import automation

from access.estate.stacks import EstateStack
from access.recovery.engine import Engine, EngineError, lock_in
from access.recovery.recovery import ROUNDS, recover
from settings import Settings, SettingsError

Verb = Literal["up", "preview", "destroy"]
GENERIC = re.compile(r"(update|preview|destroy) failed|preview failed|Running program")
"""Errors that only say that there was one; another line says which."""
PREVIEW = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""A preview saves no state, but serializes all of it at each step if not for this variable."""
DONE, FAILED, WAITING, SKIPPED = "done", "failed", "waiting", "skipped"


@dataclass(frozen=True)
class Outcome:
    """What became of one stack."""

    stack: EstateStack
    status: str
    """`done`, `failed`, `waiting` (a preview that needs the Okta half first), or `skipped`."""
    changes: dict[str, int] = field(default_factory=dict)
    """Operation -> resources: `{"create": 12, "same": 3}`."""
    error: str = ""
    """Why it failed, or waits."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """For a program."""
        names = {"stack": self.stack.name, "part": self.stack.part}
        return {**names, "status": self.status, "changes": self.changes, "error": self.error}


@dataclass(frozen=True)
class Runner:
    """Runs a command over stacks. `report` is called as each begins and ends."""

    project: Path
    """The folder of Pulumi.yaml and of the stack files."""
    at_once: int
    report: Callable[[str], None]
    settings: Settings
    """Those of the estate: a recovery looks for what they name."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set after an interrupt: nothing begins any more."""

    @cached_property
    def cli(self) -> automation.PulumiCommand:
        """The engine's command line; it is asked for its version once, not for each stack."""
        return automation.PulumiCommand()

    def run(self, verb: Verb, stacks: Sequence[EstateStack]) -> list[Outcome]:
        """The outcomes, in the order of `stacks`. The Okta half comes first, and last to be
        destroyed; the accounts' stacks run side by side."""
        okta = [each for each in stacks if each.is_okta]
        accounts = [each for each in stacks if not each.is_okta]
        waves = [accounts, okta] if verb == "destroy" else [okta, accounts]
        outcomes: dict[str, Outcome] = {}
        for wave in waves:
            failed = [name for name, each in outcomes.items() if each.status == FAILED]
            if verb == "destroy" and failed:  # in the accounts, which come first
                error = f"{', '.join(failed)} failed, and may need its metadata"
                outcomes |= {each.name: Outcome(each, SKIPPED, error=error) for each in wave}
                continue
            with ThreadPoolExecutor(max_workers=self.at_once) as pool:
                running = [pool.submit(self._one, verb, each) for each in wave]
                try:
                    for done in as_completed(running):
                        outcomes[done.result().stack.name] = done.result()
                except KeyboardInterrupt:
                    self.stopping.set()
                    raise
        return [outcomes[each.name] for each in stacks]

    def _one(self, verb: Verb, each: EstateStack) -> Outcome:
        if self.stopping.is_set():
            return Outcome(each, SKIPPED, error="interrupted")
        self.report(f"{each.name}: {verb}")
        began = time.monotonic()
        try:
            changes = self._engine(verb, each)
            outcome = Outcome(each, DONE, changes, seconds=time.monotonic() - began)
        except (automation.CommandError, SettingsError) as error:
            message = first_error(str(error))
            status = WAITING if verb == "preview" and needs_okta(message) else FAILED
            outcome = Outcome(each, status, {}, message, time.monotonic() - began)
        self.report(f"{each.name}: {summary(outcome)}")
        return outcome

    def _engine(self, verb: Verb, each: EstateStack) -> dict[str, int]:
        variables = PREVIEW if verb == "preview" else {}
        options = automation.LocalWorkspaceOptions(env_vars=variables, pulumi_command=self.cli)
        stack = automation.create_or_select_stack(
            each.name, work_dir=str(self.project), opts=options
        )
        if verb != "preview":
            self._recover(Engine(each.name, self.project))
        quiet: dict[str, Any] = {"color": "never", "suppress_outputs": True}
        if verb == "preview":
            return changes_of(stack.preview(**quiet).change_summary)
        result = stack.up(**quiet) if verb == "up" else stack.destroy(**quiet)
        return changes_of(result.summary.resource_changes or {})

    def _recover(self, engine: Engine) -> None:
        """Take up what a run that was killed has left: its lock, and operations without an end."""
        lock = engine.lock()
        if lock is not None and lock.has_ended:
            self.report(f"{engine.stack}: unlocked, its lock was of a run that was killed ({lock})")
            engine.run("cancel", "--yes")
        if engine.export().get("pending_operations"):
            self.report(f"{engine.stack}: recover, its last update was killed")
            outcome = recover(engine, self.settings, lambda _: None, ROUNDS)
            if outcome.failed:
                raise EngineError(outcome.failed)


def changes_of(summary: Any) -> dict[str, int]:
    """Operation -> resources, by the operation's name: `create`, `update`, `delete`, `same`."""
    return {str(getattr(k, "value", k)): int(n) for k, n in summary.items()}


def needs_okta(message: str) -> bool:
    """Whether a preview failed because the Okta half was never deployed."""
    return bool(re.search(r"has no outputs yet|unknown stack|no stack named", message))


def first_error(text: str) -> str:
    """The engine's first error in one line, as a person would fix it."""
    if lock := lock_in(text):  # the engine advises to delete the lock
        return f"locked by a run that goes on ({lock}); wait until it has ended"
    lines = [re.sub(r"^std(out|err): ", "", line.strip()) for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("code: ", "warning: "))]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    named = [line for line in errors if not GENERIC.match(line)]
    return (named or errors or lines or ["no message"])[0]


def summary(outcome: Outcome) -> str:
    """`12 create, 3 same (31 s)`, or why it failed."""
    if outcome.status != DONE:
        return f"{outcome.status}: {outcome.error}"
    changes = {name: n for name, n in sorted(outcome.changes.items()) if name != "same"}
    text = ", ".join(f"{n} {name}" for name, n in changes.items()) or "no change"
    return f"{text} ({outcome.seconds:.0f} s)"


def last_update_failed(name: str, project: Path) -> bool:
    """Whether a stack's last update did not end well, or there was none.

    Known from the engine: the history, operations that never ended, a lock that was left.
    """
    engine = Engine(name, project)
    try:
        history = automation.select_stack(name, work_dir=str(project)).history(page_size=1)
        return (
            not history
            or history[0].result != "succeeded"
            or bool(engine.export().get("pending_operations"))
            or engine.lock() is not None
        )
    except (automation.CommandError, EngineError):  # there is none, or the run says what is wrong
        return True
