"""The sandbox's own switchboard, for another process: `/sandbox/...`, with the API token.

None of this exists at Okta, which is why it does not live under `/api`. Faults have an endpoint of
their own: `sandbox.fault_control`.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import factors, groups, totp
from sandbox.okta.bodies import json_object, text
from sandbox.okta.errors import invalid, invalid_token
from sandbox.okta.org import Org, org_of


async def read_switches(request: Request) -> Response:
    return JSONResponse(asdict(_org(request).switches))


async def change_switches(request: Request) -> Response:
    """`PATCH /sandbox/switches {"group_lag": 2}`"""
    org = _org(request)
    try:
        org.switches = org.switches.with_changes(await json_object(request))
    except ValueError as error:
        raise invalid("switches", str(error)) from None
    return JSONResponse(asdict(org.switches))


async def import_group(request: Request) -> Response:
    """`POST /sandbox/directory-groups {"name": "aws-admins", "members": ["ada@example.com"]}`

    As a directory's import does: makes an APP_GROUP, or sets the members of the one that has this
    name. Okta's own API can't; `source` is `active_directory` unless it is sent.
    """
    org = _org(request)
    payload = await json_object(request)
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


async def passcode(request: Request) -> Response:
    """`POST /sandbox/factors {"login": "ada@example.com"}`: the code that her phone shows now.

    Sets a factor up for who has none; with `"push": true` Okta Verify's push beside it.
    """
    org = _org(request)
    payload = await json_object(request)
    user = org.user(text(payload, "login"))
    factor = factors.active_factor(user) or factors.new(org, user, "GOOGLE")
    factor.status = "ACTIVE"
    if payload.get("push") and factors.active_factors(user) == [factor]:
        factors.new(org, user, "OKTA", factors.PUSH).status = "ACTIVE"
    # A code counts once: after it was used, the phone's next one, which is taken a little early.
    unused = datetime.fromtimestamp((factor.last_step + 1) * totp.STEP, UTC)
    code = totp.code(factor.secret, max(org.clock(), unused))
    return JSONResponse({"passCode": code, "sharedSecret": factor.secret, "factorId": factor.id})


async def served(request: Request) -> Response:
    """What was asked so far, oldest first."""
    return JSONResponse([asdict(one) for one in _org(request).requests])


def _org(request: Request) -> Org:
    org = org_of(request)
    payload = request.headers.get("authorization", "")
    if not secrets.compare_digest(payload.encode(), f"SSWS {org.token}".encode()):
        raise invalid_token()
    return org


ROUTES = [
    Route("/sandbox/switches", read_switches, methods=["GET"]),
    Route("/sandbox/switches", change_switches, methods=["PATCH"]),
    Route("/sandbox/directory-groups", import_group, methods=["POST"]),
    Route("/sandbox/factors", passcode, methods=["POST"]),
    Route("/sandbox/requests", served, methods=["GET"]),
]
