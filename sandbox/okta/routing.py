"""Routes, what their handlers are called with, and reading what a client sent.

A handler names what it needs: `request`, `org`, `session` (of the browser's cookie, or None),
`payload` (the JSON object that was sent), `form`, and the parts of its path. A part such as `{app}`
that the org can look up arrives as what it names, and is Okta's 404 if there is none. A handler
answers with what is JSON, with nothing (204), or with a response of its own.
"""

import inspect
import json
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta.authentication import session_of
from sandbox.okta.errors import invalid, malformed, not_found
from sandbox.okta.models import User
from sandbox.okta.org import Org, org_of

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Routes(list[Route]):
    """The routes of one subject, in the order in which they are tried."""

    def on(self, methods: str, *paths: str) -> Callable[[Handler], Handler]:
        """Decorates the handler of `methods`, such as `"GET POST"`, on the paths."""

        def add(handler: Handler) -> Handler:
            for path in paths:
                self.append(Route(path, _endpoint(handler), methods=methods.split()))
            return handler

        return add


def _endpoint(handler: Callable[..., Any]) -> Callable[[Request], Any]:
    names = tuple(inspect.signature(handler).parameters)

    async def endpoint(request: Request) -> Response:
        org = org_of(request)
        answer = handler(**{name: await _argument(name, request, org) for name in names})
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Response):
            return answer
        return Response(status_code=204) if answer is None else JSONResponse(answer)

    return endpoint


async def _argument(name: str, request: Request, org: Org) -> Any:
    match name:
        case "request":
            return request
        case "org":
            return org
        case "session":
            return session_of(request, org)
        case "payload":
            return await json_object(request)
        case "form":
            return await request.form()
        case "user":
            return _user(request, org)
    find = getattr(org, name, None)
    part = request.path_params[name]
    return find(part) if find else part


def _user(request: Request, org: Org) -> User:
    """The user that the path names by id, by login, or as `me`."""
    part = request.path_params["user"]
    if part != "me":
        return org.user(part)
    caller: User | None = request.state.caller.user
    if caller is None:
        raise not_found("me", "User")
    return caller


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
