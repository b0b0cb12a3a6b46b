"""Apps: `/api/v1/apps`, as far as the SAML catalogue app needs it."""

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import app_bodies, catalogue, filters, native_apps, saml_apps
from sandbox.okta.errors import OktaError, invalid
from sandbox.okta.models import App, SamlApp
from sandbox.okta.org import Org
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, text

LIST_PAGE = 20

_ONE = "/api/v1/apps/{app}"
ROUTES = Routes()


@ROUTES.on("POST", "/api/v1/apps")
def create(request: Request, org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    """A new app, of the kind that its sign-on mode says."""
    active = request.query_params.get("activate", "true") != "false"
    app = _kind(payload).new(org, payload, "ACTIVE" if active else "INACTIVE")
    org.apps[app.id] = app
    return app_bodies.body(org, app)


@ROUTES.on("GET", _ONE)
def read(org: Org, app: App) -> dict[str, Any]:
    return app_bodies.body(org, app)


@ROUTES.on("PUT", _ONE)
def update(org: Org, app: App, payload: dict[str, Any]) -> dict[str, Any]:
    """What is sent is the whole app."""
    written = _kind(payload).changes(org, app, payload)
    for name, value in written.items():
        setattr(app, name, value)
    app.last_updated = org.clock()
    return app_bodies.body(org, app)


@ROUTES.on("DELETE", _ONE)
def delete(org: Org, app: App) -> None:
    """An active app is not deleted: Okta wants it deactivated first."""
    if app.status == "ACTIVE":
        summary = "Cannot delete the app because it is still active. Deactivate it first."
        raise OktaError(403, "E0000056", summary)
    del org.apps[app.id]


@ROUTES.on("POST", f"{_ONE}/lifecycle/activate")
def activate(org: Org, app: App) -> dict[str, Any]:
    return _set_status(org, app, "ACTIVE")


@ROUTES.on("POST", f"{_ONE}/lifecycle/deactivate")
def deactivate(org: Org, app: App) -> dict[str, Any]:
    return _set_status(org, app, "INACTIVE")


@ROUTES.on("GET", "/api/v1/apps")
def search(request: Request, org: Org) -> Response:
    """List apps; `q` begins the label, `filter` is filter text over the app."""
    prefix = request.query_params.get("q", "").lower()
    criteria = filters.criteria(request.query_params)
    results = [
        app
        for app in org.apps.values()
        if app.label.lower().startswith(prefix)
        and all(test(app_bodies.body(org, app)) for test in criteria)
    ]
    return page(request, results, lambda app: app_bodies.body(org, app), default=LIST_PAGE)


@ROUTES.on("GET", f"{_ONE}/features")
@ROUTES.on("GET PUT", f"{_ONE}/features/{{feature}}")
def features(app: App) -> None:
    """The documented features API knows nothing of this app: its Provisioning tab is by hand."""
    raise invalid("feature", "Provisioning is not enabled for the app instance.")


@ROUTES.on("GET", "/api/v1/internal/apps/{saml_app}/types")
def imported_types(saml_app: SamlApp) -> dict[str, Any]:
    """The roles that Okta last read from AWS.

    Undocumented at Okta; public access-review tools read it.
    """
    names = list(saml_app.integration.roles) if saml_app.integration else []
    return {"AWSEnvironmentEnum": [], "SamlIamRole": names, "IamRole": names}


def _set_status(org: Org, app: App, status: Literal["ACTIVE", "INACTIVE"]) -> dict[str, Any]:
    app.status = status
    app.last_updated = org.clock()
    return {}


def _kind(payload: dict[str, Any]) -> Any:
    """The module that knows the kind of app that a body describes."""
    name, mode = text(payload, "name"), text(payload, "signOnMode")
    kinds = {
        (catalogue.NAME, "SAML_2_0"): saml_apps,
        (app_bodies.OPENID_NAME, "OPENID_CONNECT"): native_apps,
    }
    if (name, mode) not in kinds:
        here = " or ".join(f"{known} with {sign_on}" for known, sign_on in kinds)
        raise invalid("name", f"name: this sandbox serves {here}, not {name} with {mode}")
    return kinds[name, mode]
