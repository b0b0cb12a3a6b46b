"""Native OpenID clients, as okta-aws-cli needs one: made, changed and assigned.

How such a client signs in is in `device_flow`.
"""

from typing import Any, Literal

from sandbox.okta import app_bodies
from sandbox.okta.errors import invalid, not_found
from sandbox.okta.models import App, NativeApp
from sandbox.okta.org import Org
from sandbox.okta.routing import Routes, part, text

GRANTS = frozenset(
    {
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    }
)
RESPONSES = frozenset({"code", "token", "id_token"})

ROUTES = Routes()


def new(org: Org, payload: dict[str, Any], status: Literal["ACTIVE", "INACTIVE"]) -> NativeApp:
    """A client. Raises OktaError 400 for what breaks a rule."""
    return NativeApp(**app_bodies.identity(org, status), **_written(payload))


def changes(org: Org, app: App, payload: dict[str, Any]) -> dict[str, Any]:
    """What a `PUT` changes."""
    if not isinstance(app, NativeApp):
        raise invalid("signOnMode", "signOnMode: the mode of an app cannot be changed")
    return _written(payload)


@ROUTES.on("GET POST", "/api/v1/internal/apps/{app}/settings/oauth/idToken")
def issuer_mode(app: App, payload: dict[str, Any]) -> dict[str, Any]:
    """The published provider reads and writes it; there is one issuer here whatever it says."""
    if not isinstance(app, NativeApp):
        raise not_found(app.id, "OAuth2Client")
    app.client["issuer_mode"] = text(payload, "issuerMode", app.client["issuer_mode"])
    return {"issuerMode": app.client["issuer_mode"]}


def _written(payload: dict[str, Any]) -> dict[str, Any]:
    client = part(part(payload, "settings"), "oauthClient")
    proof = part(part(payload, "credentials"), "oauthClient")
    if client.get("application_type") != "native":
        kind = client.get("application_type")
        raise invalid("application_type", f"application_type: native is served, not {kind!r}")
    grants = _names(client, "grant_types", GRANTS)
    addresses = client.get("redirect_uris") or []
    if "authorization_code" in grants and not addresses:
        raise invalid("redirect_uris", "redirect_uris: authorization_code needs at least one")
    return app_bodies.common_changes(payload) | {
        "client": {
            "client_uri": None,
            "logo_uri": None,
            "redirect_uris": addresses,
            "response_types": _names(client, "response_types", RESPONSES),
            "grant_types": grants,
            "application_type": "native",
            "consent_method": text(client, "consent_method", "REQUIRED"),
            "issuer_mode": text(client, "issuer_mode", "DYNAMIC"),
            "wildcard_redirect": text(client, "wildcard_redirect", "DISABLED"),
        },
        "authentication": {
            "autoKeyRotation": bool(proof.get("autoKeyRotation", True)),
            "pkce_required": bool(proof.get("pkce_required", True)),
            "token_endpoint_auth_method": text(proof, "token_endpoint_auth_method", "none"),
        },
    }


def _names(client: dict[str, Any], field: str, known: frozenset[str]) -> list[str]:
    names = client.get(field) or []
    if not isinstance(names, list) or not set(names) <= known:
        raise invalid(field, f"{field}: must be among {', '.join(sorted(known))}, not {names}")
    return names
