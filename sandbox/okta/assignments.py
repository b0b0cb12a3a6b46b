"""Groups assigned to an app: `/api/v1/apps/{app}/groups`, with priorities and role names."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta.errors import invalid
from sandbox.okta.models import App, Group, GroupAssignment, SamlApp
from sandbox.okta.org import Org, lookup, timestamp
from sandbox.okta.paging import page, rank
from sandbox.okta.routing import Routes, part

LIST_PAGE = 20

_GROUPS = "/api/v1/apps/{app}/groups"
ROUTES = Routes()


def body(org: Org, app: App, assignment: GroupAssignment) -> dict[str, Any]:
    app_url = f"{org.url}/api/v1/apps/{app.id}"
    return {
        "id": assignment.group.id,
        "lastUpdated": timestamp(assignment.last_updated),
        "priority": assignment.priority,
        "profile": _profile_shown(org, app, assignment.profile),
        "_links": {
            "app": {"href": app_url},
            "self": {"href": f"{app_url}/groups/{assignment.group.id}"},
            "group": {"href": f"{org.url}/api/v1/groups/{assignment.group.id}"},
        },
    }


@ROUTES.on("PUT", f"{_GROUPS}/{{group}}")
def assign(org: Org, app: App, group: Group, payload: dict[str, Any]) -> dict[str, Any]:
    """Assign the group, or change its profile and priority.

    A priority left out keeps the old one, or takes the place after the last.
    """
    profile = checked_profile(org, app, part(payload, "profile"))
    priority = _priority_in(payload, org.switches.largest_priority)
    old = app.groups.get(group.id)
    if priority is None:
        priority = old.priority if old else _last_priority(app) + 1
    assignment = GroupAssignment(
        group=group,
        serial=old.serial if old else org.serial(),
        priority=priority,
        profile=profile,
        last_updated=org.clock(),
    )
    app.groups[group.id] = assignment
    make_room(app, assignment)
    renumber(org, app)
    return body(org, app, assignment)


@ROUTES.on("GET", f"{_GROUPS}/{{group_id}}")
def read(org: Org, app: App, group_id: str) -> dict[str, Any]:
    return body(org, app, lookup(app.groups, group_id, "ApplicationGroup"))


@ROUTES.on("DELETE", f"{_GROUPS}/{{group_id}}")
def unassign(org: Org, app: App, group_id: str) -> None:
    del app.groups[lookup(app.groups, group_id, "ApplicationGroup").group.id]
    renumber(org, app)


@ROUTES.on("GET", _GROUPS)
def list_all(request: Request, org: Org, app: App) -> Response:
    return page(request, app.groups.values(), lambda one: body(org, app, one), default=LIST_PAGE)


def checked_profile(org: Org, app: App, profile: dict[str, Any]) -> dict[str, Any]:
    """The profile of an assignment, refused when it names a role that Okta has not imported.

    Nobody outside knows whether Okta's API refuses that; its pages offer imported roles only.
    The switch `strict_roles` decides.
    """
    names = profile.get("samlRoles")
    if names is not None and not (
        isinstance(names, list) and all(isinstance(name, str) for name in names)
    ):
        raise invalid("samlRoles", "samlRoles: must be a list of role names")
    if not org.switches.strict_roles or not isinstance(app, SamlApp):
        return profile
    imported = app.integration.roles if app.integration else {}
    single = [profile["role"]] if profile.get("role") else []
    for name in [*(names or []), *single]:
        if name not in imported:
            raise invalid("samlRoles", f"samlRoles: {_why_unknown(app, name)}")
    return profile


def _why_unknown(app: SamlApp, name: str) -> str:
    if app.integration is None:
        return f"'{name}' is not known: no API integration has imported roles from AWS yet"
    return f"'{name}' is not among the roles imported from AWS; refresh the application data"


def _priority_in(payload: dict[str, Any], largest: int) -> int | None:
    priority = payload.get("priority")
    if priority is None:
        return None
    # The published schema says int32 and gives no other bound.
    if not isinstance(priority, int) or isinstance(priority, bool) or not 0 <= priority <= largest:
        raise invalid(
            "priority", f"priority: must be a number from 0 to {largest}, not {priority!r}"
        )
    return priority


def _last_priority(app: App) -> int:
    return max((assignment.priority for assignment in app.groups.values()), default=-1)


def make_room(app: App, placed: GroupAssignment) -> None:
    """Shift whom the placed one collides with, and only those: gaps stay as they are."""
    by_priority = {
        assignment.priority: assignment
        for assignment in app.groups.values()
        if assignment is not placed
    }
    taken = placed.priority
    while (pushed := by_priority.get(taken)) is not None:
        taken += 1
        pushed.priority = taken


def renumber(org: Org, app: App) -> None:
    """Close the gaps between priorities, if the org does that."""
    start = {"from-0": 0, "from-1": 1}.get(org.switches.renumber_priorities)
    if start is None:
        return
    ordered = sorted(app.groups.values(), key=lambda assignment: assignment.priority)
    for number, assignment in enumerate(ordered, start):
        assignment.priority = number


def _profile_shown(org: Org, app: App, profile: dict[str, Any]) -> dict[str, Any]:
    shown = dict(profile)
    if org.switches.assignment_nulls and isinstance(app, SamlApp):
        shown = {"role": None, "samlRoles": None} | shown
    if shown.get("samlRoles") and org.switches.order != "given":
        order = {name: rank(org, place) for place, name in enumerate(shown["samlRoles"])}
        shown["samlRoles"] = sorted(shown["samlRoles"], key=order.__getitem__)
    return shown
