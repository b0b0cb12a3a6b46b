"""One person's assignment to an app. Ids are the person's."""

import json

from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import FLAG, JSON, Input, Resource, compact
from sandbox.plugins.validation import json_text
from sandbox.plugins.values import Values


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to assign user to application"):
        org.post(_users(inputs), _body(inputs) | {"id": inputs["userId"], "scope": "USER"})
    return inputs["userId"], {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    """An import's id is `<app>/<user>`."""
    if not state:
        app, _, user = identifier.partition("/")
        state = {"appId": app, "userId": user}
    with error_context("failed to get application's user"):
        found = org.get_or_none(f"{_users(state)}/{state['userId']}")
    if found is None:
        return None
    profile = {name: v for name, v in (found.get("profile") or {}).items() if v is not None}
    return {
        "id": found["id"],
        "appId": state["appId"],
        "profile": compact(json.dumps(profile)),
        "userId": found["id"],
        "username": (found.get("credentials") or {}).get("userName") or "",
    }


def update(
    org: Org, identifier: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    with error_context("failed to update application's user"):
        org.post(f"{_users(inputs)}/{identifier}", _body(inputs))


def delete(org: Org, identifier: str, state: Values) -> None:
    if not state.get("retainAssignment"):
        with error_context("failed to delete application's user"):
            org.delete(f"{_users(state)}/{state['userId']}")


def _users(state: Values) -> str:
    return f"/api/v1/apps/{state['appId']}/users"


def _body(inputs: Values) -> Values:
    body: Values = {}
    if username := inputs.get("username"):
        body["credentials"] = {"userName": username}
    if "profile" in inputs:
        body["profile"] = json.loads(inputs["profile"])
    return body


APP_USER = Resource(
    type="okta:app/user:User",
    inputs={
        "appId": Input(required=True),
        "password": Input(supported=False),
        "profile": Input(value_type=JSON, suppressed=True, valid=(json_text,)),
        "retainAssignment": Input(value_type=FLAG),
        "userId": Input(required=True),
        "username": Input(suppressed=True),
    },
    outputs=("hasSharedUsername",),
    secrets=("password",),
    create=create,
    read=read,
    update=update,
    delete=delete,
)
