"""Okta groups."""

import json

import httpx

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org, retry_for
from sandbox.plugins.schema import JSON, Calls, Changed, Resource, compact
from sandbox.plugins.validation import json_text
from sandbox.plugins.values import Values

VISIBLE_SECONDS = 10
"""How long a new group is waited for: not every part of Okta knows of it at once."""


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create group"):
        identifier: str = org.post("/api/v1/groups", _body(inputs))["id"]

    def visible() -> None:
        if org.get_or_none(_path(identifier)) is None:
            reason = f"group '{identifier}' hasn't been created after multiple checks"
            raise OktaError(reason, httpx.codes.NOT_FOUND)

    # One that stays invisible is in no state: the published plugin sets the id only after this.
    retry_for(VISIBLE_SECONDS, visible)
    return identifier, {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    with error_context("failed to get group"):
        found = org.get_or_none(_path(identifier))
    if found is None:
        return None
    profile = dict(found["profile"])
    outputs = {"name": profile.pop("name"), "description": profile.pop("description", None) or ""}
    custom = {name: value for name, value in profile.items() if value is not None}
    return outputs | {"customProfileAttributes": compact(json.dumps(custom))}


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update group"):
        org.put(_path(identifier), _body(inputs))


def delete(org: Org, identifier: str, state: Values) -> None:
    with error_context("failed to delete group"):
        org.delete(_path(identifier))


def _path(identifier: str) -> str:
    return f"/api/v1/groups/{identifier}"


def _body(inputs: Values) -> Values:
    profile = json.loads(inputs.get("customProfileAttributes") or "{}")
    profile |= {"name": inputs["name"], "description": inputs.get("description", "")}
    return {"profile": profile}


GROUP = Resource(
    type="okta:group/group:Group",
    inputs=published.inputs(
        "okta:group/group:Group",
        customProfileAttributes={"value_type": JSON, "valid": (json_text,)},
        name={"generated": 255},
    ),
    calls=Calls(create, read, update, delete),
)
