"""The sandbox's own switchboard, for another process: `/sandbox/...`, with the API token.

None of this exists at Okta, which is why it does not live under `/api`. Faults have an endpoint of
their own: `sandbox.fault_control`.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta.bodies import json_object
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
    Route("/sandbox/requests", served, methods=["GET"]),
]
