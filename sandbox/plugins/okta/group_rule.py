"""Rules that put people into groups by an expression over their profile."""

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Calls, Changed, Resource
from sandbox.plugins.validation import max_length
from sandbox.plugins.values import Values

RULES = "/api/v1/groups/rules"


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create group rule"):
        identifier: str = org.post(RULES, _body(inputs))["id"]
    if inputs["status"] == "ACTIVE":
        _set_status(org, identifier, "activate")
    return identifier, {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
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


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    """Only an inactive rule can be changed."""
    wanted = inputs["status"]
    if "status" in changed:
        _set_status(org, identifier, "activate" if wanted == "ACTIVE" else "deactivate")
    if not changed - {"status", "removeAssignedUsers"}:
        return
    if wanted == "ACTIVE":
        _set_status(org, identifier, "deactivate")
    with error_context("failed to update group rule"):
        org.put(f"{RULES}/{identifier}", _body(inputs))
    if wanted == "ACTIVE":
        _set_status(org, identifier, "activate")


def delete(org: Org, identifier: str, state: Values) -> None:
    if state["status"] == "ACTIVE":
        _set_status(org, identifier, "deactivate")
    with error_context("failed to delete group rule"):
        remove = "true" if state.get("removeAssignedUsers") else "false"
        org.delete(f"{RULES}/{identifier}", removeUsers=remove)


def _set_status(org: Org, identifier: str, verb: str) -> None:
    with error_context("failed to change group rule status"):
        org.post(f"{RULES}/{identifier}/lifecycle/{verb}")


def _body(inputs: Values) -> Values:
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


GROUP_RULE = Resource(
    type="okta:group/rule:Rule",
    inputs=published.inputs(
        "okta:group/rule:Rule",
        name={"generated": 255, "valid": (max_length(50),)},
        status={"supported": ("ACTIVE", "INACTIVE")},
    ),
    calls=Calls(create, read, update, delete),
)
