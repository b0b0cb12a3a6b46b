"""Apps: `/api/v1/apps`, as far as the SAML catalogue app needs it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import app_body, filters, native_apps, saml_apps
from sandbox.okta.bodies import json_object, text
from sandbox.okta.errors import OktaError, invalid
from sandbox.okta.org import org_of
from sandbox.okta.paging import page

LIST_PAGE = 20


async def create(request: Request) -> Response:
    """`POST /api/v1/apps?activate=`: a new app, of the kind that its sign-on mode says."""
    org = org_of(request)
    payload = await json_object(request)
    active = request.query_params.get("activate", "true") != "false"
    app = _kind(payload).new(org, payload, "ACTIVE" if active else "INACTIVE")
    org.apps[app.id] = app
    return JSONResponse(app_body.body(org, app))


async def read(request: Request) -> Response:
    org = org_of(request)
    return JSONResponse(app_body.body(org, org.app(request.path_params["app"])))


async def update(request: Request) -> Response:
    """`PUT`: what is sent is the whole app."""
    org = org_of(request)
    app = org.app(request.path_params["app"])
    payload = await json_object(request)
    written = _kind(payload).changes(org, app, payload)
    for name, value in written.items():
        setattr(app, name, value)
    app.last_updated = org.clock()
    return JSONResponse(app_body.body(org, app))


async def delete(request: Request) -> Response:
    """An active app is not deleted: Okta wants it deactivated first."""
    org = org_of(request)
    app = org.app(request.path_params["app"])
    if app.status == "ACTIVE":
        summary = "Cannot delete the app because it is still active. Deactivate it first."
        raise OktaError(403, "E0000056", summary)
    del org.apps[app.id]
    return Response(status_code=204)


async def activate(request: Request) -> Response:
    return _set_status(request, "ACTIVE")


async def deactivate(request: Request) -> Response:
    return _set_status(request, "INACTIVE")


async def search(request: Request) -> Response:
    """List apps; `q` begins the label, `filter` is filter text over the app."""
    org = org_of(request)
    prefix = request.query_params.get("q", "").lower()
    criterion = request.query_params.get("filter")
    test = filters.parse(criterion) if criterion else None
    results = [
        app
        for app in org.apps.values()
        if app.label.lower().startswith(prefix) and (test is None or test(app_body.body(org, app)))
    ]
    return page(request, results, lambda app: app_body.body(org, app), default=LIST_PAGE)


async def features(request: Request) -> Response:
    """The documented features API knows nothing of this app: its Provisioning tab is by hand."""
    org_of(request).app(request.path_params["app"])
    raise invalid("feature", "Provisioning is not enabled for the app instance.")


async def imported_types(request: Request) -> Response:
    """`GET /api/v1/internal/apps/{app}/types`: the roles that Okta last read from AWS.

    Undocumented at Okta; public access-review tools read it.
    """
    integration = org_of(request).saml_app(request.path_params["app"]).integration
    names = list(integration.roles) if integration else []
    return JSONResponse({"AWSEnvironmentEnum": [], "SamlIamRole": names, "IamRole": names})


def _set_status(request: Request, status: Any) -> Response:
    org = org_of(request)
    app = org.app(request.path_params["app"])
    app.status = status
    app.last_updated = org.clock()
    return JSONResponse({})


def _kind(payload: dict[str, Any]) -> Any:
    """The module that knows the kind of app that a body describes."""
    name, mode = text(payload, "name"), text(payload, "signOnMode")
    kinds = {("amazon_aws", "SAML_2_0"): saml_apps, ("oidc_client", "OPENID_CONNECT"): native_apps}
    if (name, mode) not in kinds:
        here = " or ".join(f"{known} with {sign_on}" for known, sign_on in kinds)
        raise invalid("name", f"name: this sandbox serves {here}, not {name} with {mode}")
    return kinds[name, mode]


_ONE = "/api/v1/apps/{app}"
ROUTES = [
    Route("/api/v1/apps", search, methods=["GET"]),
    Route("/api/v1/apps", create, methods=["POST"]),
    Route(_ONE, read, methods=["GET"]),
    Route(_ONE, update, methods=["PUT"]),
    Route(_ONE, delete, methods=["DELETE"]),
    Route(f"{_ONE}/lifecycle/activate", activate, methods=["POST"]),
    Route(f"{_ONE}/lifecycle/deactivate", deactivate, methods=["POST"]),
    Route(f"{_ONE}/features", features, methods=["GET"]),
    Route(f"{_ONE}/features/{{feature}}", features, methods=["GET", "PUT"]),
    Route("/api/v1/internal/apps/{app}/types", imported_types, methods=["GET"]),
]
