"""OpenID Connect apps, such as the native one that okta-aws-cli signs in with."""

from sandbox.plugins.okta import app
from sandbox.plugins.okta.org import Org, error_context
from sandbox.plugins.schema import FLAG, LIST, MAP, NUMBER, SET, Input, Resource
from sandbox.plugins.validation import one_of
from sandbox.plugins.values import Values

REFUSED = Input(supported=False)

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
        app.set_policy(org, identifier, inputs)
    secret = made["credentials"]["oauthClient"].get("client_secret")
    return identifier, {"clientSecret": None if inputs.get("omitSecret") else secret}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    with error_context("failed to get OAuth application"):
        found = org.get_or_none(f"{app.APPS}/{identifier}")
    if found is None:
        return None
    client = found["credentials"]["oauthClient"]
    settings = found["settings"]["oauthClient"]
    return app.outputs(org, found, state) | {
        "autoKeyRotation": bool(client.get("autoKeyRotation")),
        "clientId": client["client_id"],
        "pkceRequired": bool(client.get("pkce_required")),
        "tokenEndpointAuthMethod": client.get("token_endpoint_auth_method", ""),
        **{name: settings[key] for name, key in CLIENT_SETTINGS.items() if settings.get(key)},
    }


def update(
    org: Org, identifier: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    with error_context("failed to update OAuth application"):
        if "status" in changed:
            app.set_status(org, identifier, inputs["status"])
        if not app.reads_after_update(inputs, changed):
            return
        org.put(f"{app.APPS}/{identifier}", _body(inputs, state["clientId"]))
    app.set_policy(org, identifier, inputs)


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


OAUTH_APP = Resource(
    type="okta:app/oAuth:OAuth",
    inputs={
        **app.INPUTS,
        "appSettingsJson": REFUSED,
        "autoKeyRotation": Input(value_type=FLAG, default=True),
        "backchannelCustomAuthenticatorId": REFUSED,
        "clientBasicSecret": REFUSED,
        "clientBasicSecretWo": REFUSED,
        "clientBasicSecretWoVersion": Input(value_type=NUMBER, supported=False),
        "clientId": Input(computed=True),
        "clientUri": Input(),
        "consentMethod": Input(default="TRUSTED"),
        "frontchannelLogoutSessionRequired": Input(value_type=FLAG, supported=False),
        "frontchannelLogoutUri": REFUSED,
        "grantTypes": Input(value_type=SET),
        "groupsClaim": Input(value_type=MAP, supported=False),
        "issuerMode": Input(default="ORG_URL"),
        "jwks": Input(value_type=LIST, supported=False),
        "jwksUri": REFUSED,
        "loginMode": Input(default="DISABLED", valid=(one_of("DISABLED"),)),
        "loginScopes": Input(value_type=SET, supported=False),
        "loginUri": Input(),
        "logoUri": Input(),
        "network": Input(value_type=MAP, supported=False),
        "omitSecret": Input(value_type=FLAG),
        "participateSlo": Input(value_type=FLAG, supported=False),
        "pkceRequired": Input(value_type=FLAG, computed=True),
        "policyUri": Input(),
        "postLogoutRedirectUris": Input(value_type=SET),
        "preconfiguredApp": REFUSED,
        "profile": REFUSED,
        "redirectUris": Input(value_type=LIST),
        "refreshTokenLeeway": Input(value_type=NUMBER, supported=False),
        "refreshTokenRotation": REFUSED,
        "responseTypes": Input(value_type=SET),
        "tokenEndpointAuthMethod": Input(default="client_secret_basic"),
        "tosUri": Input(),
        "type": Input(required=True, replaces=True),
        "wildcardRedirect": Input(default="DISABLED"),
    },
    outputs=("clientSecret", "logoUrl", "name", "signOnMode"),
    secrets=("clientBasicSecret", "clientBasicSecretWo", "clientSecret"),
    create=create,
    read=read,
    update=update,
    delete=app.delete,
    reads_after=app.reads_after_update,
    valid=app.valid,
)
