"""Instances of the catalogue app, as bodies of `/api/v1/apps` make and change them."""

import re
from typing import Any, Literal

from sandbox.okta import app_bodies, catalogue, identifiers, metadata
from sandbox.okta.errors import invalid
from sandbox.okta.expressions import parse
from sandbox.okta.models import App, SamlApp
from sandbox.okta.org import Org
from sandbox.okta.routing import part, text

OVERRIDES = (
    "defaultRelayState",
    "ssoAcsUrlOverride",
    "audienceOverride",
    "recipientOverride",
    "destinationOverride",
)
URI_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
GROUP_FILTERS = ("STARTS_WITH", "EQUALS", "CONTAINS", "REGEX")


def new(org: Org, payload: dict[str, Any], status: Literal["ACTIVE", "INACTIVE"]) -> SamlApp:
    """An instance with a signing key of its own. Raises OktaError 400 for what breaks a rule."""
    written = _written(org, payload)
    key = metadata.new_key(org.id, org.clock())
    return SamlApp(
        **app_bodies.identity(org, status),
        external_key=identifiers.new(identifiers.EXTERNAL_KEY),
        keys=[key],
        kid=key.kid,
        **written,
    )


def changes(org: Org, app: App, payload: dict[str, Any]) -> dict[str, Any]:
    """What a `PUT` changes; a `kid` picks the key that signs from now on."""
    if not isinstance(app, SamlApp):
        raise invalid("signOnMode", "signOnMode: the mode of an app cannot be changed")
    kid = part(part(payload, "credentials"), "signing").get("kid") or app.kid
    if kid not in {key.kid for key in app.keys}:
        raise invalid("credentials", f"kid: no key '{kid}' belongs to this app")
    return _written(org, payload) | {"kid": kid}


def _written(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    settings = part(payload, "settings")
    return app_bodies.common_changes(payload) | {
        "settings": catalogue.settings(part(settings, "app"), org.switches),
        "sign_on": stored_sign_on(part(settings, "signOn")),
    }


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
