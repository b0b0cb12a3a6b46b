"""Output of the demo: a line for each step, with what was observed and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sandbox.errors import SandboxError

WIDTH = 46


class UnexpectedResult(SandboxError):
    """A step whose result is not the expected one."""


class Step:
    """One step while it runs."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.seen: list[str] = []

    def saw(self, observed: object) -> None:
        self.seen.append(str(observed))

    def expect(self, observed: object, expected: object, what: str = "") -> None:
        """Say what was observed; UnexpectedResult if it is not the expected one."""
        shown = f"{what} {observed}".strip()
        if observed != expected:
            raise UnexpectedResult(
                f"step {self.title!r}: expected {what} {expected}, but came {shown}"
            )
        self.saw(shown)


class Reporter:
    """Numbers the steps and prints them."""

    def __init__(self) -> None:
        self.number = 0
        self.started = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        self.number += 1
        click.echo(f"{self.number:>3}  {title:<{WIDTH}}", nl=False)
        begun = time.monotonic()
        step = Step(title)
        try:
            yield step
        except BaseException as error:
            ended = "failed" if isinstance(error, Exception) else "interrupted"
            click.echo(click.style(ended, fg="red"))
            raise
        seconds = time.monotonic() - begun
        click.echo(f"{seconds:>6.1f} s  {'; '.join(step.seen)}")

    def end(self) -> None:
        seconds = time.monotonic() - self.started
        click.echo(
            click.style(f"\nAll {self.number} steps as expected, in {seconds:.0f} s", fg="green")
        )
