"""The one catalogue app served here: `amazon_aws`, "AWS Account Federation".

Keys and defaults are those that real orgs answer in `settings.app`. A key nobody knows is
accepted and forgotten, as Okta does with its other catalogue apps.
"""

import re
from typing import Any

from okta_aws_federation.group_names import DEFAULT_FILTER
from okta_aws_federation.partitions import AWS, PARTITIONS
from sandbox.okta.behavior import Switches
from sandbox.okta.errors import invalid

NAME = "amazon_aws"
CATALOGUE_NUMBER = 272
"""The last part of the app's embed link."""

DEFAULTS: dict[str, Any] = {
    "appFilter": "okta",
    "groupFilter": DEFAULT_FILTER,
    "useGroupMapping": False,
    "joinAllRoles": False,
    "identityProviderArn": None,
    "overrideAcsURL": None,
    "sessionDuration": 3600,
    "roleValuePattern": (
        "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
    ),
    "awsEnvironmentType": AWS.okta_environment,
    "loginURL": AWS.console,
    "webSSOAllowedClient": None,
    "accountID": None,
    "accessKey": None,
    "secretKey": None,
    "secretKeyEnc": None,
}

NEVER_KEPT = frozenset({"accessKey", "secretKey", "secretKeyEnc"})
"""Whether writing these does anything at Okta is unknown; the console has another way. The switch
`key_in_settings` has the other answer."""

SHORTEST_SESSION, LONGEST_SESSION = 900, 43200
"""Seconds; AWS's own bounds."""

SIGN_IN_URLS = {partition.okta_environment: partition.sign_in_url for partition in PARTITIONS}
"""`awsEnvironmentType` -> where AWS takes SAML responses. Only that of the commercial partition is
seen in the wild."""

AUDIENCES = {partition.okta_environment: partition.saml_entity_id for partition in PARTITIONS}
"""`awsEnvironmentType` -> the audience of a response: the entity id that AWS publishes there, since
it takes no other audience."""


def settings(payload: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """All fifteen keys of `settings.app`, from those that a client sent.

    Raises OktaError 400 for a value of the wrong kind or out of range.
    """
    dropped = NEVER_KEPT if switches.key_in_settings == "ignored" else NEVER_KEPT - {"accessKey"}
    stored = {
        name: value
        for name, value in payload.items()
        if name in DEFAULTS and name not in dropped and value is not None
    }
    for name, value in stored.items():
        stored[name] = _checked(name, value)
    base = DEFAULTS if switches.settings_defaults else dict.fromkeys(DEFAULTS)
    return base | stored


def sign_in_url(app_settings: dict[str, Any]) -> str:
    """Recipient and Destination of the SAML response."""
    override = app_settings["overrideAcsURL"]
    environment = app_settings["awsEnvironmentType"] or DEFAULTS["awsEnvironmentType"]
    return str(override or SIGN_IN_URLS[environment])


def audience(app_settings: dict[str, Any]) -> str:
    """Whom the SAML response is for."""
    return AUDIENCES[app_settings["awsEnvironmentType"] or DEFAULTS["awsEnvironmentType"]]


def group_pattern(group_filter: str) -> re.Pattern[str]:
    r"""Okta's `(?{{role}}\w+)` as a named group; not anchored, as Okta does not anchor either.

    Raises OktaError 400 for what is no regular expression.
    """
    try:
        return re.compile(re.sub(r"\(\?\{\{(\w+)\}\}", r"(?P<\1>", group_filter))
    except re.error as error:
        raise _refusal("groupFilter", f"is no regular expression: {error}") from None


def _checked(name: str, value: Any) -> Any:
    if name == "sessionDuration":
        return _seconds(name, value)
    if isinstance(DEFAULTS[name], bool):
        if not isinstance(value, bool):
            raise _refusal(name, f"must be true or false, not {value!r}")
        return value
    if not isinstance(value, str):
        raise _refusal(name, f"must be a string, not {value!r}")
    if name == "awsEnvironmentType" and value not in SIGN_IN_URLS:
        raise _refusal(name, f"must be one of {', '.join(SIGN_IN_URLS)}, not '{value}'")
    if name == "groupFilter":
        group_pattern(value)
    return value


def _seconds(name: str, value: Any) -> int:
    """A number, also when it was sent as a string: Okta's own form sends strings."""
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(number, int) or isinstance(number, bool):
        raise _refusal(name, f"must be a number of seconds, not {value!r}")
    if not SHORTEST_SESSION <= number <= LONGEST_SESSION:
        bounds = f"{SHORTEST_SESSION} to {LONGEST_SESSION}"
        raise _refusal(name, f"must be {bounds} seconds, not {number}")
    return number


def _refusal(name: str, rule: str) -> Exception:
    return invalid("settings", f"{name}: {rule}")
