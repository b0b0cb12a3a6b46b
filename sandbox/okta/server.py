"""The org served on loopback, from a thread, for as long as a `with` block runs."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.fault_control import FaultControl
from sandbox.okta import groups, identifiers, passwords, policies, users
from sandbox.okta.application import build
from sandbox.okta.behavior import Switches
from sandbox.okta.faults import TRANSPORT
from sandbox.okta.models import ServiceClient
from sandbox.okta.org import Org

HOST = "127.0.0.1"
START_SECONDS = 10


@dataclass(frozen=True)
class Person:
    login: str
    first_name: str
    last_name: str


@dataclass(frozen=True)
class Account:
    """What a person types to sign in."""

    login: str
    password: str = field(repr=False)


ADMINISTRATOR = Person("admin@example.com", "Org", "Administrator")
PEOPLE = (
    Person("ada@example.com", "Ada", "Lovelace"),
    Person("grace@example.com", "Grace", "Hopper"),
    Person("alan@example.com", "Alan", "Turing"),
    Person("joan@example.com", "Joan", "Clarke"),
)


class _Protocol(H11Protocol):
    """Hands the connection to the application, since a fault may close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = self.app_state | {TRANSPORT: transport}


class LocalOkta:
    """A fresh org, with an administrator and people, listening while the block runs.

    `url` and `token` are what the provider needs; `admin` and `people` (by login) sign in.
    `org` is the state behind it all, for tests.
    """

    def __init__(
        self,
        aws_url: str | None = None,
        people: Iterable[Person] = PEOPLE,
        *,
        switches: Switches | None = None,
        port: int = 0,
    ) -> None:
        """Bind the port; 0 picks a free one. Raises OSError if it is taken."""
        self._socket = socket.socket(
            # asyncio turns delays off (TCP_NODELAY) only where the protocol is named.
            socket.AF_INET,
            socket.SOCK_STREAM,
            socket.IPPROTO_TCP,
        )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
        except OSError:
            self._socket.close()
            raise
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.org = Org(url=self.url, aws_url=aws_url, switches=switches or Switches())
        self.token = self.org.token
        self.control = FaultControl(self.org.faults)
        groups.new(self.org, groups.EVERYONE, "All users in your organization", "BUILT_IN")
        policies.new(self.org, "Any one factor", "The default policy of apps", system=True)
        self.admin = self._enrol(ADMINISTRATOR)
        self.org.user(ADMINISTRATOR.login).is_administrator = True
        self.people = {person.login: self._enrol(person) for person in people}
        # What happens is said by the gate; uvicorn's own log would say it twice.
        config = uvicorn.Config(
            build(self.org),
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            http=_Protocol,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="local okta", daemon=True)

    def register_service(self, public_key: RSAPublicKey, scopes: Iterable[str]) -> str:
        """Add an API Services app with this key and these scopes; answers with its client id."""
        client_id = identifiers.new(identifiers.APP)
        self.org.services[client_id] = ServiceClient(
            client_id=client_id, public_key=public_key, scopes=frozenset(scopes)
        )
        return client_id

    def __enter__(self) -> Self:
        self.control.__enter__()
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the local Okta did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._socket.close()
        self.control.__exit__(kind, error, trace)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def _enrol(self, person: Person) -> Account:
        password = passwords.generate()
        profile = {
            "login": person.login,
            "email": person.login,
            "firstName": person.first_name,
            "lastName": person.last_name,
        }
        users.new(self.org, profile, password=password, activate=True)
        return Account(person.login, password)
