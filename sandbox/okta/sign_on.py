"""What a catalogue app keeps of `settings.signOn`: overrides and attribute statements."""

from __future__ import annotations

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


def kept(given: dict[str, Any]) -> dict[str, Any]:
    """What stays of `settings.signOn` in a catalogue app.

    The switches of custom apps (`responseSigned` and so on) are accepted and not kept; empty
    overrides count as none. Raises OktaError 400 for an attribute statement that cannot be said.
    """
    statements = given.get("attributeStatements") or []
    if not isinstance(statements, list):
        raise invalid("settings", "attributeStatements: must be a list")
    return {name: given.get(name) or None for name in OVERRIDES} | {
        "attributeStatements": [_statement(statement) for statement in statements]
    }


def _statement(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("settings", "attributeStatements: each must be an object")
    kind = given.get("type") or "EXPRESSION"
    common = {
        "type": kind,
        "name": text(given, "name"),
        "namespace": text(given, "namespace", URI_NAMES),
    }
    if kind == "GROUP":
        filter_type = given.get("filterType")
        if filter_type not in GROUP_FILTERS:
            allowed = ", ".join(GROUP_FILTERS)
            raise invalid("settings", f"attributeStatements: filterType must be one of {allowed}")
        return common | {"filterType": filter_type, "filterValue": _filter_value(given)}
    values = given.get("values")
    if kind != "EXPRESSION" or not isinstance(values, list) or not values:
        raise invalid("settings", "attributeStatements: need type EXPRESSION and values, or GROUP")
    for value in values:
        try:
            parse(str(value))
        except ValueError as error:
            raise invalid("settings", f"attributeStatements: '{value}': {error}") from None
    return common | {"values": values}


def _filter_value(given: dict[str, Any]) -> str:
    value = text(given, "filterValue")
    try:
        re.compile(value if given["filterType"] == "REGEX" else "")
    except re.error as error:
        raise invalid("settings", f"attributeStatements: filterValue: {error}") from None
    return value
