"""Who is in which group: `/api/v1/groups/{group}/users`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.okta import users
from sandbox.okta.errors import forbidden
from sandbox.okta.models import Group, User
from sandbox.okta.org import Org, org_of
from sandbox.okta.paging import page


async def add(request: Request) -> Response:
    """`PUT /api/v1/groups/{group}/users/{user}`: 204, also when the user is in already."""
    org = org_of(request)
    group, user = _both(request, org)
    org.join(group, user)
    return Response(status_code=204)


async def remove(request: Request) -> Response:
    org = org_of(request)
    group, user = _both(request, org)
    for rule in org.rules.values():
        rule.granted.discard((group.id, user.id))
    org.leave(group, user)
    return Response(status_code=204)


async def members(request: Request) -> Response:
    org = org_of(request)
    group = org.group(request.path_params["group"])
    return page(request, group.members.values(), lambda user: users.body(org, user))


def _both(request: Request, org: Org) -> tuple[Group, User]:
    group = org.group(request.path_params["group"])
    if group.type != "OKTA_GROUP":  # Everyone is Okta's own, an APP_GROUP its directory's
        raise forbidden()
    return group, org.user(request.path_params["user"])


ROUTES = [
    Route("/api/v1/groups/{group}/users", members, methods=["GET"]),
    Route("/api/v1/groups/{group}/users/{user}", add, methods=["PUT"]),
    Route("/api/v1/groups/{group}/users/{user}", remove, methods=["DELETE"]),
]
