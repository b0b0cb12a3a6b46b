"""`okta.app.GroupAssignment`: one group's assignment to an app."""

import json
from typing import Any

from sandbox.plugins.okta.org import Org
from sandbox.plugins.protocol import CloudError
from sandbox.plugins.schema import Input, Kind, Values


def meaning(text: Any) -> Any:
    """A profile by its content, nulls included; the order of its arrays counts."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def path(state: Values) -> str:
    return f"/api/v1/apps/{state['appId']}/groups/{state['groupId']}"


def assign(org: Org, inputs: Values) -> Values:
    body: Values = {}
    if "profile" in inputs:
        body["profile"] = json.loads(inputs["profile"])
    # The published provider can't tell 0 from "not set", and never sends it.
    if inputs.get("priority"):
        body["priority"] = inputs["priority"]
    try:
        org.request("PUT", path(inputs), json=body)
    except CloudError as error:
        raise CloudError(f"failed to create application group assignment: {error}") from error
    return found_at(org, inputs) or {}


def found_at(org: Org, state: Values) -> Values | None:
    found = org.find(path(state))
    if found is None:
        return None
    profile = json.dumps(found.get("profile"), sort_keys=True, separators=(",", ":"))
    return {
        "appId": state["appId"],
        "groupId": state["groupId"],
        "priority": found.get("priority"),
        "profile": profile,
        "retainAssignment": state.get("retainAssignment", False),
    }


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    return inputs["groupId"], assign(org, inputs)


def read(org: Org, identifier: str, state: Values) -> Values | None:
    if state:
        return found_at(org, state)
    app, _, group = identifier.partition("/")
    found = found_at(org, {"appId": app, "groupId": group})
    return found and found | {"id": group}


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    return assign(org, new)


def delete(org: Org, identifier: str, state: Values) -> None:
    if not state.get("retainAssignment"):
        org.request("DELETE", path(state))


KINDS = (
    Kind(
        type="okta:app/groupAssignment:GroupAssignment",
        inputs=(
            Input("appId", required=True, replaces=True),
            Input("groupId", required=True, replaces=True),
            Input("priority"),
            Input("profile", meaning=meaning),
            Input("retainAssignment"),
        ),
        outputs=(),
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
