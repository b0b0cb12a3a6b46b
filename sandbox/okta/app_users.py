"""People of an app: `/api/v1/apps/{app}/users`, assigned directly or through a group.

And the app user's schema, for the one thing it decides here: whether the roles of several groups
are combined. `/api/v1/meta/schemas/apps/{app}/default`, `definitions.base.properties.samlRoles`.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import federation
from sandbox.okta.assignments import checked_profile
from sandbox.okta.errors import invalid, not_found
from sandbox.okta.models import App, AppUser, SamlApp, User
from sandbox.okta.org import Org, timestamp
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, part, text

COPIED = ("email", "firstName", "lastName", "mobilePhone", "secondEmail")

_USERS = "/api/v1/apps/{app}/users"
_SCHEMA = "/api/v1/meta/schemas/apps/{saml_app}/default"
ROUTES = Routes()


@ROUTES.on("GET", _USERS)
def list_all(request: Request, org: Org, app: App) -> Response:
    """Both scopes: USER first assigned directly, and GROUP through any assigned group."""
    through_groups = {
        user.id: user
        for assignment in app.groups.values()
        for user in assignment.group.members.values()
    }
    everybody = through_groups | {user_id: one.user for user_id, one in app.users.items()}
    return page(request, everybody.values(), lambda user: body(org, app, user))


@ROUTES.on("POST", _USERS)
def create(org: Org, app: App, payload: dict[str, Any]) -> dict[str, Any]:
    """Assign a person directly, with a profile of their own."""
    return _assign(org, app, org.user(text(payload, "id")), payload)


@ROUTES.on("GET", f"{_USERS}/{{app_user}}")
def read(org: Org, app: App, app_user: str) -> dict[str, Any]:
    return body(org, app, _assigned(org, app, app_user))


@ROUTES.on("POST", f"{_USERS}/{{app_user}}")
def update(org: Org, app: App, app_user: str, payload: dict[str, Any]) -> dict[str, Any]:
    return _assign(org, app, _assigned(org, app, app_user), payload)


@ROUTES.on("DELETE", f"{_USERS}/{{app_user}}")
def delete(app: App, app_user: str) -> None:
    if app_user not in app.users:  # also a person who has the app through a group
        raise not_found(app_user, "AppUser")
    del app.users[app_user]


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


def _assign(org: Org, app: App, user: User, payload: dict[str, Any]) -> dict[str, Any]:
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
    return body(org, app, user)


def _assigned(org: Org, app: App, user_id: str) -> User:
    user = org.users.get(user_id)
    if user is None or not (user_id in app.users or app.groups.keys() & user.groups.keys()):
        raise not_found(user_id, "AppUser")
    return user


@ROUTES.on("GET", _SCHEMA)
def read_schema(org: Org, saml_app: SamlApp) -> dict[str, Any]:
    return schema_body(org, saml_app)


@ROUTES.on("POST", _SCHEMA)
def update_schema(org: Org, saml_app: SamlApp, payload: dict[str, Any]) -> dict[str, Any]:
    """`union` is ENABLE ("combine values across groups") or DISABLE ("group priority")."""
    base = part(part(payload, "definitions"), "base")
    union = part(part(base, "properties"), "samlRoles").get("union")
    if union not in ("ENABLE", "DISABLE"):
        raise invalid("union", f"union: must be ENABLE or DISABLE, not {union!r}")
    saml_app.union_roles = union == "ENABLE"
    return schema_body(org, saml_app)


def schema_body(org: Org, app: SamlApp) -> dict[str, Any]:
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
