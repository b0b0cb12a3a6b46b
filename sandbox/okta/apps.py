"""Apps: `/api/v1/apps`, as far as the SAML catalogue app needs it."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import app_body, catalogue, certificates, filters, identifiers
from sandbox.okta.bodies import json_object, part, text
from sandbox.okta.errors import OktaError, invalid, not_found
from sandbox.okta.expressions import parse
from sandbox.okta.org import Org, org_of
from sandbox.okta.paging import page
from sandbox.okta.records import App

LIST_PAGE = 20
TEMPLATE = {"template": "${source.login}", "type": "BUILT_IN"}


async def create(request: Request) -> Response:
    """`POST /api/v1/apps?activate=`: a new instance of the catalogue app, with a key of its own."""
    org = org_of(request)
    given = await json_object(request)
    _refuse_foreign(given)
    active = request.query_params.get("activate", "true") != "false"
    now = org.clock()
    key = certificates.new(org.id, now)
    app = App(
        id=identifiers.new(identifiers.APP),
        serial=org.serial(),
        external_key=identifiers.new(identifiers.EXTERNAL_KEY),
        created=now,
        last_updated=now,
        status="ACTIVE" if active else "INACTIVE",
        keys=[key],
        kid=key.kid,
        policy_id=next((policy.id for policy in org.policies.values() if policy.system), None),
        **_written(org, given),
    )
    org.apps[app.id] = app
    return JSONResponse(app_body.body(org, app))


async def read(request: Request) -> Response:
    org = org_of(request)
    return JSONResponse(app_body.body(org, org.app(request.path_params["app"])))


async def update(request: Request) -> Response:
    """`PUT`: what is sent is the whole app; a `kid` picks the key that signs from now on."""
    org = org_of(request)
    app = org.app(request.path_params["app"])
    given = await json_object(request)
    _refuse_foreign(given)
    written = _written(org, given)
    kid = part(part(given, "credentials"), "signing").get("kid") or app.kid
    if kid not in {key.kid for key in app.keys}:
        raise invalid("credentials", f"kid: no key '{kid}' belongs to this app")
    for name, value in written.items():
        setattr(app, name, value)
    app.kid = kid
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
    """List apps; `q` begins the label or name, `filter` is filter text over the app."""
    org = org_of(request)
    prefix = request.query_params.get("q", "").lower()
    criterion = request.query_params.get("filter")
    test = filters.parse(criterion) if criterion else None
    found = [
        app
        for app in org.apps.values()
        if (app.label.lower().startswith(prefix) or catalogue.NAME.startswith(prefix))
        and (test is None or test(app_body.body(org, app)))
    ]
    return page(request, found, lambda app: app_body.body(org, app), default=LIST_PAGE)


async def features(request: Request) -> Response:
    """The documented features API knows nothing of this app: its Provisioning tab is by hand."""
    org_of(request).app(request.path_params["app"])
    raise invalid("feature", "Provisioning is not enabled for the app instance.")


async def imported_types(request: Request) -> Response:
    """`GET /api/v1/internal/apps/{app}/types`: the roles that Okta last read from AWS.

    Undocumented at Okta; public access-review tools read it.
    """
    integration = org_of(request).app(request.path_params["app"]).integration
    names = list(integration.roles) if integration else []
    return JSONResponse({"AWSEnvironmentEnum": [], "SamlIamRole": names, "IamRole": names})


def _set_status(request: Request, status: Any) -> Response:
    org = org_of(request)
    app = org.app(request.path_params["app"])
    app.status = status
    app.last_updated = org.clock()
    return JSONResponse({})


def _refuse_foreign(given: dict[str, Any]) -> None:
    name = text(given, "name")
    if name != catalogue.NAME:
        raise not_found(name, "App definition; this sandbox has amazon_aws alone")
    mode = text(given, "signOnMode")
    if mode != "SAML_2_0":
        raise invalid("signOnMode", f"signOnMode: this sandbox serves SAML_2_0, not '{mode}'")


def _written(org: Org, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the app that a body decides, by the names of the record."""
    settings = part(given, "settings")
    visibility = part(given, "visibility")
    template = part(part(given, "credentials"), "userNameTemplate")
    notes = part(settings, "notes")
    return {
        "label": text(given, "label"),
        "accessibility": {"selfService": False} | part(given, "accessibility"),
        "visibility": {
            "autoSubmitToolbar": bool(visibility.get("autoSubmitToolbar", False)),
            "hide": {"iOS": False, "web": False} | part(visibility, "hide"),
        },
        "user_name_template": _user_name_template(template),
        "settings": catalogue.settings(part(settings, "app"), org.switches),
        "sign_on": app_body.sign_on(part(settings, "signOn")),
        "notes": {"admin": notes.get("admin"), "enduser": notes.get("enduser")},
        "implicit_assignment": bool(settings.get("implicitAssignment", False)),
    }


def _user_name_template(given: dict[str, Any]) -> dict[str, Any]:
    template = TEMPLATE | {name: value for name, value in given.items() if value}
    for expression in re.findall(r"\$\{([^}]*)\}", str(template["template"])):
        try:
            parse(expression)
        except ValueError as error:
            raise invalid("credentials", f"userNameTemplate: {expression}: {error}") from None
    return template


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
