"""The control endpoint of an emulated cloud: queue, list and clear faults while it runs.

`GET`, `POST` and `DELETE /faults`, `DELETE /faults/ID`, JSON both ways, on a loopback port of its
own, so that it answers while the cloud hangs. Each request carries `Authorization: Bearer TOKEN`;
port and token are made at start.
"""

import json
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from sandbox.errors import SandboxError
from sandbox.faults import Fault, Faults
from sandbox.serving import ServedFromThread

HOST = "127.0.0.1"
LARGEST = 1_000_000
TIMEOUT = 10


class FaultControl(ServedFromThread):
    """The endpoint of one queue, listening while the block runs."""

    def __init__(self, faults: Faults) -> None:
        self.token = secrets.token_urlsafe(24)
        handler = type("Handler", (_Handler,), {"faults": faults, "token": self.token})
        server = ThreadingHTTPServer((HOST, 0), handler)
        server.daemon_threads = True
        super().__init__(server, "fault control")
        self.url = f"http://{HOST}:{server.server_port}"

    @property
    def address(self) -> dict[str, str]:
        """What a client needs: `url` and `token`."""
        return {"url": self.url, "token": self.token}


class _Handler(BaseHTTPRequestHandler):
    faults: Faults
    token: str

    def do_GET(self) -> None:
        if self._authorized() and self._path_is("/faults"):
            self._answer(200, [fault.to_json() for fault in self.faults.pending()])

    def do_POST(self) -> None:
        if not self._authorized() or not self._path_is("/faults"):
            return
        try:
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
            document = json.loads(self.rfile.read(length))
            if not isinstance(document, dict):
                raise ValueError("a fault is a JSON object")
            fault = self.faults.add(Fault.from_json(document))
        except ValueError as error:
            self._answer(400, {"error": str(error)})
        else:
            self._answer(201, fault.to_json())

    def do_DELETE(self) -> None:
        if not self._authorized():
            return
        one = re.fullmatch(r"/faults/(\d+)", self.path)
        if one or self._path_is("/faults"):
            cleared = self.faults.clear(int(one[1]) if one else None)
            self._answer(200, {"cleared": cleared})

    def _authorized(self) -> bool:
        sent = self.headers.get("Authorization", "")
        if secrets.compare_digest(sent.encode(), f"Bearer {self.token}".encode()):
            return True
        self._answer(401, {"error": "the control token is missing or invalid"})
        return False

    def _path_is(self, path: str) -> bool:
        if self.path == path:
            return True
        self._answer(404, {"error": f"there is {path} only, not {self.path}"})
        return False

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status, HTTPStatus(status).phrase)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the cloud logs the requests that a fault strikes."""


class FaultClient:
    """Faults of a cloud in another process. Every method raises SandboxError in one line."""

    def __init__(self, address: Mapping[str, str]) -> None:
        """`address` is the `control` entry of the cloud's ready line: `url` and `token`."""
        self._url = address["url"]
        self._headers = {"Authorization": f"Bearer {address['token']}"}

    def add(self, fault: Fault) -> dict[str, Any]:
        document = fault.to_json()
        del document["id"]
        added: dict[str, Any] = self._request("POST", "/faults", json=document)
        return added

    def pending(self) -> list[dict[str, Any]]:
        queued: list[dict[str, Any]] = self._request("GET", "/faults")
        return queued

    def clear(self, fault_id: int | None = None) -> int:
        path = "/faults" if fault_id is None else f"/faults/{fault_id}"
        return int(self._request("DELETE", path)["cleared"])

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = httpx.request(
                method,
                self._url + path,
                headers=self._headers,
                timeout=TIMEOUT,
                trust_env=False,
                **arguments,
            )
        except httpx.HTTPError as error:
            raise SandboxError(
                f"the cloud's control endpoint does not answer at {self._url} ({error}): "
                "is the sandbox running?"
            ) from None
        if answer.is_error:
            raise SandboxError(answer.json()["error"])
        return answer.json()
