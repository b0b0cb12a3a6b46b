"""Instances of the catalogue app, as bodies of `/api/v1/apps` make and change them."""

from typing import Any, Literal

from sandbox.okta import app_common, catalogue, certificates, identifiers, sign_on
from sandbox.okta.bodies import part
from sandbox.okta.errors import invalid
from sandbox.okta.models import App, SamlApp
from sandbox.okta.org import Org


def new(org: Org, payload: dict[str, Any], status: Literal["ACTIVE", "INACTIVE"]) -> SamlApp:
    """An instance with a signing key of its own. Raises OktaError 400 for what breaks a rule."""
    written = _written(org, payload)
    key = certificates.new(org.id, org.clock())
    return SamlApp(
        **app_common.identity(org, status),
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
    return app_common.written(payload) | {
        "settings": catalogue.settings(part(settings, "app"), org.switches),
        "sign_on": sign_on.stored_sign_on(part(settings, "signOn")),
    }
