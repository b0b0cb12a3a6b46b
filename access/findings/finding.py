"""One thing that does not fit, in a line: key, value, what is wrong, what to do."""

from dataclasses import dataclass
from enum import Enum
from functools import partial

ROOT_KEYS = ("environment",)
"""Keys of a stack file that are Pulumi's own, beside `config`."""


class Severity(Enum):
    ERROR = "error"
    """It will keep people out, or let in who should not be: nothing is deployed with it."""
    WARNING = "warning"
    """It is probably not what is meant."""
    NOTE = "note"
    """It is worth knowing."""

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    severity: Severity
    rule: str
    """The check's name, as docs/reference/findings.md lists it."""
    key: str
    """Where in the stack file, without the project's prefix."""
    value: str
    message: str
    fix: str

    def __str__(self) -> str:
        shown = f" = {self.value!r}" if self.value else ""
        prefix = "" if self.key in ROOT_KEYS else "okta-aws-federation:"
        return f"{prefix}{self.key}{shown}: {self.message}; {self.fix}"


error, warning, note = (partial(Finding, severity) for severity in Severity)
"""A finding of that severity: rule, key, value, message, fix."""
