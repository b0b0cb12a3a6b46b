"""An app as the management API reads and writes it, whatever its kind."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from sandbox.okta import catalogue, identifiers
from sandbox.okta.errors import invalid
from sandbox.okta.expressions import parse
from sandbox.okta.models import App, NativeApp, SamlApp
from sandbox.okta.org import Org, record_body
from sandbox.okta.routing import part, text

TEMPLATE = {"template": "${source.login}", "type": "BUILT_IN"}


def identity(org: Org, status: Literal["ACTIVE", "INACTIVE"]) -> dict[str, Any]:
    """What the org, not the client, decides about a new app."""
    return {
        **org.new_record(identifiers.APP),
        "status": status,
        "policy_id": next((one.id for one in org.policies.values() if one.system), None),
    }


def common_changes(payload: dict[str, Any]) -> dict[str, Any]:
    """What a body decides. Raises OktaError 400 for a missing label or a senseless template."""
    settings, visibility = part(payload, "settings"), part(payload, "visibility")
    named = part(part(payload, "credentials"), "userNameTemplate")
    template = TEMPLATE | {name: value for name, value in named.items() if value}
    _refuse_template(template)
    notes = part(settings, "notes")
    return {
        "label": text(payload, "label"),
        "accessibility": {"selfService": False} | part(payload, "accessibility"),
        "visibility": {
            "autoSubmitToolbar": bool(visibility.get("autoSubmitToolbar", False)),
            "hide": {"iOS": False, "web": False} | part(visibility, "hide"),
        },
        "notes": {"admin": notes.get("admin"), "enduser": notes.get("enduser")},
        "implicit_assignment": bool(settings.get("implicitAssignment", False)),
        "user_name_template": template,
    }


def is_expression(template: Mapping[str, Any]) -> bool:
    """Whether a format is an expression as a whole, as custom ones are, or a text with `${...}`."""
    return template.get("type") == "CUSTOM" and "${" not in str(template["template"])


def _refuse_template(template: Mapping[str, Any]) -> None:
    text = str(template["template"])
    expressions = [text] if is_expression(template) else re.findall(r"\$\{([^}]*)\}", text)
    for expression in expressions:
        try:
            parse(expression)
        except ValueError as error:
            raise invalid("credentials", f"userNameTemplate: {expression}: {error}") from None


OPENID_NAME = "oidc_client"


def body(org: Org, app: App) -> dict[str, Any]:
    visible = {"autoLaunch": False, "appLinks": {"login": True}}
    refused = {"errorRedirectUrl": None, "loginRedirectUrl": None}
    common = {
        **record_body(app),
        "label": app.label,
        "status": app.status,
        "accessibility": refused | app.accessibility,
        "visibility": app.visibility | visible,
        "features": [],
    }
    return common | (_saml(org, app) if isinstance(app, SamlApp) else _native(org, app))


def _saml(org: Org, app: SamlApp) -> dict[str, Any]:
    return {
        "orn": f"orn:okta:idp:{org.id}:apps:{catalogue.NAME}:{app.id}",
        "name": catalogue.NAME,
        "features": app.integration.features if app.integration else [],
        "signOnMode": "SAML_2_0",
        "credentials": {"userNameTemplate": app.user_name_template, "signing": {"kid": app.kid}},
        "settings": _saml_settings(org, app),
        "_links": _links(org, app) | _saml_links(org, app),
    }


def _native(org: Org, app: App) -> dict[str, Any]:
    if not isinstance(app, NativeApp):
        raise TypeError(f"{app.id} is of no kind that is written here")
    client = {"client_id": app.id} | app.authentication
    return {
        "orn": f"orn:okta:idp:{org.id}:apps:{OPENID_NAME}:{app.id}",
        "name": OPENID_NAME,
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "userNameTemplate": app.user_name_template,
            "signing": {},
            "oauthClient": client,
        },
        "settings": _common_settings(app) | {"app": {}, "oauthClient": app.client},
        "_links": _links(org, app),
    }


def _saml_settings(org: Org, app: SamlApp) -> dict[str, Any]:
    shown = dict(app.settings)
    if org.switches.integration_key_in_settings and app.integration:
        shown["accessKey"] = app.integration.access_key_id
    sign_on_settings = dict(app.sign_on)
    if org.switches.force_authn != "absent":
        sign_on_settings["honorForceAuthn"] = org.switches.force_authn == "true"
    return _common_settings(app) | {"app": shown, "signOn": sign_on_settings}


def _common_settings(app: App) -> dict[str, Any]:
    network = {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}
    return {
        "notifications": {"vpn": network},
        "manualProvisioning": False,
        "implicitAssignment": app.implicit_assignment,
        "notes": app.notes,
    }


def _links(org: Org, app: App) -> dict[str, Any]:
    here = f"{org.url}/api/v1/apps/{app.id}"
    logo = {"name": "medium", "href": f"{org.url}/static/app.svg", "type": "image/svg+xml"}
    verb = "deactivate" if app.status == "ACTIVE" else "activate"
    links: dict[str, Any] = {
        "uploadLogo": {"href": f"{here}/logo", "hints": {"allow": ["POST"]}},
        "policies": {"href": f"{here}/policies", "hints": {"allow": ["PUT"]}},
        "groups": {"href": f"{here}/groups"},
        "logo": [logo],
        "users": {"href": f"{here}/users"},
        verb: {"href": f"{here}/lifecycle/{verb}"},
    }
    if app.policy_id:
        links["accessPolicy"] = {"href": f"{org.url}/api/v1/policies/{app.policy_id}"}
    return links


def _saml_links(org: Org, app: SamlApp) -> dict[str, Any]:
    page = f"{org.url}/admin/app/{catalogue.NAME}/instance/{app.id}"
    metadata = f"{org.url}/api/v1/apps/{app.id}/sso/saml/metadata"
    return {
        "help": {"href": page, "type": "text/html"},
        "metadata": {"href": metadata, "type": "application/xml"},
        "appLinks": [{"name": "login", "href": embed_link(org, app), "type": "text/html"}],
    }


def embed_link(org: Org, app: SamlApp) -> str:
    return f"{org.url}/home/{catalogue.NAME}/{app.id}/{catalogue.CATALOGUE_NUMBER}"
