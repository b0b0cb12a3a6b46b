"""Eventual consistency: what a request wrote stays unseen by a number of reads.

Okta answers reads from replicas. A fault with effect `lag` on a write hides its result from the
next reads that would show it: a new object is 404 and missing in lists, a changed one answers as
before. A deleted object still answers when it is read by its own path; lists miss it at once.
Writes see everything.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.okta.errors import not_found

_MEMBERSHIP = re.compile(r"(/api/v1)/groups/([^/]+)/users/([^/]+)")


@dataclass
class Captured:
    """A response that was not sent yet."""

    start: Message = field(default_factory=lambda: {"status": 0, "headers": []})
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.start["status"])

    async def send(self, send: Send) -> None:
        """Send it on, with the length that the body has now."""
        headers = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        if self.body or self.status not in (204, 304):
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


async def capture(routes: ASGIApp, scope: Scope, receive: Receive) -> Captured:
    """Run a request and return its response instead of sending it."""
    captured = Captured()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            captured.start = message
        else:
            captured.body += message.get("body", b"")

    await routes(scope, receive, collect)
    return captured


async def before(routes: ASGIApp, scope: Scope) -> Captured:
    """What a read of this request's own path answers now."""

    async def no_body() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    state = dict(scope.get("state", {}))
    read: Scope = {**scope, "method": "GET", "query_string": b"", "state": state}
    return await capture(routes, read, no_body)


@dataclass
class Unseen:
    """One write and how many reads still miss it."""

    reads: int
    object_id: str = ""
    """Of a new object: hidden wherever it would be shown."""

    path: str = ""
    """Of a new object: its own path and those below it are 404."""

    replay: tuple[str, Captured] | None = None
    """A path, and what it answered before the write."""

    entries: tuple[tuple[str, str], ...] = ()
    """(path of a list, id that it does not show yet)."""

    def apply(self, path: str, response: Captured) -> Captured:
        """The response as a replica gives it that has not seen the write."""
        changed = self._changed(path, response)
        if changed is None:
            return response
        self.reads -= 1
        return changed

    def _changed(self, path: str, response: Captured) -> Captured | None:
        if self.replay and path == self.replay[0]:
            return self.replay[1]
        if self.path and (path + "/").startswith(self.path + "/"):
            return _missing(self.object_id)
        hidden = {i for list_path, i in self.entries if path == list_path}
        if self.object_id:
            hidden.add(self.object_id)
        document = _json(response)
        if isinstance(document, dict) and self.object_id and document.get("id") == self.object_id:
            return _missing(self.object_id)
        if not isinstance(document, list):
            return None
        shown = [e for e in document if not (isinstance(e, dict) and e.get("id") in hidden)]
        if len(shown) == len(document):
            return None
        return Captured(response.start, json.dumps(shown).encode())


def unseen(method: str, path: str, old: Captured, response: Captured, reads: int) -> Unseen | None:
    """What the reads after this write do not see; None when it failed."""
    if not 200 <= response.status < 300:
        return None
    document = _json(response)
    new_id = document.get("id") if isinstance(document, dict) else None
    if (
        method == "POST"
        and new_id
        and not path.endswith(f"/{new_id}")
        and "/lifecycle/" not in path
    ):
        return Unseen(reads, object_id=new_id, path=f"{path}/{new_id}")
    membership = _MEMBERSHIP.fullmatch(path)
    if membership:
        api, group, user = membership.groups()
        if method != "PUT":
            return None
        lists = ((f"{api}/groups/{group}/users", user), (f"{api}/users/{user}/groups", group))
        return Unseen(reads, entries=lists)
    parent, _, own_id = path.rpartition("/")
    entries = ((parent, own_id),) if old.status == 404 else ()
    return Unseen(reads, replay=(path, old), entries=entries)


def _missing(object_id: str) -> Captured:
    error = not_found(object_id, "not visible yet")
    headers = [(b"content-type", b"application/json")]
    return Captured({"status": 404, "headers": headers}, json.dumps(error.body()).encode())


def _json(response: Captured) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return None
