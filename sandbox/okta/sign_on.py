"""What a catalogue app keeps of `settings.signOn`: overrides and attribute statements."""

import re
from typing import Any

from sandbox.okta.bodies import text
from sandbox.okta.errors import invalid
from sandbox.okta.expressions import parse

OVERRIDES = (
    "defaultRelayState",
    "ssoAcsUrlOverride",
    "audienceOverride",
    "recipientOverride",
    "destinationOverride",
)
URI_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
GROUP_FILTERS = ("STARTS_WITH", "EQUALS", "CONTAINS", "REGEX")


def stored_sign_on(payload: dict[str, Any]) -> dict[str, Any]:
    """What stays of `settings.signOn` in a catalogue app.

    The switches of custom apps (`responseSigned` and so on) are accepted and not kept; empty
    overrides count as none. Raises OktaError 400 for an attribute statement that cannot be said.
    """
    statements = payload.get("attributeStatements") or []
    if not isinstance(statements, list):
        raise invalid("settings", "attributeStatements: must be a list")
    return {name: payload.get(name) or None for name in OVERRIDES} | {
        "attributeStatements": [_statement(statement) for statement in statements]
    }


def _statement(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise invalid("settings", "attributeStatements: each must be an object")
    kind = payload.get("type") or "EXPRESSION"
    common = {
        "type": kind,
        "name": text(payload, "name"),
        "namespace": text(payload, "namespace", URI_NAMES),
    }
    if kind == "GROUP":
        filter_type = payload.get("filterType")
        if filter_type not in GROUP_FILTERS:
            allowed = ", ".join(GROUP_FILTERS)
            raise invalid("settings", f"attributeStatements: filterType must be one of {allowed}")
        return common | {"filterType": filter_type, "filterValue": _filter_value(payload)}
    values = payload.get("values")
    if kind != "EXPRESSION" or not isinstance(values, list) or not values:
        raise invalid("settings", "attributeStatements: need type EXPRESSION and values, or GROUP")
    for value in values:
        try:
            parse(str(value))
        except ValueError as error:
            raise invalid("settings", f"attributeStatements: '{value}': {error}") from None
    return common | {"values": values}


def _filter_value(payload: dict[str, Any]) -> str:
    value = text(payload, "filterValue")
    try:
        re.compile(value if payload["filterType"] == "REGEX" else "")
    except re.error as error:
        raise invalid("settings", f"attributeStatements: filterValue: {error}") from None
    return value
