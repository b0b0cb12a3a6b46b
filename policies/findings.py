"""What a rule finds, and which of it is excused.

An exception is data in the pack's configuration: it names one resource and one finding, says why,
and ends on a date. From the day after that date it no longer counts, and the message says so.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pulumi_policy import PolicyConfigSchema, ReportViolation, ResourceValidationArgs


class Finding(NamedTuple):
    """One thing that is wrong with one resource."""

    resource: str
    """The resource's logical name: the first half of an exception's key."""

    key: str
    """What is wrong, short and stable: the second half."""

    sentence: str
    """What must be, for the person at the terminal."""

    urn: str | None = None
    """The resource, where the engine does not know it already (in a rule over the whole stack)."""


EXCEPTIONS: dict[str, Any] = {
    "description": "What this rule overlooks, each with a reason and a last day.",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["resource", "finding", "reason", "until"],
        "additionalProperties": False,
        "properties": {
            "resource": {"description": "The resource's name in the program.", "type": "string"},
            "finding": {"description": "What stands in brackets in the message.", "type": "string"},
            "reason": {"type": "string", "minLength": 10},
            "until": {
                "description": "The last day that it counts, in UTC.",
                "type": "string",
                "pattern": "^\\d{4}-\\d{2}-\\d{2}$",
            },
        },
    },
}


def configurable(**parameters: dict[str, Any]) -> PolicyConfigSchema:
    """The configuration of a rule: its exceptions and its own parameters."""
    return PolicyConfigSchema(properties={"exceptions": EXCEPTIONS, **parameters})


def report_open(
    found: Iterable[Finding], config: Mapping[str, Any], report: ReportViolation
) -> None:
    """Report each finding that no exception covers today."""
    today = datetime.now(UTC).date()
    for finding in found:
        message = complaint(finding, config.get("exceptions", ()), today)
        if message is not None:
            report(message, finding.urn)


def complaint(finding: Finding, exceptions: Iterable[Mapping[str, Any]], today: date) -> str | None:
    """What to say about a finding, or None if it is excused today."""
    message = f"{finding.sentence} [{finding.key}]"
    for exception in exceptions:
        if (exception["resource"], exception["finding"]) != (finding.resource, finding.key):
            continue
        if today <= _last_day(exception):
            return None
        message += f" Its exception ended on {exception['until']}: {exception['reason']}"
    return message


def _last_day(exception: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(exception["until"])
    except ValueError as error:
        key = f"'{exception['resource']}' [{exception['finding']}]"
        raise ValueError(f"until, in the exception of {key}: {error}") from None


def of(args: ResourceValidationArgs, key: str, sentence: str) -> Finding:
    """A finding about the resource that is being validated."""
    return Finding(args.name, key, sentence)
