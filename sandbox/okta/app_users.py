"""People of an app: `/api/v1/apps/{app}/users`, assigned directly or through a group."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import federation
from sandbox.okta.assignments import checked_profile
from sandbox.okta.bodies import json_object, part, text
from sandbox.okta.errors import not_found
from sandbox.okta.models import App, AppUser, SamlApp, User
from sandbox.okta.org import Org, org_of, timestamp
from sandbox.okta.paging import page

COPIED = ("email", "firstName", "lastName", "mobilePhone", "secondEmail")


async def list_all(request: Request) -> Response:
    """Both scopes: USER first assigned directly, and GROUP through any assigned group."""
    org = org_of(request)
    app = org.app(request.path_params["app"])
    through_groups = {
        user.id: user
        for assignment in app.groups.values()
        for user in assignment.group.members.values()
    }
    everybody = through_groups | {user_id: one.user for user_id, one in app.users.items()}
    return page(request, everybody.values(), lambda user: body(org, app, user))


async def create(request: Request) -> Response:
    """`POST`: assign a person directly, with a profile of their own."""
    org = org_of(request)
    app = org.app(request.path_params["app"])
    payload = await json_object(request)
    return _assign(org, app, org.user(text(payload, "id")), payload)


async def read(request: Request) -> Response:
    org, app, user = _assigned(request)
    return JSONResponse(body(org, app, user))


async def update(request: Request) -> Response:
    org, app, user = _assigned(request)
    return _assign(org, app, user, await json_object(request))


async def delete(request: Request) -> Response:
    _, app, user = _assigned(request)
    if user.id not in app.users:
        raise not_found(user.id, "AppUser")
    del app.users[user.id]
    return Response(status_code=204)


def body(org: Org, app: App, user: User) -> dict[str, Any]:
    direct = app.users.get(user.id)
    created = direct.created if direct else user.created
    profile = {name: user.profile.get(name) for name in COPIED}
    roles = {"role": None, "samlRoles": None} if isinstance(app, SamlApp) else {}
    return {
        "id": user.id,
        "externalId": None,
        "created": timestamp(created),
        "lastUpdated": timestamp(direct.last_updated if direct else user.last_updated),
        "scope": "USER" if direct else "GROUP",
        "status": "ACTIVE",
        "statusChanged": timestamp(created),
        "syncState": "DISABLED",
        "credentials": {"userName": federation.user_name_of(app, user)},
        "profile": profile | roles | (direct.profile if direct else {}),
        "_links": {
            "app": {"href": f"{org.url}/api/v1/apps/{app.id}"},
            "user": {"href": f"{org.url}/api/v1/users/{user.id}"},
        },
    }


def _assign(org: Org, app: App, user: User, payload: dict[str, Any]) -> Response:
    now = org.clock()
    old = app.users.get(user.id)
    profile = checked_profile(org, app, part(payload, "profile"))
    named = part(payload, "credentials").get("userName")
    app.users[user.id] = AppUser(
        user=user,
        serial=old.serial if old else org.serial(),
        user_name=str(named) if named else federation.user_name_of(app, user),
        profile=(old.profile if old else {}) | profile,
        created=old.created if old else now,
        last_updated=now,
    )
    return JSONResponse(body(org, app, user))


def _assigned(request: Request) -> tuple[Org, App, User]:
    org = org_of(request)
    app = org.app(request.path_params["app"])
    user = org.users.get(request.path_params["user"])
    if user is None or not (user.id in app.users or app.groups.keys() & user.groups.keys()):
        raise not_found(request.path_params["user"], "AppUser")
    return org, app, user


_USERS = "/api/v1/apps/{app}/users"
ROUTES = [
    Route(_USERS, list_all, methods=["GET"]),
    Route(_USERS, create, methods=["POST"]),
    Route(f"{_USERS}/{{user}}", read, methods=["GET"]),
    Route(f"{_USERS}/{{user}}", update, methods=["POST"]),
    Route(f"{_USERS}/{{user}}", delete, methods=["DELETE"]),
]
