"""`okta.app.OAuth`, as far as native apps without a secret go: what okta-aws-cli signs in with."""

from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Input, Kind, Values


def body(inputs: Values) -> Values:
    return {
        "name": "oidc_client",
        "label": inputs["label"],
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "oauthClient": {
                "autoKeyRotation": True,
                "pkce_required": inputs.get("pkceRequired", False),
                "token_endpoint_auth_method": inputs["tokenEndpointAuthMethod"],
            }
        },
        "settings": {
            "oauthClient": {
                "application_type": inputs["type"],
                "grant_types": inputs.get("grantTypes", []),
                "redirect_uris": inputs.get("redirectUris", []),
                "response_types": inputs.get("responseTypes", []),
            }
        },
        "visibility": {"autoSubmitToolbar": False, "hide": {"iOS": True, "web": True}},
    }


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    made = org.request("POST", "/api/v1/apps?activate=true", json=body(inputs)).json()
    return made["id"], read(org, made["id"], {}) or {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    app = org.find(f"/api/v1/apps/{identifier}")
    if app is None:
        return None
    client, settings = app["credentials"]["oauthClient"], app["settings"]["oauthClient"]
    return {
        "clientId": client["client_id"],
        "grantTypes": settings["grant_types"],
        "label": app["label"],
        "name": app["name"],
        "pkceRequired": client.get("pkce_required", False),
        "redirectUris": settings["redirect_uris"],
        "responseTypes": settings["response_types"],
        "signOnMode": app["signOnMode"],
        "status": app["status"],
        "tokenEndpointAuthMethod": client["token_endpoint_auth_method"],
        "type": settings["application_type"],
    }


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    changed = body(new)
    changed["credentials"]["oauthClient"]["client_id"] = old["clientId"]
    org.request("PUT", f"/api/v1/apps/{identifier}", json=changed)
    return read(org, identifier, {}) or {}


def delete(org: Org, identifier: str, state: Values) -> None:
    org.request("POST", f"/api/v1/apps/{identifier}/lifecycle/deactivate")
    org.request("DELETE", f"/api/v1/apps/{identifier}")


def as_set(names: list[str] | None) -> list[str]:
    return sorted(names or [])


KINDS = (
    Kind(
        type="okta:app/oAuth:OAuth",
        inputs=(
            Input("grantTypes", meaning=as_set),
            Input("label", required=True),
            Input("pkceRequired"),
            Input("redirectUris"),
            Input("responseTypes", meaning=as_set),
            Input("skipAuthenticationPolicy"),
            Input("status", default="ACTIVE"),
            Input("tokenEndpointAuthMethod", default="client_secret_basic"),
            Input("type", required=True, replaces=True),
        ),
        outputs=("clientId", "name", "signOnMode"),
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
