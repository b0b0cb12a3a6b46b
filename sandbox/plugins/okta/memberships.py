"""Who is in which group: the groups of a person, and the people of a group."""

from collections.abc import Iterable

import httpx

from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org, retry_for
from sandbox.plugins.schema import FLAG, SET, Input, Resource
from sandbox.plugins.values import Values

VISIBLE_SECONDS = 10


def _add(org: Org, pairs: Iterable[tuple[str, str]]) -> None:
    for group, user in pairs:
        with error_context(f"failed to add user ({user}) to group ({group})"):
            org.put(f"/api/v1/groups/{group}/users/{user}")


def _remove(org: Org, pairs: Iterable[tuple[str, str]]) -> None:
    for group, user in pairs:
        with error_context(f"failed to remove user ({user}) from group ({group})"):
            org.delete_if_there(f"/api/v1/groups/{group}/users/{user}")


def create_user_memberships(org: Org, inputs: Values) -> tuple[str, Values]:
    user, groups = inputs["userId"], inputs["groups"]
    _add(org, ((group, user) for group in groups))

    def arrived() -> None:
        if not set(groups) <= _groups_of(org, user):
            raise OktaError(f"user ({user}) did not have expected group memberships", 0)

    retry_for(VISIBLE_SECONDS, arrived)
    return user, {}


def read_user_memberships(org: Org, user: str, state: Values) -> Values | None:
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


def update_user_memberships(
    org: Org, user: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    old, new = set(state["groups"]), set(inputs["groups"])
    _add(org, ((group, user) for group in sorted(new - old)))
    _remove(org, ((group, user) for group in sorted(old - new)))


def delete_user_memberships(org: Org, user: str, state: Values) -> None:
    _remove(org, ((group, user) for group in state["groups"]))


def _groups_of(org: Org, user: str) -> set[str]:
    with error_context("unable to complete group check for user"):
        return {group["id"] for group in org.list_all(f"/api/v1/users/{user}/groups", limit=None)}


def create_group_memberships(org: Org, inputs: Values) -> tuple[str, Values]:
    group = inputs["groupId"]
    _add(org, ((group, user) for user in inputs["users"]))
    return group, {}


def read_group_memberships(org: Org, group: str, state: Values) -> Values | None:
    """A group that is gone has no members."""
    try:
        with error_context("unable to list users of group"):
            real = [user["id"] for user in org.list_all(f"/api/v1/groups/{group}/users")]
    except OktaError as error:
        if error.status != httpx.codes.NOT_FOUND:
            raise
        real = []
    if state and not state.get("trackAllUsers"):
        real = [user for user in state["users"] if user in real]
    return {"groupId": group, "users": real}


def update_group_memberships(
    org: Org, group: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    """A refusal (400) goes unheard, as in the published plugin: the next refresh shows it."""
    old, new = set(state["users"]), set(inputs["users"])
    for call, users in ((_add, new - old), (_remove, old - new)):
        for user in sorted(users):
            try:
                call(org, [(group, user)])
            except OktaError as error:
                if error.status != httpx.codes.BAD_REQUEST:
                    raise


def delete_group_memberships(org: Org, group: str, state: Values) -> None:
    _remove(org, ((group, user) for user in state["users"]))


USER_GROUP_MEMBERSHIPS = Resource(
    type="okta:index/userGroupMemberships:UserGroupMemberships",
    inputs={
        "groups": Input(value_type=SET, required=True),
        "userId": Input(required=True, replaces=True),
    },
    create=create_user_memberships,
    read=read_user_memberships,
    update=update_user_memberships,
    delete=delete_user_memberships,
    reads_after=lambda inputs, changed: False,
)
GROUP_MEMBERSHIPS = Resource(
    type="okta:index/groupMemberships:GroupMemberships",
    inputs={
        "groupId": Input(required=True, replaces=True),
        "trackAllUsers": Input(value_type=FLAG),
        "users": Input(value_type=SET, required=True),
    },
    create=create_group_memberships,
    read=read_group_memberships,
    update=update_group_memberships,
    delete=delete_group_memberships,
    reads_after=lambda inputs, changed: not changed,
)
