"""Groups: `/api/v1/groups`."""

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import app_bodies, filters, identifiers
from sandbox.okta.errors import forbidden, invalid
from sandbox.okta.models import Group
from sandbox.okta.org import Org, record_body, timestamp
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, part, text

LONGEST_NAME = 255
EVERYONE = "Everyone"
OBJECT_CLASSES = {"active_directory": "okta:windows_security_principal"}

ROUTES = Routes()


def new(
    org: Org,
    name: str,
    description: str | None,
    type: Literal["OKTA_GROUP", "BUILT_IN", "APP_GROUP"] = "OKTA_GROUP",
    source: str = "okta",
) -> Group:
    """Add a group to the org. Raises OktaError 400 for a name that is taken or too long.

    An APP_GROUP is mastered by the directory `source`, which may have any name twice.
    """
    if type != "APP_GROUP":
        _refuse_name(org, name)
    group = Group(
        **org.new_record(identifiers.GROUP),
        profile={"name": name, "description": description},
        last_membership_updated=org.clock(),
        type=type,
        source=source,
    )
    org.groups[group.id] = group
    return group


def body(org: Org, group: Group) -> dict[str, Any]:
    here = f"{org.url}/api/v1/groups/{group.id}"
    return {
        **record_body(group),
        "lastMembershipUpdated": timestamp(group.last_membership_updated),
        "objectClass": [OBJECT_CLASSES.get(group.source, "okta:user_group")],
        "type": group.type,
        "profile": group.profile,
        "_links": {
            "logo": [],
            "users": {"href": f"{here}/users"},
            "apps": {"href": f"{here}/apps"},
        },
    }


@ROUTES.on("POST", "/api/v1/groups")
def create(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    profile = part(payload, "profile")
    group = new(org, text(profile, "name"), text(profile, "description", ""))
    return body(org, group)


@ROUTES.on("GET", "/api/v1/groups/{group}")
def read(org: Org, group: Group) -> dict[str, Any]:
    return body(org, group)


@ROUTES.on("PUT", "/api/v1/groups/{group}")
def update(org: Org, group: Group, payload: dict[str, Any]) -> dict[str, Any]:
    if group.type != "OKTA_GROUP":  # Okta or a directory masters it
        raise forbidden()
    profile = part(payload, "profile")
    name = text(profile, "name")
    if name != group.name:
        _refuse_name(org, name)
    group.profile = {"name": name, "description": text(profile, "description", "")}
    group.last_updated = org.clock()
    return body(org, group)


@ROUTES.on("DELETE", "/api/v1/groups/{group}")
def delete(org: Org, group: Group) -> None:
    """Delete a group, and with it its memberships and its assignments to apps."""
    if group.type == "BUILT_IN":
        raise forbidden()
    for user in group.members.values():
        user.groups.pop(group.id)
    for app in org.apps.values():
        app.groups.pop(group.id, None)
    del org.groups[group.id]


@ROUTES.on("GET", "/api/v1/groups")
def search(request: Request, org: Org) -> Response:
    """List groups; `q` is a prefix of the name, `filter` and `search` are Okta's filter text."""
    prefix = request.query_params.get("q", "").lower()
    criteria = filters.criteria(request.query_params)
    results = [
        group
        for group in org.groups.values()
        if group.name.lower().startswith(prefix)
        and all(test(body(org, group)) for test in criteria)
    ]
    return page(request, results, lambda group: body(org, group))


def _refuse_name(org: Org, name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise invalid("name", f"name: must be at most {LONGEST_NAME} characters")
    if any(group.name == name for group in org.groups.values() if group.type != "APP_GROUP"):
        taken = "An object with this field already exists in the current organization"
        raise invalid("name", f"name: {taken}")


@ROUTES.on("GET", "/api/v1/groups/{group}/apps")
def apps(request: Request, org: Org, group: Group) -> Response:
    """The apps that a group is assigned to."""
    assigned = [app for app in org.apps.values() if group.id in app.groups]
    return page(request, assigned, lambda app: app_bodies.body(org, app))
