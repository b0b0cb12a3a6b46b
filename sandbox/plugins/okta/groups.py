"""Okta groups, the rules that put people into them by an expression, and people's memberships."""

import json
from collections.abc import Iterable

import httpx

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org, retry_for
from sandbox.plugins.schema import JSON, Calls, Changed, Values, compact
from sandbox.plugins.validation import json_text, max_length

RULES = "/api/v1/groups/rules"
VISIBLE_SECONDS = 10
"""How long a new group or membership is waited for: not every part of Okta knows of it at once."""


def create_group(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create group"):
        identifier: str = org.post("/api/v1/groups", _group_body(inputs))["id"]

    def visible() -> None:
        if org.get_or_none(_group_path(identifier)) is None:
            reason = f"group '{identifier}' hasn't been created after multiple checks"
            raise OktaError(reason, httpx.codes.NOT_FOUND)

    # One that stays invisible is in no state: the published plugin sets the id only after this.
    retry_for(VISIBLE_SECONDS, visible)
    return identifier, {}


def read_group(org: Org, identifier: str, state: Values) -> Values | None:
    with error_context("failed to get group"):
        found = org.get_or_none(_group_path(identifier))
    if found is None:
        return None
    profile = dict(found["profile"])
    outputs = {"name": profile.pop("name"), "description": profile.pop("description", None) or ""}
    custom = {name: value for name, value in profile.items() if value is not None}
    return outputs | {"customProfileAttributes": compact(json.dumps(custom))}


def update_group(
    org: Org, identifier: str, state: Values, inputs: Values, changed: Changed
) -> None:
    with error_context("failed to update group"):
        org.put(_group_path(identifier), _group_body(inputs))


def delete_group(org: Org, identifier: str, state: Values) -> None:
    with error_context("failed to delete group"):
        org.delete(_group_path(identifier))


def _group_path(identifier: str) -> str:
    return f"/api/v1/groups/{identifier}"


def _group_body(inputs: Values) -> Values:
    profile = json.loads(inputs.get("customProfileAttributes") or "{}")
    profile |= {"name": inputs["name"], "description": inputs.get("description", "")}
    return {"profile": profile}


GROUP = published.resource(
    "okta:group/group:Group",
    Calls(create_group, read_group, update_group, delete_group),
    customProfileAttributes={"value_type": JSON, "valid": (json_text,)},
    name={"generated": 255},
)


def create_rule(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create group rule"):
        identifier: str = org.post(RULES, _rule_body(inputs))["id"]
    if inputs["status"] == "ACTIVE":
        _set_status(org, identifier, "activate")
    return identifier, {}


def read_rule(org: Org, identifier: str, state: Values) -> Values | None:
    with error_context("failed to get group rule"):
        found = org.get_or_none(f"{RULES}/{identifier}")
    if found is None:
        return None
    conditions = found["conditions"]
    people = conditions.get("people") or {}
    return {
        "expressionType": conditions["expression"]["type"],
        "expressionValue": conditions["expression"]["value"],
        "groupAssignments": found["actions"]["assignUserToGroups"]["groupIds"],
        "name": found["name"],
        "status": found["status"],
        "usersExcluded": (people.get("users") or {}).get("exclude") or None,
    }


def update_rule(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    """Only an inactive rule can be changed."""
    wanted = inputs["status"]
    if "status" in changed:
        _set_status(org, identifier, "activate" if wanted == "ACTIVE" else "deactivate")
    if not changed - {"status", "removeAssignedUsers"}:
        return
    if wanted == "ACTIVE":
        _set_status(org, identifier, "deactivate")
    with error_context("failed to update group rule"):
        org.put(f"{RULES}/{identifier}", _rule_body(inputs))
    if wanted == "ACTIVE":
        _set_status(org, identifier, "activate")


def delete_rule(org: Org, identifier: str, state: Values) -> None:
    if state["status"] == "ACTIVE":
        _set_status(org, identifier, "deactivate")
    with error_context("failed to delete group rule"):
        remove = "true" if state.get("removeAssignedUsers") else "false"
        org.delete(f"{RULES}/{identifier}", removeUsers=remove)


def _set_status(org: Org, identifier: str, verb: str) -> None:
    with error_context("failed to change group rule status"):
        org.post(f"{RULES}/{identifier}/lifecycle/{verb}")


def _rule_body(inputs: Values) -> Values:
    expression = {"type": inputs["expressionType"], "value": inputs["expressionValue"]}
    excluded = inputs.get("usersExcluded")
    return {
        "type": "group_rule",
        "name": inputs["name"],
        "actions": {"assignUserToGroups": {"groupIds": inputs["groupAssignments"]}},
        "conditions": {
            "expression": expression,
            "people": {"users": {"exclude": excluded} if excluded else {}},
        },
    }


GROUP_RULE = published.resource(
    "okta:group/rule:Rule",
    Calls(create_rule, read_rule, update_rule, delete_rule),
    name={"generated": 255, "valid": (max_length(50),)},
    status={"supported": ("ACTIVE", "INACTIVE")},
)


def _add(org: Org, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"failed to add user ({user}) to group ({group})"):
            org.put(f"/api/v1/groups/{group}/users/{user}")


def _remove(org: Org, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"failed to remove user ({user}) from group ({group})"):
            org.delete_if_there(f"/api/v1/groups/{group}/users/{user}")


def create_memberships(org: Org, inputs: Values) -> tuple[str, Values]:
    user, groups = inputs["userId"], inputs["groups"]
    _add(org, user, groups)

    def arrived() -> None:
        if not set(groups) <= _groups_of(org, user):
            raise OktaError(f"user ({user}) did not have expected group memberships", 0)

    retry_for(VISIBLE_SECONDS, arrived)
    return user, {}


def read_memberships(org: Org, user: str, state: Values) -> Values | None:
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


def update_memberships(
    org: Org, user: str, state: Values, inputs: Values, changed: Changed
) -> None:
    old, new = set(state["groups"]), set(inputs["groups"])
    _add(org, user, sorted(new - old))
    _remove(org, user, sorted(old - new))


def delete_memberships(org: Org, user: str, state: Values) -> None:
    _remove(org, user, state["groups"])


def _groups_of(org: Org, user: str) -> set[str]:
    with error_context("unable to complete group check for user"):
        return {group["id"] for group in org.list_all(f"/api/v1/users/{user}/groups", limit=None)}


USER_GROUP_MEMBERSHIPS = published.resource(
    "okta:index/userGroupMemberships:UserGroupMemberships",
    Calls(create_memberships, read_memberships, update_memberships, delete_memberships),
    reads_after=lambda inputs, changed: False,
)
