"""The sandbox's own switchboard, for another process: `/sandbox/...`, with the API token.

None of this exists at Okta, which is why it does not live under `/api`. Faults have an endpoint of
their own: `sandbox.fault_control`.
"""

import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.okta import factors, groups
from sandbox.okta.errors import invalid, invalid_token
from sandbox.okta.org import Org
from sandbox.okta.routing import Routes, text

ROUTES = Routes()


@ROUTES.on("GET", "/sandbox/switches")
def read_switches(request: Request, org: Org) -> dict[str, Any]:
    _require_token(request, org)
    return asdict(org.switches)


@ROUTES.on("PATCH", "/sandbox/switches")
def change_switches(request: Request, org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    """`PATCH /sandbox/switches {"page_size": 2}`"""
    _require_token(request, org)
    try:
        org.switches = org.switches.with_changes(payload)
    except ValueError as error:
        raise invalid("switches", str(error)) from None
    return asdict(org.switches)


@ROUTES.on("POST", "/sandbox/directory-groups")
def import_group(request: Request, org: Org, payload: dict[str, Any]) -> Response:
    """`POST /sandbox/directory-groups {"name": "aws-admins", "members": ["ada@example.com"]}`

    As a directory's import does: makes an APP_GROUP, or sets the members of the one that has this
    name. Okta's own API can't; `source` is `active_directory` unless it is sent.
    """
    _require_token(request, org)
    name, source = text(payload, "name"), text(payload, "source", "active_directory")
    logins = payload.get("members") or []
    if not isinstance(logins, list):
        raise invalid("members", "members: must be a list of logins")
    members = [org.user(str(login)) for login in logins]
    imported = [g for g in org.groups.values() if (g.name, g.source) == (name, source)]
    description = text(payload, "description", "")
    group = imported[0] if imported else groups.new(org, name, description, "APP_GROUP", source)
    for user in list(group.members.values()):
        org.leave(group, user)
    for user in members:
        org.join(group, user)
    return JSONResponse(groups.body(org, group), 201)


@ROUTES.on("POST", "/sandbox/factors")
def passcode(request: Request, org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/factors {"login": "ada@example.com"}`: the code that her phone shows now.

    Sets a factor up for who has none; with `"push": true` Okta Verify's push beside it.
    """
    _require_token(request, org)
    user = org.user(text(payload, "login"))
    factor = factors.passcode_factor(user) or factors.new(org, user, "GOOGLE")
    if payload.get("push") and len(user.factors) == 1:
        factors.new(org, user, "OKTA", factors.PUSH)
    # A code counts once: after it was used, the phone's next one, which is taken a little early.
    unused = datetime.fromtimestamp((factor.last_step + 1) * factors.STEP, UTC)
    code = factors.passcode(factor.secret, max(org.clock(), unused))
    return {"passCode": code, "sharedSecret": factor.secret, "factorId": factor.id}


@ROUTES.on("GET", "/sandbox/requests")
def served(request: Request, org: Org) -> list[dict[str, Any]]:
    """What was asked so far, oldest first."""
    _require_token(request, org)
    return [asdict(one) for one in org.requests]


def _require_token(request: Request, org: Org) -> None:
    payload = request.headers.get("authorization", "")
    if not secrets.compare_digest(payload.encode(), f"SSWS {org.token}".encode()):
        raise invalid_token()
