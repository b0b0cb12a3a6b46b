"""A stack of the program, worked with plain `pulumi` commands as a person would type them."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.clouds import UNWANTED
from sandbox.errors import SandboxError

INTERRUPT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Stack:
    name: str
    project: Path
    """The folder of Pulumi.yaml."""
    variables: Mapping[str, str]
    """What the environment holds besides the person's own variables."""
    log: Path
    """Everything the engine printed, for the day something goes wrong."""

    def run(self, *arguments: str) -> str:
        """What `pulumi ARGUMENTS` printed. Raises SandboxError with its last lines if it failed."""
        inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        code, output = finish(
            subprocess.Popen(
                ["pulumi", *arguments, "--non-interactive", "--color", "never"],
                cwd=self.project,
                env={**inherited, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,  # it is told of an interrupt once, by `finish`
            )
        )
        if "--show-secrets" not in arguments:
            with self.log.open("a") as log:
                log.write(f"$ pulumi {' '.join(arguments)}\n{output}\n")
        if code:
            raise SandboxError(f"`pulumi {' '.join(arguments)}` failed: {error_summary(output)}")
        return output

    def create(self) -> None:
        self.run("stack", "init", self.name)

    def up(self, *, refresh: bool = False) -> dict[str, int]:
        """Deploy; answers with what was done to how many resources, as `pulumi` reported it.

        With `refresh` the state is first brought to what the clouds hold.
        """
        options = ("--refresh",) if refresh else ()
        arguments = ("--stack", self.name, "--yes", "--skip-preview", *options)
        return counts(self.run("up", *arguments))

    def destroy(self) -> dict[str, int]:
        return counts(self.run("destroy", "--stack", self.name, "--yes", "--skip-preview"))

    def configure(self, path: str, value: str) -> None:
        """Set one value in the stack file: `roles.OktaDeveloper.managedPolicies[1]`."""
        key = f"okta-aws-federation:{path}"
        self.run("config", "set", "--stack", self.name, "--path", key, value)

    def outputs(self, *, secrets: bool = False) -> dict[str, Any]:
        shown = ("--show-secrets",) if secrets else ()
        text = self.run("stack", "output", "--stack", self.name, "--json", *shown)
        outputs: dict[str, Any] = json.loads(text)
        return outputs


def error_summary(output: str) -> str:
    """What the engine complained about: its errors with what belongs to them, or its last lines."""
    diagnostics = re.split(r"\n(?:Outputs|Resources):", output.rpartition("Diagnostics:")[2])[0]
    lines = [line.strip() for line in diagnostics.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("warning: ", "pulumi:pulumi:Stack "))]
    error_lines = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    shown = lines[error_lines[0] :] if error_lines else lines[-12:]
    return "\n  ".join(line.removeprefix("error: ") for line in shown)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and output. An interrupt is passed on, so that the engine can end in order."""
    try:
        output, _ = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=INTERRUPT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise
    return process.returncode, output


def counts(printed: str) -> dict[str, int]:
    """The summary at the end of an update: `{"created": 12, "unchanged": 3}`."""
    summary = printed.rpartition("Resources:")[2].partition("Duration:")[0]
    return {
        what: int(number) for number, what in re.findall(r"(\d+) ([a-z]+(?:-[a-z]+)*)", summary)
    }


def readable(counts: dict[str, int]) -> str:
    """The same for a person: `12 created, 3 unchanged`."""
    return ", ".join(f"{number} {what}" for what, number in counts.items()) or "nothing to do"
