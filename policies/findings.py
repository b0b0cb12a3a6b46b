"""What a rule finds, and which of it is excused.

An exception is data in the pack's configuration: it names one resource and one finding, says why,
and ends on a date. From the day after that date it no longer counts, and the message says so.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)


class Finding(NamedTuple):
    """One thing that is wrong with one resource."""

    resource: str
    """The resource's logical name: the first half of an exception's key."""

    key: str
    """What is wrong, short and stable: the second half."""

    sentence: str
    """What must be, for the person at the terminal."""

    urn: str
    """The resource, for the engine."""


Find = Callable[[Any], Iterable[Finding]]
"""A rule: what it finds in a resource, or in a stack."""

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


def strings(description: str, pattern: str | None = None) -> dict[str, Any]:
    """A parameter of a rule that is a list of texts, each of which matches the pattern."""
    items = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {"description": description, "type": "array", "items": items}


def number(
    description: str, minimum: int, default: int, maximum: int | None = None
) -> dict[str, Any]:
    """A parameter of a rule that is a whole number."""
    limits = {"minimum": minimum} | ({} if maximum is None else {"maximum": maximum})
    return {"description": description, "type": "integer", **limits, "default": default}


def resource_rule(
    severity: Severity,
    *types: str,
    enforcement_level: EnforcementLevel | None = None,
    **parameters: dict[str, Any],
) -> Callable[[Find], ResourceValidationPolicy]:
    """Make a rule over one resource out of a function, which has its name and description.

    It sees the resources of these types, or all; `parameters`: its own configuration, beside its
    exceptions.
    """

    def decorate(find: Find) -> ResourceValidationPolicy:
        def of_types(args: ResourceValidationArgs) -> Iterable[Finding]:
            return find(args) if not types or args.resource_type in types else ()

        return ResourceValidationPolicy(
            validate=as_validator(of_types),
            enforcement_level=enforcement_level,
            **_about(find, severity, parameters),
        )

    return decorate


def stack_rule(
    severity: Severity, **parameters: dict[str, Any]
) -> Callable[[Find], StackValidationPolicy]:
    """The same over all resources of a stack."""

    def decorate(find: Find) -> StackValidationPolicy:
        return StackValidationPolicy(
            validate=as_validator(find), **_about(find, severity, parameters)
        )

    return decorate


def _about(find: Find, severity: Severity, parameters: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": find.__name__.replace("_", "-"),
        "description": find.__doc__ or "",
        "config_schema": PolicyConfigSchema(properties={"exceptions": EXCEPTIONS, **parameters}),
        "severity": severity,
    }


def as_validator(find: Find) -> Callable[[Any, ReportViolation], None]:
    """A policy's validation out of a rule: report each finding that no exception covers today.

    What is found before the rule meets a value that a preview cannot know is still reported.
    """

    def validate(
        args: ResourceValidationArgs | StackValidationArgs, report: ReportViolation
    ) -> None:
        today = datetime.now(UTC).date()
        exceptions = args.get_config().get("exceptions", ())
        for each in find(args):
            message = format_finding(each, exceptions, today)
            if message is not None:
                report(message, each.urn)

    return validate


def format_finding(
    violation: Finding, exceptions: Iterable[Mapping[str, Any]], today: date
) -> str | None:
    """The message of a finding, or None if an exception covers it today."""
    message = f"{violation.sentence} [{violation.key}]"
    for exception in exceptions:
        if (exception["resource"], exception["finding"]) != (violation.resource, violation.key):
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


def finding(resource: ResourceValidationArgs | PolicyResource, key: str, sentence: str) -> Finding:
    """A finding about a resource."""
    return Finding(resource.name, key, sentence, resource.urn)
