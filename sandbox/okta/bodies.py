"""Reading what a client sent, with Okta's refusals for what does not fit."""

import json
from typing import Any

from starlette.requests import Request

from sandbox.okta.errors import invalid, malformed


async def json_object(request: Request) -> dict[str, Any]:
    """The request's JSON object; an empty body counts as `{}`."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise malformed() from None
    if not isinstance(body, dict):
        raise malformed()
    return body


def part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`; absent or null counts as `{}`."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(name, f"{name}: must be an object")
    return value


def text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """The string under `name`, which must be there and not empty unless a default is given."""
    value = body.get(name)
    if value is None:
        value = default
    if value is None or (value == "" and default is None):
        raise invalid(name, f"{name}: The field cannot be left blank")
    if not isinstance(value, str):
        raise invalid(name, f"{name}: must be a string")
    return value
