"""How long one sign-in lasts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity, StackValidationArgs

from assignments import APP, is_federation_app
from findings import Finding, finding, number, resource_rule, stack_rule
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


@resource_rule(
    Severity.LOW,
    ROLE,
    APP,
    maximumSeconds=number("The longest session.", 3600, MAXIMUM_SECONDS, maximum=43200),
)
def session_within_limit(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A session ends before it is forgotten."""
    if args.resource_type == ROLE:
        noun, seconds = "IAM role", role_seconds(args.props)
    else:
        noun, seconds = "Okta app", app_seconds(args.props)
    maximum = int(args.get_config().get("maximumSeconds", MAXIMUM_SECONDS))
    if seconds > maximum:
        yield finding(
            args,
            "session",
            f"{noun} '{args.name}' must end a session after {maximum} seconds at most, "
            f"not {seconds}.",
        )


@stack_rule(Severity.MEDIUM)
def app_session_within_role(args: StackValidationArgs) -> Iterator[Finding]:
    """Okta asks for no longer session than every role allows."""
    apps = [app for app in args.resources if is_federation_app(app)]
    for role in args.resources:
        if role.resource_type != ROLE:
            continue
        for app in apps:
            seconds = app_seconds(app.props)
            if seconds > role_seconds(role.props) and saml_statements(role):
                yield finding(
                    app,
                    role.name,
                    f"Okta app '{app.name}' must not ask for sessions of {seconds} seconds: role "
                    f"'{role.name}' ends them after {role_seconds(role.props)}, and AWS refuses "
                    "the sign-in.",
                )
