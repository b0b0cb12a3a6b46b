"""People: `/api/v1/users` and the life cycle behind it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import filters, group_rules, groups, identifiers, passwords
from sandbox.okta.errors import OktaError, forbidden, invalid, not_found, wrong_state
from sandbox.okta.models import User
from sandbox.okta.org import Org, record_body, timestamp
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, part, text

REQUIRED = ("login", "email", "firstName", "lastName")
STANDARD = (*REQUIRED, "mobilePhone", "secondEmail")
"""Attributes that every profile shows, null when unset."""

SELF_WRITABLE = frozenset({"firstName", "lastName", "email", "mobilePhone", "secondEmail"})
"""What people may change of themselves. `login` is READ_ONLY for SELF in the schema that Okta's
reference shows; which further attributes are READ_WRITE is an org's own setting: here none, since
group rules decide by them."""

ROUTES = Routes()


def new(org: Org, profile: dict[str, Any], *, password: str | None, activate: bool) -> User:
    """Add a person to the org, and to the group Everyone.

    Without a password an activated person is PROVISIONED: they may not sign in yet.
    Raises OktaError 400 for a profile that lacks a required attribute or whose login is taken.
    """
    _refuse_profile(org, profile, None)
    activated = "ACTIVE" if password else "PROVISIONED"
    user = User(
        **org.new_record(identifiers.USER),
        profile=_complete(profile),
        status=activated if activate else "STAGED",
        password=passwords.protect(password) if password else None,
    )
    org.users[user.id] = user
    org.logins[user.login.lower()] = user
    org.join(org.everyone, user)
    group_rules.refresh_person(org, user)
    return user


def body(org: Org, user: User) -> dict[str, Any]:
    here = f"{org.url}/api/v1/users/{user.id}"
    credentials: dict[str, Any] = {"provider": {"type": "OKTA", "name": "OKTA"}}
    if user.password:
        credentials["password"] = {}
    last_login = timestamp(user.last_login) if user.last_login else None
    return {
        **record_body(user),
        "status": user.status,
        "activated": None if user.status == "STAGED" else timestamp(user.created),
        "statusChanged": timestamp(user.last_updated),
        "lastLogin": last_login,
        "passwordChanged": timestamp(user.created) if user.password else None,
        "type": {"id": "oty" + org.id[3:]},
        "profile": user.profile,
        "credentials": credentials,
        "_links": {"self": {"href": here}},
    }


@ROUTES.on("POST", "/api/v1/users")
def create(request: Request, org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    activate = request.query_params.get("activate", "true") != "false"
    user = new(org, part(payload, "profile"), password=_password_in(payload), activate=activate)
    return body(org, user)


@ROUTES.on("GET", "/api/v1/users/{user}")
def read(org: Org, user: User) -> dict[str, Any]:
    return body(org, user)


@ROUTES.on("PUT", "/api/v1/users/{user}")
def replace(request: Request, org: Org, user: User, payload: dict[str, Any]) -> dict[str, Any]:
    """The profile sent is the whole profile."""
    by_session = request.state.caller.by_session
    # People can't take away what they may not write.
    return _change(org, user, payload, user.profile if by_session else {}, by_session=by_session)


@ROUTES.on("POST", "/api/v1/users/{user}")
def update(request: Request, org: Org, user: User, payload: dict[str, Any]) -> dict[str, Any]:
    """Attributes that are not sent stay as they are."""
    return _change(org, user, payload, user.profile, by_session=request.state.caller.by_session)


@ROUTES.on("DELETE", "/api/v1/users/{user}")
def delete(org: Org, user: User) -> None:
    """The first call deprovisions, the second forgets."""
    if user.status != "DEPROVISIONED":
        _set_status(org, user, "DEPROVISIONED")
        return
    for group in user.groups.values():
        group.members.pop(user.id)
    for app in org.apps.values():
        app.users.pop(user.id, None)
    del org.users[user.id]
    del org.logins[user.login.lower()]


@ROUTES.on("POST", "/api/v1/users/{user}/lifecycle/{verb}")
def change_status(org: Org, user: User, verb: str) -> dict[str, Any]:
    """Refused from a status that the verb does not fit."""
    if verb not in _VERBS:
        raise not_found(verb, "Lifecycle operation")
    fitting, refusal = _VERBS[verb]
    if user.status not in fitting:
        raise wrong_state(refusal)
    active = "ACTIVE" if user.password else "PROVISIONED"
    status = {"deactivate": "DEPROVISIONED", "suspend": "SUSPENDED"}.get(verb, active)
    _set_status(org, user, status)
    return {}


@ROUTES.on("GET", "/api/v1/users")
def search(request: Request, org: Org) -> Response:
    """List people; `q` begins a name or the e-mail, `filter` and `search` are filter text.

    DEPROVISIONED people appear only when a filter or search asks.
    """
    criteria = filters.criteria(request.query_params)
    prefix = request.query_params.get("q", "").lower()
    results = [
        user
        for user in org.users.values()
        if (criteria or user.status != "DEPROVISIONED")
        and _begins(user, prefix)
        and all(test(_searchable(user)) for test in criteria)
    ]
    return page(request, results, lambda user: body(org, user))


@ROUTES.on("GET", "/api/v1/users/{user}/groups")
def groups_of(request: Request, org: Org, user: User) -> Response:
    return page(request, user.groups.values(), lambda group: groups.body(org, group))


@ROUTES.on("GET", "/api/v1/users/{user}/roles")
def admin_roles(user: User) -> list[dict[str, Any]]:
    role = {"id": "ra1" + user.id[3:], "label": "Super Administrator", "type": "SUPER_ADMIN"}
    return [role | {"status": "ACTIVE"}] if user.is_administrator else []


def _change(
    org: Org, user: User, payload: dict[str, Any], unchanged: dict[str, Any], *, by_session: bool
) -> dict[str, Any]:
    changes = part(payload, "profile")
    if by_session:
        _refuse_self_service(user, payload, changes)
    profile = unchanged | changes
    _refuse_profile(org, profile, user)
    del org.logins[user.login.lower()]
    user.profile = _complete(profile)
    org.logins[user.login.lower()] = user
    password = _password_in(payload)
    if password:
        user.password = passwords.protect(password)
    user.last_updated = org.clock()
    group_rules.refresh_person(org, user)
    return body(org, user)


def _refuse_self_service(user: User, payload: dict[str, Any], changes: dict[str, Any]) -> None:
    """Raises OktaError 403 if people may not change this of themselves (the code is a guess)."""
    changed = {name for name, value in changes.items() if value != user.profile.get(name)}
    if payload.keys() - {"profile"} or not changed <= SELF_WRITABLE:
        raise forbidden()


def _set_status(org: Org, user: User, status: str) -> None:
    user.status = status
    user.failed_sign_ins = user.failed_codes = 0
    user.last_updated = org.clock()


def _complete(profile: dict[str, Any]) -> dict[str, Any]:
    return {name: profile.get(name) for name in STANDARD} | {
        name: value for name, value in profile.items() if value is not None
    }


def _password_in(payload: dict[str, Any]) -> str | None:
    password = part(part(payload, "credentials"), "password").get("value")
    if password is not None and (not isinstance(password, str) or len(password) < 8):
        requirement = "Password requirements were not met: at least 8 characters"
        raise OktaError(400, "E0000001", "Api validation failed: password", requirement)
    return password


def _refuse_profile(org: Org, profile: dict[str, Any], owner: User | None) -> None:
    for name in REQUIRED:
        text(profile, name)
    if "@" not in profile["login"]:
        raise invalid("login", "login: Username must be in the form of an email address")
    holder = org.logins.get(profile["login"].lower())
    if holder is not None and holder is not owner:
        taken = "An object with this field already exists in the current organization"
        raise invalid("login", f"login: {taken}")


def _searchable(user: User) -> dict[str, Any]:
    """The part of a person's body that filters ask for: writing all of it 5,000 times is slow."""
    updated = timestamp(user.last_updated)
    return {"id": user.id, "status": user.status, "profile": user.profile, "lastUpdated": updated}


def _begins(user: User, prefix: str) -> bool:
    names = (user.profile.get(name) or "" for name in ("firstName", "lastName", "email"))
    return any(str(name).lower().startswith(prefix) for name in names)


_VERBS = {
    "activate": (
        ("STAGED", "DEPROVISIONED"),
        "Activation failed because the user is already active",
    ),
    "deactivate": (
        ("STAGED", "PROVISIONED", "ACTIVE", "SUSPENDED", "LOCKED_OUT"),
        "Deactivation failed because the user is already deactivated",
    ),
    "reactivate": (("PROVISIONED",), "The user is not waiting for its activation"),
    "suspend": (("ACTIVE",), "Cannot suspend a user that is not active"),
    "unsuspend": (("SUSPENDED",), "Cannot unsuspend a user that is not suspended"),
    "unlock": (("LOCKED_OUT",), "Unlock is not allowed for this user."),
}
"""Verb -> the statuses it fits, and the refusal from any other."""
