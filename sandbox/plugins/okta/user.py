"""People, when the program is what makes them."""

import re
import time

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import (
    JSON,
    TEXT,
    Calls,
    Changed,
    CloudError,
    Values,
    ValueType,
)

USERS = "/api/v1/users"
SETTLE_SECONDS = 10

LIKE_ACTIVE = ("PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY")
"""Raw statuses of people who can enter once they have followed a link or changed a password."""
MOMENTS = ("activated", "created", "lastLogin", "lastUpdated", "passwordChanged", "statusChanged")
STATUS = ValueType(
    name="string",
    zero="",
    accept=TEXT.accept,
    comparison_key=lambda status: "ACTIVE" if status in LIKE_ACTIVE else status,
)
"""Somebody who was asked for a password, or has to change it, is as good as active."""
STATUSES = ("ACTIVE", "STAGED", "DEPROVISIONED", "SUSPENDED")

REFUSED = (
    "customProfileAttributes",
    "customProfileAttributesToIgnores",
    "expirePasswordOnCreate",
    "oldPassword",
    "passwordHash",
    "passwordInlineHook",
    "realmId",
    "recoveryAnswer",
    "recoveryQuestion",
    "type",
)


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    staged = "?activate=false" if inputs["status"] == "STAGED" else ""
    password = inputs.get("password")
    body: Values = {"profile": _profile(inputs)}
    if password:
        body["credentials"] = {"password": {"value": password}}
    with error_context("failed to create user"):
        identifier: str = org.post(f"{USERS}{staged}", body)["id"]
    if inputs["status"] in ("SUSPENDED", "DEPROVISIONED"):
        _change_status(org, identifier, inputs["status"])
    return identifier, {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    with error_context("failed to get user"):
        found = org.get_or_none(f"{USERS}/{identifier}")
    if found is None:
        return None
    raw = found.get("status", "")
    return {
        **{name: found["profile"].get(name) or None for name in PROFILE},
        **{name: _moment(found.get(name)) for name in MOMENTS},
        "rawStatus": raw,
        "status": raw,
        "type": found.get("type"),
    }


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    if "status" in changed:
        _change_status(org, identifier, inputs["status"])
    if changed & set(PROFILE) or "password" in changed:
        body: Values = {"profile": _profile(inputs)}
        if "password" in changed and inputs.get("password"):
            body["credentials"] = {"password": {"value": inputs["password"]}}
        with error_context("failed to update user"):
            org.put(f"{USERS}/{identifier}", body)


def delete(org: Org, identifier: str, state: Values) -> None:
    """The first request deprovisions, the second deletes."""
    with error_context("failed to delete user"):
        if state.get("status") != "DEPROVISIONED":
            org.delete(f"{USERS}/{identifier}")
        org.delete(f"{USERS}/{identifier}")


def _moment(text: str | None) -> str | None:
    """As Go prints a time: without the milliseconds that Okta gives."""
    return re.sub(r"\.\d+Z$", "Z", text) if text else None


def _profile(inputs: Values) -> Values:
    return {"postalAddress": None} | {name: inputs[name] for name in PROFILE if inputs.get(name)}


def _change_status(org: Org, identifier: str, wanted: str) -> None:
    path = f"{USERS}/{identifier}"
    with error_context("failed to change user status"):
        real = org.get(path)["status"]
        verb = {
            "SUSPENDED": "suspend",
            "DEPROVISIONED": "deactivate",
            "ACTIVE": {"SUSPENDED": "unsuspend", "LOCKED_OUT": "unlock"}.get(real, "activate"),
        }.get(wanted)
        if verb is None:
            raise CloudError(f"a user cannot go from {real} to {wanted}")
        org.post(f"{path}/lifecycle/{verb}")
        deadline = time.monotonic() + SETTLE_SECONDS
        while org.get(path)["status"] not in (wanted, *(LIKE_ACTIVE if wanted == "ACTIVE" else ())):
            if time.monotonic() > deadline:
                raise CloudError(f"user {identifier} does not become {wanted}")
            time.sleep(0.2)


USER = published.resource(
    "okta:user/user:User",
    Calls(create, read, update, delete),
    REFUSED,
    customProfileAttributes={"value_type": JSON},
    status={"value_type": STATUS, "supported": STATUSES},
)
PROFILE = sorted(USER.inputs.keys() - {*REFUSED, "password", "skipRoles", "status"})
"""Attributes of a profile: all other arguments."""
