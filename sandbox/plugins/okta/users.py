"""`okta.user.User`, as far as people without a password of ours go: Okta mails them."""

from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Input, Kind, Values

ATTRIBUTES = ("department", "displayName", "email", "firstName", "lastName", "login", "title")
# A person who has not chosen a password yet counts as active.
ACTIVE = {"ACTIVE", "PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY"}


def profile(inputs: Values) -> Values:
    return {name: inputs[name] for name in ATTRIBUTES if name in inputs}


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    body = {"credentials": {}, "profile": profile(inputs) | {"postalAddress": None}}
    made = org.request("POST", "/api/v1/users", json=body).json()
    return made["id"], read(org, made["id"], {}) or {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    user = org.find(f"/api/v1/users/{identifier}")
    if user is None:
        return None
    known = {name: user["profile"].get(name) for name in ATTRIBUTES}
    status = "ACTIVE" if user["status"] in ACTIVE else user["status"]
    return {**known, "rawStatus": user["status"], "status": status}


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    org.request("PUT", f"/api/v1/users/{identifier}", json={"profile": profile(new)})
    return read(org, identifier, {}) or {}


def delete(org: Org, identifier: str, state: Values) -> None:
    """The first call deactivates, the second deletes."""
    path = f"/api/v1/users/{identifier}"
    if state.get("status") != "DEPROVISIONED":
        org.request("DELETE", path)
    org.request("DELETE", path)


KINDS = (
    Kind(
        type="okta:user/user:User",
        inputs=(
            Input("department"),
            Input("displayName"),
            Input("email", required=True),
            Input("firstName", required=True),
            Input("lastName", required=True),
            Input("login", required=True),
            Input("status", default="ACTIVE"),
            Input("title"),
        ),
        outputs=("rawStatus",),
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
