"""The groups of a person, as far as the program says; others are left alone."""

from collections.abc import Iterable

import httpx

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org, retry_for
from sandbox.plugins.schema import Calls, Changed, Resource
from sandbox.plugins.values import Values

VISIBLE_SECONDS = 10


def _add(org: Org, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"failed to add user ({user}) to group ({group})"):
            org.put(f"/api/v1/groups/{group}/users/{user}")


def _remove(org: Org, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"failed to remove user ({user}) from group ({group})"):
            org.delete_if_there(f"/api/v1/groups/{group}/users/{user}")


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    user, groups = inputs["userId"], inputs["groups"]
    _add(org, user, groups)

    def arrived() -> None:
        if not set(groups) <= _groups_of(org, user):
            raise OktaError(f"user ({user}) did not have expected group memberships", 0)

    retry_for(VISIBLE_SECONDS, arrived)
    return user, {}


def read(org: Org, user: str, state: Values) -> Values | None:
    """With one group missing, all counts as gone and is made again. There is no import."""
    if not state:
        return None
    try:
        real = _groups_of(org, user)
    except OktaError as error:
        if error.status == httpx.codes.NOT_FOUND:
            return None
        raise
    return {"userId": user} if set(state["groups"]) <= real else None


def update(org: Org, user: str, state: Values, inputs: Values, changed: Changed) -> None:
    old, new = set(state["groups"]), set(inputs["groups"])
    _add(org, user, sorted(new - old))
    _remove(org, user, sorted(old - new))


def delete(org: Org, user: str, state: Values) -> None:
    _remove(org, user, state["groups"])


def _groups_of(org: Org, user: str) -> set[str]:
    with error_context("unable to complete group check for user"):
        return {group["id"] for group in org.list_all(f"/api/v1/users/{user}/groups", limit=None)}


USER_GROUP_MEMBERSHIPS = Resource(
    type="okta:index/userGroupMemberships:UserGroupMemberships",
    inputs=published.inputs("okta:index/userGroupMemberships:UserGroupMemberships"),
    calls=Calls(create, read, update, delete),
    reads_after=lambda inputs, changed: False,
)
