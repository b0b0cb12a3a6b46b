"""The app user's schema, for the one thing it decides here: whether the roles of several groups
are combined. `/api/v1/meta/schemas/apps/{app}/default`, `definitions.base.properties.samlRoles`.
"""

from typing import Any

from sandbox.okta.bodies import part
from sandbox.okta.errors import invalid
from sandbox.okta.models import SamlApp
from sandbox.okta.org import Org
from sandbox.okta.routing import Routes

_SCHEMA = "/api/v1/meta/schemas/apps/{saml_app}/default"
ROUTES = Routes()


@ROUTES.on("GET", _SCHEMA)
def read(org: Org, saml_app: SamlApp) -> dict[str, Any]:
    return body(org, saml_app)


@ROUTES.on("POST", _SCHEMA)
def update(org: Org, saml_app: SamlApp, payload: dict[str, Any]) -> dict[str, Any]:
    """`union` is ENABLE ("combine values across groups") or DISABLE ("group priority")."""
    base = part(part(payload, "definitions"), "base")
    union = part(part(base, "properties"), "samlRoles").get("union")
    if union not in ("ENABLE", "DISABLE"):
        raise invalid("union", f"union: must be ENABLE or DISABLE, not {union!r}")
    saml_app.union_roles = union == "ENABLE"
    return body(org, saml_app)


def body(org: Org, app: SamlApp) -> dict[str, Any]:
    several = {
        "title": "SAML User Roles",
        "type": "array",
        "required": False,
        "scope": "NONE",
        "items": {"type": "string"},
        "union": "ENABLE" if app.union_roles else "DISABLE",
    }
    single = {"title": "Role", "type": "string", "required": False, "scope": "NONE"}
    return {
        "id": f"{org.url}/meta/schemas/apps/{app.id}/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "AWS Account Federation",
        "title": "AWS Account Federation User",
        "type": "object",
        "definitions": {
            "base": {
                "id": "#base",
                "type": "object",
                "properties": {"role": single, "samlRoles": several},
                "required": [],
            },
            "custom": {"id": "#custom", "type": "object", "properties": {}, "required": []},
        },
    }
