"""What every request passes, before and after its handler.

In this order: the path is brought to origin form, the caller is known, the request is counted,
a fault may strike; on the way out come Okta's headers, the log and, whatever happens, an answer.
"""

import asyncio
import logging
import re
import time
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Fault
from sandbox.okta import consistency, faults, identifiers
from sandbox.okta.authentication import Caller, caller_of
from sandbox.okta.errors import OktaError, internal, too_many_requests
from sandbox.okta.org import Org, Served, by_name

LOG = logging.getLogger(__name__)

OPEN_PATHS = ("/api/v1/authn", "/api/v1/sessions")
TOKEN_SHARE = 0.5
"""The part of a bucket that one API token or client may use: Okta's default is half."""

_AUTHORITY = re.compile(r"^https?://[^/]*")
_SECRET_PARAMETERS = re.compile(r"((?:token|sessionToken|client_assertion)=)[^&]*")


class Middleware:
    """An ASGI application around the org's routes."""

    def __init__(self, routes: ASGIApp, org: Org) -> None:
        self.routes = routes
        self.org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.routes(scope, receive, send)
            return
        to_origin_form(scope)
        by_name.set(scope["scheme"] == "https")
        to_sign_in_page(scope)
        reply = Reply(self.org, scope, send)
        struck = self.org.faults.take(f"{scope['method']} {scope['path']}")
        await asyncio.sleep(struck.delay)
        try:
            await self._pass(scope, receive, reply, struck.fault)
        except Exception:
            # A dropped connection makes the published provider retry for ever: always answer,
            # unless a fault drops it. What broke in a handler was answered and logged before.
            if not reply.begun:
                LOG.exception("%s %s failed", scope["method"], scope["path"])
                await internal().response()(scope, receive, reply.send)

    async def _pass(
        self, scope: Scope, receive: Receive, reply: "Reply", fault: Fault | None
    ) -> None:
        path, method = scope["path"], scope["method"]
        refusal: OktaError | None = None
        caller = Caller(name="anonymous")
        if path.startswith("/api/v1/") and not path.startswith(OPEN_PATHS):
            try:
                caller = caller_of(Request(scope), self.org, path)
            except OktaError as error:
                refusal = error
        if path.startswith(("/api/", "/oauth2/", "/.well-known/")):
            refusal = self._count(method, path, caller, reply) or refusal
        scope.setdefault("state", {})["caller"] = caller
        if fault is None and refusal is not None:
            await refusal.response()(scope, receive, reply.send)
        elif fault is None:
            await self._read_or_write(scope, receive, reply)
        elif fault.effect == "lag":
            await self._write_unseen(scope, receive, reply, fault.reads)
        else:
            if fault.after and refusal is None:
                await consistency.capture(self.routes, scope, receive)
                self.org.on_change()
            await self._play(fault, scope, receive, reply)

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, reply: "Reply") -> None:
        """The fault in place of an answer."""
        LOG.info("fault %d: %s on %s %s", fault.id, fault.effect, scope["method"], scope["path"])
        if fault.effect in ("disconnect", "hang"):
            reply.note(0)
            await faults.hang(fault.seconds, scope, receive)
            return
        reply.bare = fault.bare
        reply.extra |= faults.headers(fault, self.org.clock())
        await faults.answer(fault)(scope, receive, reply.send)

    async def _read_or_write(self, scope: Scope, receive: Receive, reply: "Reply") -> None:
        """The answer; to a read, without what lags behind."""
        unseen = self.org.unseen
        if scope["method"] != "GET" or not unseen or not scope["path"].startswith("/api/v1/"):
            await self.routes(scope, receive, reply.send)
            return
        response = await consistency.capture(self.routes, scope, receive)
        for write in unseen:
            response = write.apply(scope["path"], response)
        self.org.unseen = [write for write in unseen if write.reads > 0]
        await response.send(reply.send)

    async def _write_unseen(
        self, scope: Scope, receive: Receive, reply: "Reply", reads: int
    ) -> None:
        method, path = scope["method"], scope["path"]
        old = await consistency.before(self.routes, scope)
        response = await consistency.capture(self.routes, scope, receive)
        write = consistency.unseen(method, path, old, response, reads)
        if write is not None:
            self.org.unseen.append(write)
        await response.send(reply.send)

    def _count(self, method: str, path: str, caller: Caller, reply: "Reply") -> OktaError | None:
        standing = self.org.limits.count(
            method=method,
            path=path,
            caller=caller.name,
            now=self.org.clock(),
            scale=TOKEN_SHARE
            * self.org.switches.rate_limit_scale
            * self.org.faults.rate_limit_scale,
        )
        reply.extra |= standing.headers
        return too_many_requests() if standing.exceeded else None


class Reply:
    """The way out: adds Okta's headers and notes what was answered."""

    def __init__(self, org: Org, scope: Scope, send: Send) -> None:
        self.org = org
        self.begun = False
        self.bare = False
        self.extra: dict[str, str] = {}
        self._scope = scope
        self._send = send
        self._came = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._may_change():
                self.org.on_change()
            self.begun = True
            # Before it is sent: who has the answer finds the request noted.
            self.note(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in self._headers().items():
                headers[name] = value
        await self._send(message)

    def note(self, status: int) -> None:
        """Log and remember the request; status 0: no answer."""
        method, path = self._scope["method"], self._scope["path"]
        query = redacted(self._scope["query_string"].decode("latin-1"))
        took = (time.perf_counter() - self._came) * 1000
        LOG.info("%s %s %d %.0f ms", method, path, status, took)
        self.org.requests.append(Served(method=method, path=path, query=query, status=status))

    def _may_change(self) -> bool:
        """Sign-in pages begin sessions by GET; the API and static files change nothing by it."""
        path = self._scope["path"]
        return self._scope["method"] != "GET" or not path.startswith(("/api/", "/static/", "/.we"))

    def _headers(self) -> dict[str, str]:
        request_id = {"X-Okta-Request-Id": identifiers.new("", 27)}
        if self.bare:
            return request_id
        date = format_datetime(self.org.clock(), usegmt=True)
        return request_id | {"Date": date} | self.extra


def to_origin_form(scope: Scope) -> None:
    """Keep the path alone: as a forward proxy we are asked for `http://host[:port]/path`.

    The published provider's newer clients drop the port on the way, so nothing but the path
    can be relied upon.
    """
    scope["path"] = _AUTHORITY.sub("", scope["path"]) or "/"
    scope["raw_path"] = _AUTHORITY.sub("", scope["raw_path"].decode("latin-1")).encode() or b"/"


def to_sign_in_page(scope: Scope) -> None:
    """AWS's sign-in page, asked for by its own name, is the copy that the org serves."""
    if scope["scheme"] == "https" and scope["path"] == "/saml":
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").partition(":")[0]
        scope["path"] = f"/{host}/saml"


def redacted(query: str) -> str:
    """The query string without the secrets that sign-in carries in it."""
    return _SECRET_PARAMETERS.sub(r"\1...", query)
