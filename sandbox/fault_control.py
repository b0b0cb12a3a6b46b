"""The control endpoint of an emulated cloud: queue, list and clear faults while it runs.

`GET`, `POST` and `DELETE /faults`, `DELETE /faults/ID`, JSON both ways, on a loopback port of its
own, so that it answers while the cloud hangs. Each request carries `Authorization: Bearer TOKEN`;
port and token are made at start.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sandbox.errors import SandboxError
from sandbox.faults import Fault, Faults
from sandbox.serving import QuietHandler, ServedFromThread

HOST = "127.0.0.1"
LARGEST = 1_000_000
TIMEOUT = 10


class FaultControl(ServedFromThread):
    """The endpoint of one queue, listening while the block runs."""

    def __init__(self, faults: Faults) -> None:
        self.token = secrets.token_urlsafe(24)
        self._faults = faults
        server = make_server(HOST, 0, self._serve, threaded=True, request_handler=QuietHandler)
        super().__init__(server, "fault control")
        self.url = f"http://{HOST}:{server.server_port}"

    @property
    def address(self) -> dict[str, str]:
        """What a client needs: `url` and `token`."""
        return {"url": self.url, "token": self.token}

    def _serve(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """The WSGI application."""
        status, document = self._answer(Request(environ))
        return Response(json.dumps(document), status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> tuple[int, Any]:
        """HTTP status and JSON document."""
        sent = request.headers.get("Authorization", "")
        if not secrets.compare_digest(sent.encode(), f"Bearer {self.token}".encode()):
            return 401, {"error": "the control token is missing or invalid"}
        one = re.fullmatch(r"/faults/(\d+)", request.path) if request.method == "DELETE" else None
        if not one and request.path != "/faults":
            return 404, {"error": f"there is /faults only, not {request.path}"}
        if request.method == "DELETE":
            return 200, {"cleared": self._faults.clear(int(one[1]) if one else None)}
        if request.method != "POST":
            return 200, [fault.to_json() for fault in self._faults.pending()]
        try:
            document = json.loads(request.stream.read(LARGEST))
            if not isinstance(document, dict):
                raise ValueError("a fault is a JSON object")
            return 201, self._faults.add(Fault.from_json(document)).to_json()
        except ValueError as error:
            return 400, {"error": str(error)}


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
