"""The administrator's view: the app with its tabs, groups, people, assignments. Read only, but
for the Provisioning tab, which has a module of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import catalogue, metadata
from sandbox.okta.authentication import session_of
from sandbox.okta.models import SamlApp
from sandbox.okta.org import Org
from sandbox.okta.rendering import PageRefused, SignInRequired, page
from sandbox.okta.routing import Routes

T = TypeVar("T")

ROWS = 50
INSTANCE = f"/admin/app/{catalogue.NAME}/instance/{{app}}"

ROUTES = Routes()


@dataclass(frozen=True)
class Rows(Generic[T]):
    """One page of a long table."""

    items: Sequence[T]
    number: int
    last: int
    total: int


@ROUTES.on("GET", "/admin")
def overview(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    others = [app for app in org.apps.values() if not isinstance(app, SamlApp)]
    return page(request, "admin_overview.html", org=org, others=others)


@ROUTES.on("GET", "/admin/groups")
def groups(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    rows = rows_of(request, list(org.groups.values()))
    return page(request, "admin_groups.html", rows=rows, apps=list(org.apps.values()))


@ROUTES.on("GET", "/admin/groups/{group}")
def group(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    shown = org.groups.get(request.path_params["group"])
    if shown is None:
        raise PageRefused(404, "Page not found", "There is no group at this address.")
    rows = rows_of(request, list(shown.members.values()))
    return page(request, "admin_group.html", group=shown, rows=rows)


@ROUTES.on("GET", "/admin/people")
def people(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    return page(request, "admin_people.html", rows=rows_of(request, list(org.users.values())))


@ROUTES.on("GET", INSTANCE)
def app_page(request: Request, org: Org) -> Response:
    """The app's General and Sign On tabs."""
    require_administrator(request, org)
    app = app_of(request, org)
    return page(
        request,
        "admin_app.html",
        app=app,
        issuer=metadata.issuer(app),
        sign_on_url=metadata.sign_on_url(org, app),
    )


@ROUTES.on("GET", f"{INSTANCE}/assignments")
def assignments(request: Request, org: Org) -> Response:
    require_administrator(request, org)
    app = app_of(request, org)
    by_priority = sorted(app.groups.values(), key=lambda one: one.priority)
    rows = rows_of(request, by_priority)
    return page(request, "admin_assignments.html", app=app, rows=rows, people=app.users.values())


def require_administrator(request: Request, org: Org) -> None:
    """Raises SignInRequired, or PageRefused for a person who is no administrator."""
    session = session_of(request, org)
    if session is None:
        raise SignInRequired
    if not session.user.is_administrator:
        message = "Your account has no administrator role in this org."
        raise PageRefused(403, "You do not have access to the Admin Console", message)


def app_of(request: Request, org: Org) -> SamlApp:
    app = org.apps.get(request.path_params["app"])
    if not isinstance(app, SamlApp):
        raise PageRefused(404, "Page not found", "There is no app at this address.")
    return app


def rows_of(request: Request, items: Sequence[T]) -> Rows[T]:
    last = max(1, math.ceil(len(items) / ROWS))
    payload = request.query_params.get("page", "1")
    number = min(max(int(payload), 1), last) if payload.isdecimal() else 1
    return Rows(items[(number - 1) * ROWS : number * ROWS], number, last, len(items))
