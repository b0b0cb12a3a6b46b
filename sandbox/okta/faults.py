"""How the org plays a queued fault: Okta's error bodies and headers, or no answer at all.

What a fault is, and the queue, is in `sandbox.faults`.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.responses import Response
from starlette.types import Receive, Scope

from sandbox.faults import Fault
from sandbox.okta.errors import (
    OktaError,
    forbidden,
    internal,
    invalid_token,
    too_many_requests,
    unauthenticated,
)

TRANSPORT = "transport"
"""Key in the request's state: the connection, which a fault may close."""


def answer(fault: Fault) -> Response:
    """The response of an `error`, `body` or `expired-credentials`."""
    if fault.effect == "body":
        return Response(fault.body, 200, media_type=fault.content_type)
    if fault.effect == "expired-credentials":
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return invalid_token(challenge).response()
    usual = {
        401: unauthenticated(),
        403: forbidden(),
        429: too_many_requests(),
        500: internal(),
    }.get(fault.status, OktaError(fault.status, "E0000009", f"Injected answer {fault.status}"))
    return OktaError(
        fault.status, fault.code or usual.code, fault.message or usual.summary
    ).response()


def headers(fault: Fault, now: datetime) -> Mapping[str, str]:
    """What the answer says of time; `Date` included, as clients subtract it from the reset."""
    extra = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.effect != "error" or fault.status != 429 or fault.bare:
        return extra
    reset = now + timedelta(seconds=fault.reset_in)
    return extra | {
        "Date": format_datetime(now, usegmt=True),
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Reset": str(int(reset.timestamp())),
    }


async def disconnect(scope: Scope, receive: Receive) -> None:
    """Close the connection at once; returns when the server has seen it."""
    scope["state"][TRANSPORT].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def hang(seconds: float, scope: Scope, receive: Receive) -> None:
    await asyncio.sleep(seconds)
    await disconnect(scope, receive)
