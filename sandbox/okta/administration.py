"""The administrator's view: the app with its tabs, groups, people, assignments. Read only, but
for the Provisioning tab, which has a module of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.okta import catalogue, metadata, pages
from sandbox.okta.authentication import session_of
from sandbox.okta.models import SamlApp, User
from sandbox.okta.org import Org, org_of
from sandbox.okta.rendering import PageRefused, page

T = TypeVar("T")

ROWS = 50
INSTANCE = f"/admin/app/{catalogue.NAME}/instance/{{app}}"


@dataclass(frozen=True)
class Rows(Generic[T]):
    """One page of a long table."""

    items: Sequence[T]
    number: int
    last: int
    total: int


async def overview(request: Request) -> Response:
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    others = [app for app in org.apps.values() if not isinstance(app, SamlApp)]
    return page(request, "admin_overview.html", org=org, others=others)


async def groups(request: Request) -> Response:
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    rows = rows_of(request, list(org.groups.values()))
    return page(request, "admin_groups.html", rows=rows, apps=list(org.apps.values()))


async def group(request: Request) -> Response:
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    shown = org.groups.get(request.path_params["group"])
    if shown is None:
        raise PageRefused(404, "Page not found", "There is no group at this address.")
    rows = rows_of(request, list(shown.members.values()))
    return page(request, "admin_group.html", group=shown, rows=rows)


async def people(request: Request) -> Response:
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    rows = rows_of(request, list(org.users.values()))
    return page(request, "admin_people.html", rows=rows)


async def app_page(request: Request) -> Response:
    """The app's General and Sign On tabs."""
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    app = app_of(request, org)
    return page(
        request,
        "admin_app.html",
        app=app,
        issuer=metadata.issuer(app),
        sign_on_url=metadata.sign_on_url(org, app),
    )


async def assignments(request: Request) -> Response:
    org = org_of(request)
    if administrator(request) is None:
        return pages.to_sign_in(request)
    app = app_of(request, org)
    by_priority = sorted(app.groups.values(), key=lambda one: one.priority)
    rows = rows_of(request, by_priority)
    return page(request, "admin_assignments.html", app=app, rows=rows, people=app.users.values())


def administrator(request: Request) -> User | None:
    """The signed-in administrator; None when nobody is signed in.

    Raises PageRefused for a person who is no administrator.
    """
    session = session_of(request, org_of(request))
    if session is None:
        return None
    if not session.user.is_administrator:
        message = "Your account has no administrator role in this org."
        raise PageRefused(403, "You do not have access to the Admin Console", message)
    return session.user


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


ROUTES = [
    Route("/admin", overview, methods=["GET"]),
    Route("/admin/groups", groups, methods=["GET"]),
    Route("/admin/groups/{group}", group, methods=["GET"]),
    Route("/admin/people", people, methods=["GET"]),
    Route(INSTANCE, app_page, methods=["GET"]),
    Route(f"{INSTANCE}/assignments", assignments, methods=["GET"]),
]
