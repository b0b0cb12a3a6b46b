"""Who is in which group: `/api/v1/groups/{group}/users`."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import users
from sandbox.okta.errors import forbidden
from sandbox.okta.models import Group
from sandbox.okta.org import Org
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes

ROUTES = Routes()


@ROUTES.on("PUT", "/api/v1/groups/{group}/users/{member}")
def add(org: Org, group: Group, member: str) -> None:
    """204, also when the user is in already."""
    org.join(_own(group), org.user(member))


@ROUTES.on("DELETE", "/api/v1/groups/{group}/users/{member}")
def remove(org: Org, group: Group, member: str) -> None:
    user = org.user(member)
    org.leave(_own(group), user)
    for rule in org.rules.values():
        rule.granted.discard((group.id, user.id))


@ROUTES.on("GET", "/api/v1/groups/{group}/users")
def members(request: Request, org: Org, group: Group) -> Response:
    return page(request, group.members.values(), lambda user: users.body(org, user))


def _own(group: Group) -> Group:
    if group.type != "OKTA_GROUP":  # Everyone is Okta's own, an APP_GROUP its directory's
        raise forbidden()
    return group
