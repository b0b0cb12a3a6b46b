"""A proxy before each cloud that counts calls and, at one of them, interrupts the engine."""

import http.client
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil

IN_PREVIEW = " in preview"
_ID = re.compile(r"/(?:0o|00)[a-z][A-Za-z0-9]+|/rst[A-Za-z0-9]+|/0pr[A-Za-z0-9]+")


@dataclass(frozen=True)
class Point:
    """A moment of an update: before or after the cloud carries out the nth call of its kind."""

    phase: str
    """recover, first up, second up, refresh, changed up or destroy."""
    victim: str
    when: str
    """before or after."""
    call: str
    """AWS's action, or Okta's method and path with ID for each identifier."""
    nth: int = 1

    def __str__(self) -> str:
        number = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.phase}: {self.victim}, {self.when} {self.call}{number}"


class Interruption:
    """What the proxies tell of each call; it interrupts once, at its point."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.point: Point | None = None
        self.interrupt: Callable[[], None] = lambda: None
        self.struck = threading.Event()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def arm(self, point: Point | None, interrupt: Callable[[], None] = lambda: None) -> None:
        self.calls, self._counts, self.point = [], Counter(), point
        self.interrupt = interrupt
        self.struck.clear()

    def number(self, call: str) -> int:
        with self._lock:
            self.calls.append(call)
            self._counts[call] += 1
            return self._counts[call]

    def strikes(self, when: str, call: str, nth: int) -> bool:
        """Whether the call is lost; then the engine was interrupted."""
        point = self.point
        if point is None or (point.when, point.call, point.nth) != (when, call, nth):
            return False
        self.struck.set()
        self.interrupt()
        return True


@contextmanager
def proxy_before(url: str, interruption: Interruption) -> Iterator[str]:
    """The address of a proxy before the server at `url`, for as long as the block runs."""
    upstream = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *values: Any) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the client was killed
                self.close_connection = True

        def carry(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = name_of(self.command, self.path, self.headers, body)
            nth = interruption.number(call)
            if interruption.strikes("before", call, nth):
                self.close_connection = True
                return
            server = http.client.HTTPConnection(str(upstream.hostname), upstream.port, timeout=60)
            server.request(self.command, self.path, body, dict(self.headers.items()))
            answer = server.getresponse()
            content = answer.read()
            server.close()
            if interruption.strikes("after", call, nth):
                self.close_connection = True
                return
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = carry

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def name_of(method: str, path: str, headers: Any, body: bytes) -> str:
    """`CreateRole`, or `PUT /groups/ID/users/ID`."""
    if target := headers.get("X-Amz-Target"):
        return str(target).rpartition(".")[2]
    if b"Action=" in body:
        return parse_qs(body.decode())["Action"][0]
    plain = urlsplit(path).path.removeprefix("/api/v1")
    return f"{method} {_ID.sub('/ID', plain)}"


def interrupt(command: "subprocess.Popen[str]", victim: str) -> None:
    """Kill the engine (or `recover`), its tree, the program or one plugin; or interrupt it."""
    victim = victim.removesuffix(IN_PREVIEW)
    process = psutil.Process(command.pid)
    family = process.children(recursive=True)
    if victim == "engine":
        process.kill()
    elif victim == "tree":
        for each in [process, *family]:
            _kill(each)
    elif victim.startswith("SIG"):
        name, _, twice = victim.partition(" ")
        process.send_signal(signal.Signals[name])
        if twice:
            time.sleep(0.3)
            process.send_signal(signal.Signals[name])
    else:
        kind = "language" if victim == "program" else "resource"
        program = f"pulumi-{kind}-{'python' if victim == 'program' else victim.split()[0]}"
        for each in family:
            if _runs(each, program):
                _kill(each)


def _runs(process: psutil.Process, program: str) -> bool:
    try:
        return any(program in word for word in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()
