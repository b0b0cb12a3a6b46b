"""Where the org listens: plain HTTP on a port, and HTTPS under its own name behind a proxy."""

import asyncio
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from okta_aws_federation.partitions import PARTITIONS
from sandbox.network import certificates
from sandbox.network.client import Route
from sandbox.network.proxy import ConnectProxy, TlsRelay, loopback_socket
from sandbox.okta import catalogue
from sandbox.okta.faults import TRANSPORT

NAME = "sandbox.okta.test"
"""`.test` is reserved (RFC 6761): nobody's DNS answers for it."""


class _Protocol(H11Protocol):
    """Hands the connection to the application, since a fault may close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = self.app_state | {TRANSPORT: transport}


class HttpServer(uvicorn.Server):
    """uvicorn on one bound socket, with TLS if there is a context."""

    def __init__(
        self, application: ASGIApp, bound: socket.socket, context: ssl.SSLContext | None = None
    ) -> None:
        # What happens is logged by the middleware; uvicorn's own log would repeat it.
        config = uvicorn.Config(
            application,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            http=_Protocol,
            timeout_graceful_shutdown=1,
        )
        config.load()
        config.ssl = context
        super().__init__(config)
        self._bound = bound

    async def run_on_socket(self) -> None:
        try:
            await self.serve(sockets=[self._bound])
        finally:
            self._bound.close()


class HttpsFront:
    """The TLS listener of `https://sandbox.okta.test`, and the proxy that leads to it.

    The proxy leads AWS's sign-in pages to the org's copies of them, and STS and IAM to the local
    AWS, since some command-line clients can't be given another endpoint.
    """

    def __init__(
        self, application: ASGIApp, folder: Path, aws_url: str | None, tunnel_others: bool
    ) -> None:
        pages = [urlsplit(url).netloc for url in catalogue.SIGN_IN_URLS.values()]
        own = [NAME, *pages, *(f"*.{page}" for page in pages)]
        apis = api_hosts() if aws_url else []
        context = certificates.issue(folder, [*own, *apis])
        bound = loopback_socket()
        self.server = HttpServer(application, bound, context)
        targets = dict.fromkeys(own, bound.getsockname()[1])
        self._relay = None
        if aws_url:
            self._relay = TlsRelay(context, urlsplit(aws_url).port or 80)
            targets |= dict.fromkeys(apis, self._relay.port)
        self._proxy = ConnectProxy(targets, tunnel_others=tunnel_others)
        self.route = Route(
            proxy=self._proxy.url,
            ca_file=str(folder / certificates.AUTHORITY),
            ca_bundle=str(folder / certificates.BUNDLE),
        )

    async def start(self) -> None:
        if self._relay:
            await self._relay.start()
        await self._proxy.start()

    def stop(self) -> None:
        self._proxy.stop()
        if self._relay:
            self._relay.stop()


def api_hosts() -> list[str]:
    """The names of IAM and STS, global and regional, in the partitions that the sandbox plays."""
    names = ["sts.amazonaws.com", "iam.amazonaws.com", "iam.us-gov.amazonaws.com"]
    names += ["iam.cn-north-1.amazonaws.com.cn"]
    for partition in PARTITIONS:
        suffix = "amazonaws.com.cn" if partition.name == "aws-cn" else "amazonaws.com"
        names += [f"sts.{region}.{suffix}" for region in partition.regions]
    return names
