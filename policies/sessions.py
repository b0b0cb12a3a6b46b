"""How long one sign-in lasts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import (
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from assignments import APP, is_federation_app
from findings import Finding, as_validator, finding, rule_config
from trust import ROLE, saml_statements

MAXIMUM_SECONDS = 8 * 3600
"""A working day."""

_AWS_DEFAULT_SECONDS = 3600


def role_seconds(props: Mapping[str, Any]) -> int:
    """The longest session that a role allows."""
    return int(props.get("maxSessionDuration") or _AWS_DEFAULT_SECONDS)


def app_seconds(props: Mapping[str, Any]) -> int:
    """The session that Okta's app for AWS asks for, or 0 if its settings do not say."""
    settings = props.get("appSettingsJson")
    return int((json.loads(settings) if settings else {}).get("sessionDuration") or 0)


def find_long_session(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type == ROLE:
        noun, seconds = "IAM role", role_seconds(args.props)
    elif args.resource_type == APP:
        noun, seconds = "Okta app", app_seconds(args.props)
    else:
        return
    maximum = int(args.get_config().get("maximumSeconds", MAXIMUM_SECONDS))
    if seconds > maximum:
        yield finding(
            args,
            "session",
            f"{noun} '{args.name}' must end a session after {maximum} seconds at most, "
            f"not {seconds}.",
        )


def find_session_longer_than_role(args: StackValidationArgs) -> Iterator[Finding]:
    requested: list[tuple[PolicyResource, int]] = [
        (app, app_seconds(app.props)) for app in args.resources if is_federation_app(app)
    ]
    longest = max((seconds for _, seconds in requested), default=0)
    for role in args.resources:
        if role.resource_type != ROLE or role_seconds(role.props) >= longest:
            continue
        if not saml_statements(role.props["assumeRolePolicy"]):
            continue
        for app, seconds in requested:
            if seconds > role_seconds(role.props):
                yield finding(
                    app,
                    role.name,
                    f"Okta app '{app.name}' must not ask for sessions of {seconds} seconds: role "
                    f"'{role.name}' ends them after {role_seconds(role.props)}, and AWS refuses "
                    "the sign-in.",
                )


session_within_limit = ResourceValidationPolicy(
    name="session-within-limit",
    description="A session ends before it is forgotten.",
    validate=as_validator(find_long_session),
    config_schema=rule_config(
        maximumSeconds={
            "description": "The longest session.",
            "type": "integer",
            "minimum": 3600,
            "maximum": 43200,
            "default": MAXIMUM_SECONDS,
        }
    ),
    severity=Severity.LOW,
)

app_session_within_role = StackValidationPolicy(
    name="app-session-within-role",
    description="Okta asks for no longer session than every role allows.",
    validate=as_validator(find_session_longer_than_role),
    config_schema=rule_config(),
    severity=Severity.MEDIUM,
)
