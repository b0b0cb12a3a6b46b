"""A CONNECT proxy on loopback: HTTPS clients reach the sandbox's Okta by its own name.

`CONNECT sandbox.okta.test:443` leads to the org's TLS listener; every other name is refused, so
that nothing leaves the machine by mistake. With `tunnel_others`, other names are connected as
they are, through the proxy of the environment if it names one: the engine's downloads need that.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies

LOG = logging.getLogger("sandbox.okta.proxy")

HOST = "127.0.0.1"
HEAD_SECONDS = 30
CHUNK = 65536
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ProxyRefused(Exception):
    """Status and reason for a client whose request is not served."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def loopback_socket(port: int = 0) -> socket.socket:
    """A bound socket; port 0 picks a free one. Raises OSError if the port is taken."""
    # asyncio turns delays off (TCP_NODELAY) only where the protocol is named.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound


class TlsRelay:
    """TLS on one side, a plain HTTP server on loopback on the other."""

    def __init__(self, context: ssl.SSLContext, port: int) -> None:
        """`port`: of the plain server."""
        self._context = context
        self._remote_port = port
        self._socket = loopback_socket()
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._socket, ssl=self._context)

    def stop(self) -> None:
        if self._server:
            self._server.close()
        self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _relay((reader, writer), await asyncio.open_connection(HOST, self._remote_port))
        except OSError as error:
            LOG.warning("the server behind the TLS listener is not reached: %s", error)
        finally:
            writer.close()


class ConnectProxy:
    """Bound from the start, serving after `await start()`; `url` is what HTTPS_PROXY takes."""

    def __init__(self, targets: Mapping[str, int], *, tunnel_others: bool = False) -> None:
        """`targets`: host name, or `*.` and a domain -> loopback port of its TLS listener."""
        self.targets = targets
        self.tunnel_others = tunnel_others
        self.upstream = urlsplit(getproxies().get("https", "")) if tunnel_others else None
        self._socket = loopback_socket()
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._socket)

    def stop(self) -> None:
        if self._server:
            self._server.close()
        self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                target = _target(await reader.readuntil(b"\r\n\r\n"))
                remote = await self._connect(target)
            writer.write(ESTABLISHED)
            await _relay((reader, writer), remote)
        except ProxyRefused as refused:
            LOG.warning("refused: %s", refused)
            body = f"{refused}\n".encode()
            head = f"HTTP/1.1 {refused.status}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            LOG.debug("a client left before its request was complete")
        finally:
            writer.close()

    async def _connect(self, target: str) -> Streams:
        host, _, port = target.rpartition(":")
        listener = self._listener(host.lower().rstrip("."))
        if listener and port == "443":
            return await asyncio.open_connection(HOST, listener)
        if not self.tunnel_others:
            served = next(iter(self.targets))
            reason = f"the sandbox's proxy leads to {served} and AWS's sign-in, not to {target}"
            raise ProxyRefused("403 Forbidden", reason)
        try:
            return await self._tunnel(target, host, int(port))
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            raise ProxyRefused("502 Bad Gateway", f"can't connect to {target}: {error}") from None

    def _listener(self, name: str) -> int | None:
        return self.targets.get(name) or self.targets.get("*." + name.partition(".")[2])

    async def _tunnel(self, target: str, host: str, port: int) -> Streams:
        if not self.upstream or not self.upstream.hostname:
            return await asyncio.open_connection(host, port)
        remote = await asyncio.open_connection(self.upstream.hostname, self.upstream.port or 80)
        remote[1].write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        answer = await remote[0].readuntil(b"\r\n\r\n")
        if b" 200 " not in answer.splitlines()[0]:
            raise OSError(f"the proxy of the environment answered {answer.splitlines()[0]!r}")
        return remote


def _target(head: bytes) -> str:
    """`host:port` of a CONNECT request. Raises ProxyRefused for any other request."""
    method, _, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
    if method != "CONNECT":
        raise ProxyRefused("405 Method Not Allowed", f"CONNECT is served only, not {method[:20]}")
    return rest.partition(" ")[0]


async def _relay(client: Streams, remote: Streams) -> None:
    """Copy both ways until both have ended."""
    try:
        await asyncio.gather(_copy(client[0], remote[1]), _copy(remote[0], client[1]))
    finally:
        remote[1].close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
        if target.can_write_eof() and not target.is_closing():
            target.write_eof()
    except OSError:
        target.close()  # what broke on one side is broken for the other
