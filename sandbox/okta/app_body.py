"""An app as the management API writes it."""

from __future__ import annotations

import re
from typing import Any

from sandbox.okta import catalogue
from sandbox.okta.bodies import text
from sandbox.okta.errors import invalid
from sandbox.okta.expressions import parse
from sandbox.okta.org import Org, timestamp
from sandbox.okta.records import App

OVERRIDES = (
    "defaultRelayState",
    "ssoAcsUrlOverride",
    "audienceOverride",
    "recipientOverride",
    "destinationOverride",
)
URI_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
GROUP_FILTERS = ("STARTS_WITH", "EQUALS", "CONTAINS", "REGEX")


def body(org: Org, app: App) -> dict[str, Any]:
    visible = {"autoLaunch": False, "appLinks": {"login": True}}
    refused = {"errorRedirectUrl": None, "loginRedirectUrl": None}
    return {
        "id": app.id,
        "orn": f"orn:okta:idp:{org.id}:apps:{catalogue.NAME}:{app.id}",
        "name": catalogue.NAME,
        "label": app.label,
        "status": app.status,
        "created": timestamp(app.created),
        "lastUpdated": timestamp(app.last_updated),
        "accessibility": refused | app.accessibility,
        "visibility": app.visibility | visible,
        "features": app.integration.features if app.integration else [],
        "signOnMode": "SAML_2_0",
        "credentials": {"userNameTemplate": app.user_name_template, "signing": {"kid": app.kid}},
        "settings": _settings(org, app),
        "_links": _links(org, app),
    }


def sign_on(given: dict[str, Any]) -> dict[str, Any]:
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


def _settings(org: Org, app: App) -> dict[str, Any]:
    shown = dict(app.settings)
    if org.switches.integration_key_in_settings and app.integration:
        shown["accessKey"] = app.integration.access_key_id
    sign_on_settings = dict(app.sign_on)
    if org.switches.force_authn != "absent":
        sign_on_settings["honorForceAuthn"] = org.switches.force_authn == "true"
    network = {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}
    return {
        "app": shown,
        "notifications": {"vpn": network},
        "manualProvisioning": False,
        "implicitAssignment": app.implicit_assignment,
        "notes": app.notes,
        "signOn": sign_on_settings,
    }


def _links(org: Org, app: App) -> dict[str, Any]:
    here = f"{org.url}/api/v1/apps/{app.id}"
    links: dict[str, Any] = {
        "help": {
            "href": f"{org.url}/admin/apps/{app.id}#sign-on",
            "type": "text/html",
        },
        "metadata": {"href": f"{here}/sso/saml/metadata", "type": "application/xml"},
        "uploadLogo": {"href": f"{here}/logo", "hints": {"allow": ["POST"]}},
        "appLinks": [{"name": "login", "href": embed_link(org, app), "type": "text/html"}],
        "policies": {"href": f"{here}/policies", "hints": {"allow": ["PUT"]}},
        "groups": {"href": f"{here}/groups"},
        "logo": [{"name": "medium", "href": f"{org.url}/static/app.svg", "type": "image/svg+xml"}],
        "users": {"href": f"{here}/users"},
    }
    if app.policy_id:
        links["accessPolicy"] = {"href": f"{org.url}/api/v1/policies/{app.policy_id}"}
    verb = "deactivate" if app.status == "ACTIVE" else "activate"
    return links | {verb: {"href": f"{here}/lifecycle/{verb}"}}


def embed_link(org: Org, app: App) -> str:
    return f"{org.url}/home/{catalogue.NAME}/{app.id}/{catalogue.CATALOGUE_NUMBER}"
