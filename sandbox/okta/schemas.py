"""The app user's schema, for the one thing it decides here: whether the roles of several groups
are combined. `/api/v1/meta/schemas/apps/{app}/default`, `definitions.base.properties.samlRoles`.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta.bodies import json_object, part
from sandbox.okta.errors import invalid
from sandbox.okta.models import SamlApp
from sandbox.okta.org import Org, org_of


async def read(request: Request) -> Response:
    org = org_of(request)
    return JSONResponse(body(org, org.saml_app(request.path_params["app"])))


async def update(request: Request) -> Response:
    """`POST`: `union` is ENABLE ("combine values across groups") or DISABLE ("group priority")."""
    org = org_of(request)
    app = org.saml_app(request.path_params["app"])
    payload = part(part(await json_object(request), "definitions"), "base")
    union = part(part(payload, "properties"), "samlRoles").get("union")
    if union not in ("ENABLE", "DISABLE"):
        raise invalid("union", f"union: must be ENABLE or DISABLE, not {union!r}")
    app.union_roles = union == "ENABLE"
    return JSONResponse(body(org, app))


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


_SCHEMA = "/api/v1/meta/schemas/apps/{app}/default"
ROUTES = [
    Route(_SCHEMA, read, methods=["GET"]),
    Route(_SCHEMA, update, methods=["POST"]),
]
