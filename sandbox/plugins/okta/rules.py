"""`okta.group.Rule`: who is in a group by an expression over their profile."""

from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Input, Kind, Values

EXPRESSION = "urn:okta:expression:1.0"


def body(inputs: Values) -> Values:
    expression = {"type": inputs["expressionType"], "value": inputs["expressionValue"]}
    return {
        "type": "group_rule",
        "name": inputs["name"],
        "actions": {"assignUserToGroups": {"groupIds": inputs["groupAssignments"]}},
        "conditions": {
            "expression": expression,
            "people": {"users": {"exclude": inputs.get("usersExcluded", [])}},
        },
    }


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    rule = org.request("POST", "/api/v1/groups/rules", json=body(inputs)).json()
    if inputs["status"] == "ACTIVE":
        org.request("POST", f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate")
    return rule["id"], {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    rule = org.find(f"/api/v1/groups/rules/{identifier}")
    if rule is None:
        return None
    return {
        "expressionType": rule["conditions"]["expression"]["type"],
        "expressionValue": rule["conditions"]["expression"]["value"],
        "groupAssignments": rule["actions"]["assignUserToGroups"]["groupIds"],
        "name": rule["name"],
        "status": rule["status"],
    }


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    """Only an inactive rule can be changed."""
    path = f"/api/v1/groups/rules/{identifier}"
    if old["status"] == "ACTIVE":
        org.request("POST", f"{path}/lifecycle/deactivate")
    org.request("PUT", path, json=body(new))
    if new["status"] == "ACTIVE":
        org.request("POST", f"{path}/lifecycle/activate")
    return {}


def delete(org: Org, identifier: str, state: Values) -> None:
    path = f"/api/v1/groups/rules/{identifier}"
    if org.find(path) is None:
        return
    if state["status"] == "ACTIVE":
        org.request("POST", f"{path}/lifecycle/deactivate")
    remove = "true" if state.get("removeAssignedUsers") else "false"
    org.request("DELETE", path, params={"removeUsers": remove})


KINDS = (
    Kind(
        type="okta:group/rule:Rule",
        inputs=(
            Input("expressionType", default=EXPRESSION),
            Input("expressionValue", required=True),
            Input("groupAssignments", required=True, replaces=True),
            Input("name"),
            Input("removeAssignedUsers"),
            Input("status", default="ACTIVE"),
            Input("usersExcluded"),
        ),
        outputs=(),
        longest_name=50,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
