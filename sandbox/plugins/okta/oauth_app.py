"""OpenID Connect apps, such as the native one that okta-aws-cli signs in with."""

from contextlib import suppress
from functools import partial

import httpx

from sandbox.plugins.okta import app
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Calls, Changed, Values

REFUSED = (
    "appSettingsJson",
    "backchannelCustomAuthenticatorId",
    "clientBasicSecret",
    "clientBasicSecretWo",
    "clientBasicSecretWoVersion",
    "frontchannelLogoutSessionRequired",
    "frontchannelLogoutUri",
    "groupsClaim",
    "jwks",
    "jwksUri",
    "loginScopes",
    "network",
    "participateSlo",
    "preconfiguredApp",
    "profile",
    "refreshTokenLeeway",
)
NO_GROUPS_CLAIM = {"name": "", "value": "", "valueType": ""}

CLIENT_SETTINGS = {
    "clientUri": "client_uri",
    "consentMethod": "consent_method",
    "grantTypes": "grant_types",
    "issuerMode": "issuer_mode",
    "loginUri": "initiate_login_uri",
    "logoUri": "logo_uri",
    "policyUri": "policy_uri",
    "postLogoutRedirectUris": "post_logout_redirect_uris",
    "redirectUris": "redirect_uris",
    "responseTypes": "response_types",
    "tosUri": "tos_uri",
    "type": "application_type",
    "wildcardRedirect": "wildcard_redirect",
}
"""Argument -> key in `settings.oauthClient`."""


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create OAuth application"):
        made = app.post(org, _body(inputs, inputs.get("clientId")), inputs)
    identifier: str = made["id"]
    with app.partly_created(identifier, inputs):
        if not org.uses_oauth:
            org.post(
                _groups_claim(identifier), NO_GROUPS_CLAIM | {"issuerMode": inputs["issuerMode"]}
            )
        app.set_policy(org, identifier, inputs)
    secret = made["credentials"]["oauthClient"].get("client_secret")
    return identifier, {"clientSecret": None if inputs.get("omitSecret") else secret}


def read(org: Org, identifier: str, state: Values) -> Values:
    """An app that is gone is an error: the published plugin (6.12) makes one of every 404."""
    with error_context("failed to get OAuth application"):
        try:
            found = org.get(f"{app.APPS}/{identifier}")
        except OktaError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            raise OktaError("404 Not Found", error.status) from error
    if not org.uses_oauth:
        with suppress(OktaError):  # as the published plugin does: without a claim there is none
            org.get(_groups_claim(identifier))
    client = found["credentials"]["oauthClient"]
    settings = found["settings"]["oauthClient"]
    return app.outputs(org, found, state) | {
        "autoKeyRotation": bool(client.get("autoKeyRotation")),
        "clientId": client["client_id"],
        "pkceRequired": bool(client.get("pkce_required")),
        "tokenEndpointAuthMethod": client.get("token_endpoint_auth_method", ""),
        **{name: settings[key] for name, key in CLIENT_SETTINGS.items() if settings.get(key)},
    }


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update OAuth application"):
        if "status" in changed:
            app.set_status(org, identifier, inputs["status"])
        if not app.reads_after_update(inputs, changed):
            return
        org.put(f"{app.APPS}/{identifier}", _body(inputs, state["clientId"]))
    app.set_policy(org, identifier, inputs)


def _groups_claim(identifier: str) -> str:
    """Where the org keeps the app's groups claim; not a part of the public API."""
    return f"/api/v1/internal/apps/{identifier}/settings/oauth/idToken"


def _body(inputs: Values, client_id: str | None) -> Values:
    body = app.body(inputs)
    body["credentials"]["oauthClient"] = {
        "autoKeyRotation": inputs["autoKeyRotation"],
        "pkce_required": inputs.get("pkceRequired", inputs["type"] in ("native", "browser")),
        "token_endpoint_auth_method": inputs["tokenEndpointAuthMethod"],
        **({"client_id": client_id} if client_id else {}),
    }
    body["settings"]["oauthClient"] = {
        key: inputs[name] for name, key in CLIENT_SETTINGS.items() if name in inputs
    }
    return body | {"name": "oidc_client", "signOnMode": "OPENID_CONNECT"}


OAUTH_APP = app.resource(
    "okta:app/oAuth:OAuth",
    Calls(create, read, update, partial(app.delete, what="OAuth application")),
    REFUSED,
    loginMode={"supported": ("DISABLED",)},
    refreshTokenRotation={"supported": ("STATIC",)},
)
