"""Questions to a real org and account, and their answers: facts with a date and versions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import click
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError
from settings import SettingsError

FORMAT = 1
SHOWN = 100
"""Characters of a fact on a terminal."""
FAILURES = (SandboxError, SettingsError, httpx.HTTPError, BotoCoreError, ClientError)
"""What a cloud, the engine or a network can raise during a run."""

QUESTIONS = {
    "first-phase-deploys": "Does `pulumi up` before the step by hand end without an error?",
    "second-phase-deploys": "Does `pulumi up` after it, which assigns the groups, too?",
    "new-role-seen": "Is a new IAM role seen by the first read after its creation?",
    "new-group-seen": "Is a new Okta group seen by the first read after its creation?",
    "new-person-found": "Does the first search after their creation find a new person?",
    "settings-defaults": "Does Okta fill in the settings that a new AWS app leaves out?",
    "key-setting-ignored": "Does Okta ignore an access key that is written into settings.app?",
    "integration-active": "Has the app the feature PUSH_NEW_USERS after the step by hand?",
    "key-hidden": "Does settings.app hide the access key after the step by hand?",
    "second-up-unchanged": "Does a second `pulumi up`, with a refresh, change nothing?",
    "verify-agrees": "Does `python -m access verify` find both clouds as the stack file says?",
    "plus-login-enters": "Does a person whose login has a plus sign enter AWS?",
    "role-path-enters": "Does a person enter a role that has a path?",
    "unknown-role-refused": "Does Okta refuse an assignment of a role that it has not imported?",
    "priority-over-100": "Does Okta take a priority over 100?",
    "priorities-unchanged": "Do priorities with gaps between them stay as they were sent?",
}
"""Id -> a question whose answer `yes` is what the program or the sandbox assumes."""


@dataclass
class Answer:
    """`answer` is None for what could not be asked; `reason` says why."""

    answer: Literal["yes", "no"] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """What was observed, as JSON takes it."""
    reason: str | None = None

    def decide(self, yes: bool, **facts: Any) -> None:
        """Set the answer and what it rests on."""
        self.answer = "yes" if yes else "no"
        self.facts |= facts


class Answers:
    """All questions of a run, in the order of `QUESTIONS`."""

    def __init__(self) -> None:
        self.by_id = {name: Answer(reason="not reached") for name in QUESTIONS}

    @contextmanager
    def asking(self, name: str) -> Iterator[Answer]:
        """Ask one question and print its answer; a failure leaves it open, and the run goes on."""
        answer = self.by_id[name] = Answer()
        click.echo(f"  {QUESTIONS[name]} ", nl=False)
        try:
            yield answer
        except FAILURES as error:
            answer.answer, answer.reason = None, one_line(error)
        except BaseException:
            answer.reason = "interrupted"
            click.echo("interrupted")
            raise
        click.echo(f"{answer.answer or 'not asked'}: {answer.reason or facts_text(answer.facts)}")

    def leave_out(self, reason: str, *names: str) -> None:
        """Say why some questions are not asked."""
        for name in names:
            self.by_id[name] = Answer(reason=reason)

    @property
    def differing(self) -> list[str]:
        """Ids of the questions whose answer is `no`."""
        return [name for name, answer in self.by_id.items() if answer.answer == "no"]

    @property
    def open(self) -> list[str]:
        """Ids of the questions that could not be asked."""
        return [name for name, answer in self.by_id.items() if answer.answer is None]

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"id": name, "question": QUESTIONS[name], **dataclasses.asdict(answer)}
            for name, answer in self.by_id.items()
        ]


def facts_text(facts: Mapping[str, Any]) -> str:
    """What a terminal shows of the facts; the file has all of them."""
    texts = (f"{name} {value}" for name, value in facts.items() if value not in ([], {}))
    return ", ".join(text if len(text) <= SHOWN else f"{text[:SHOWN]} ..." for text in texts)


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def report_text(report: Mapping[str, Any], hidden: Mapping[str, str]) -> str:
    """The report as JSON to be published; `hidden`: what must not be in it -> its replacement."""
    text = json.dumps(report, indent=2, default=str)
    for secret, replacement in hidden.items():
        text = text.replace(secret, replacement)
    return text + "\n"
