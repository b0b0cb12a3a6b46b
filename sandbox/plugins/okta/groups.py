"""Groups, and the groups of a person."""

import time

from sandbox.plugins.okta.org import Org
from sandbox.plugins.protocol import CloudError, PartlyCreated
from sandbox.plugins.schema import Input, Kind, Values

VISIBLE_SECONDS = 10


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    group = org.request("POST", "/api/v1/groups", json=body(inputs)).json()
    deadline = time.monotonic() + VISIBLE_SECONDS
    pause = 0.1
    while (found := read(org, group["id"], {})) is None:
        if time.monotonic() > deadline:
            raise PartlyCreated(group["id"], {}, f"group {group['id']} does not become visible")
        time.sleep(pause)
        pause *= 2
    return group["id"], found


def body(inputs: Values) -> Values:
    return {"profile": {"name": inputs["name"], "description": inputs.get("description", "")}}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    group = org.find(f"/api/v1/groups/{identifier}")
    if group is None:
        return None
    return {
        "name": group["profile"]["name"],
        "description": group["profile"].get("description") or "",
    }


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    org.request("PUT", f"/api/v1/groups/{identifier}", json=body(new))
    return read(org, identifier, {}) or {}


def delete(org: Org, identifier: str, state: Values) -> None:
    if org.find(f"/api/v1/groups/{identifier}") is not None:
        org.request("DELETE", f"/api/v1/groups/{identifier}")


def join(org: Org, inputs: Values) -> tuple[str, Values]:
    for group in inputs["groups"]:
        org.request("PUT", f"/api/v1/groups/{group}/users/{inputs['userId']}")
    return inputs["userId"], {}


def read_memberships(org: Org, identifier: str, state: Values) -> Values | None:
    """One missing group, and the whole resource counts as gone: the next update makes it again."""
    if org.find(f"/api/v1/users/{identifier}") is None:
        return None
    real = {group["id"] for group in org.every(f"/api/v1/users/{identifier}/groups")}
    if not set(state["groups"]) <= real:
        return None
    return {"userId": identifier, "groups": state["groups"]}


def change_memberships(org: Org, identifier: str, old: Values, new: Values) -> Values:
    for group in sorted(set(new["groups"]) - set(old["groups"])):
        org.request("PUT", f"/api/v1/groups/{group}/users/{identifier}")
    for group in sorted(set(old["groups"]) - set(new["groups"])):
        org.request("DELETE", f"/api/v1/groups/{group}/users/{identifier}")
    return {}


def leave(org: Org, identifier: str, state: Values) -> None:
    for group in state["groups"]:
        if org.find(f"/api/v1/groups/{group}") is None:
            continue
        try:
            org.request("DELETE", f"/api/v1/groups/{group}/users/{identifier}")
        except CloudError as error:
            raise CloudError(
                f"failed to remove user {identifier} from group {group}: {error}"
            ) from error


def as_set(groups: list[str] | None) -> list[str]:
    return sorted(groups or [])


KINDS = (
    Kind(
        type="okta:group/group:Group",
        inputs=(
            Input("customProfileAttributes"),
            Input("description", default=""),
            Input("name"),
            Input("skipUsers"),
        ),
        outputs=(),
        longest_name=255,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
    Kind(
        type="okta:index/userGroupMemberships:UserGroupMemberships",
        inputs=(
            Input("groups", required=True, meaning=as_set),
            Input("userId", required=True, replaces=True),
        ),
        outputs=(),
        create=join,
        read=read_memberships,
        update=change_memberships,
        delete=leave,
    ),
)
