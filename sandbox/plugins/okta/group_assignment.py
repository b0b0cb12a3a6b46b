"""One group's assignment to an app. Ids are the group's."""

import json

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import JSON, Calls, Changed, Values, compact
from sandbox.plugins.validation import json_text

WHAT = "application group assignment"


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context(f"failed to create {WHAT}"):
        org.put(_path(inputs), _body(inputs))
    return inputs["groupId"], {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    """An import's id is `<app>/<group>`."""
    if not state:
        app, _, group = identifier.partition("/")
        state = {"appId": app, "groupId": group}
    with error_context(f"failed to get {WHAT}"):
        found = org.get_or_none(_path(state))
    if found is None:
        return None
    return {
        "id": found["id"],
        "appId": state["appId"],
        "groupId": state["groupId"],
        "priority": found.get("priority"),
        "profile": compact(json.dumps(found.get("profile"))),
    }


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context(f"failed to update {WHAT}"):
        # What the program does not say is sent again as it is, lest Okta clears it.
        org.put(_path(inputs), _body({"priority": state.get("priority")} | inputs))


def delete(org: Org, identifier: str, state: Values) -> None:
    """If somebody else has ended the assignment, this fails: as it does in the published plugin."""
    if not state.get("retainAssignment"):
        with error_context(f"failed to delete {WHAT}"):
            org.delete(_path(state))


def _path(state: Values) -> str:
    return f"/api/v1/apps/{state['appId']}/groups/{state['groupId']}"


def _body(inputs: Values) -> Values:
    body: Values = {}
    if "profile" in inputs:
        body["profile"] = json.loads(inputs["profile"])
    # The published plugin can't tell 0 from "not set", and never sends it.
    if priority := inputs.get("priority"):
        body["priority"] = priority
    return body


GROUP_ASSIGNMENT = published.resource(
    "okta:app/groupAssignment:GroupAssignment",
    Calls(create, read, update, delete),
    profile={"value_type": JSON, "valid": (json_text,)},
)
