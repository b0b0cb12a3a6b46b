"""Lists in pages, with one `Link` header line for each relation.

Two relations on one comma-separated line make the published provider read the first as the
next page, for ever.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.okta.errors import invalid
from sandbox.okta.org import Org, org_of

PAGE_LIMIT = 200


class Numbered(Protocol):
    serial: int


Item = TypeVar("Item", bound=Numbered)


def page(
    request: Request,
    items: Iterable[Item],
    body: Callable[[Item], dict[str, Any]],
    *,
    default: int = PAGE_LIMIT,
) -> JSONResponse:
    """One page of `items`, each written by `body`.

    `limit` and `after` are read from the query; a limit over 200 counts as 200.
    """
    org = org_of(request)
    size = min(_limit(request, default), PAGE_LIMIT, org.switches.page_size)
    after = request.query_params.get("after", "")
    ranked = sorted((rank(org, item.serial), item) for item in items)
    rest = [(key, item) for key, item in ranked if key > after] if after else ranked
    response = JSONResponse([body(item) for _, item in rest[:size]])
    response.headers.append("link", _link(request, org, "self"))
    if len(rest) > size:
        cursor = rest[size - 1][0]
        response.headers.append("link", _link(request, org, "next", after=cursor, limit=str(size)))
    return response


def rank(org: Org, serial: int) -> str:
    """A key that puts things in the order that the switch asks for, the same on each page."""
    if org.switches.order == "shuffled":
        return hashlib.sha256(org.secret + serial.to_bytes(8, "big")).hexdigest()[:16]
    position = serial if org.switches.order == "given" else 10**12 - 1 - serial
    return f"{position:012d}"


def _limit(request: Request, default: int) -> int:
    payload = request.query_params.get("limit")
    if payload is None:
        return default
    if not payload.isascii() or not payload.isdigit() or int(payload) < 1:
        raise invalid("limit", f"limit: must be a number from 1 to {PAGE_LIMIT}, not '{payload}'")
    return int(payload)


def _link(request: Request, org: Org, relation: str, **changes: str) -> str:
    query = urlencode(dict(request.query_params) | changes)
    return f'<{org.url}{request.url.path}{"?" + query if query else ""}>; rel="{relation}"'
