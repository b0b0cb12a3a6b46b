"""The org served on loopback, from a thread, for as long as a `with` block runs."""

import asyncio
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.fault_control import FaultControl
from sandbox.network.client import Route
from sandbox.network.proxy import HOST, loopback_socket
from sandbox.okta import groups, identifiers, passwords, persistence, policies, users
from sandbox.okta.application import build
from sandbox.okta.behavior import Switches
from sandbox.okta.listeners import NAME, HttpServer, HttpsFront
from sandbox.okta.models import ServiceClient
from sandbox.okta.org import Org

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


class LocalOkta:
    """A fresh org, with an administrator and people, listening while the block runs.

    `url` and `token` are what the provider needs; `admin` and `people` (by login) sign in.
    `route` leads HTTPS clients to the org's own name, if certificates were asked for. `org` is the
    state behind it all, for tests.
    """

    def __init__(
        self,
        aws_url: str | None = None,
        people: Iterable[Person] = PEOPLE,
        *,
        switches: Switches | None = None,
        port: int = 0,
        certificates: Path | None = None,
        tunnel_others: bool = False,
        state: Path | None = None,
    ) -> None:
        """Bind the port; 0 picks a free one. Raises OSError if it is taken.

        With a folder for `certificates` the org is `https://sandbox.okta.test` too. A `state` file
        is read if it exists, and written with every change.
        """
        self._socket = loopback_socket(port)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.org = Org(local_url=self.url, aws_url=aws_url, switches=switches or Switches())
        self.control = FaultControl(self.org.faults)
        if state and state.exists():
            self.admin, self.people = persistence.load(self.org, state)
        else:
            self._create(people)
        self.token = self.org.token
        if state:
            accounts = (self.admin, self.people)
            self.org.on_change = lambda: persistence.save(self.org, accounts, state)
            self.org.on_change()
        application = build(self.org)
        self._servers = [HttpServer(application, self._socket)]
        self.route: Route | None = None
        self._front: HttpsFront | None = None
        if certificates is not None:
            self.org.public_url = f"https://{NAME}"
            self._front = HttpsFront(application, certificates, aws_url, tunnel_others)
            self._servers.append(self._front.server)
            self.route = self._front.route
        self._thread = threading.Thread(target=self._run, name="local okta", daemon=True)

    def _create(self, people: Iterable[Person]) -> None:
        """What a new org has: a group and a policy of the system's, an administrator, people."""
        groups.new(self.org, groups.EVERYONE, "All users in your organization", "BUILT_IN")
        policies.new(self.org, "Any one factor", "The default policy of apps", system=True)
        self.admin = self._enrol(ADMINISTRATOR)
        self.org.user(ADMINISTRATOR.login).is_administrator = True
        self.people = {person.login: self._enrol(person) for person in people}

    def register_service(self, public_key: RSAPublicKey, scopes: Iterable[str]) -> str:
        """Add an API Services app with this key and these scopes; answers with its client id."""
        client_id = identifiers.new(identifiers.APP)
        self.org.services[client_id] = ServiceClient(
            client_id=client_id, public_key=public_key, scopes=frozenset(scopes)
        )
        return client_id

    def ready(self) -> dict[str, Any]:
        """What another program needs to use the org."""
        return {
            "url": self.url,
            "token": self.token,
            "control": self.control.address,
            "route": asdict(self.route) if self.route else None,
            "admin": {"login": self.admin.login, "password": self.admin.password},
            "people": {login: {"password": one.password} for login, one in self.people.items()},
        }

    def __enter__(self) -> Self:
        self.control.__enter__()
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not all(server.started for server in self._servers):
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the local Okta did not start")
            time.sleep(0.005)
        return self

    def __exit__(self, *error: Any) -> None:
        for server in self._servers:
            server.should_exit = True
        self._thread.join(START_SECONDS)
        self.control.__exit__(*error)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        if self._front:
            await self._front.start()
        try:
            await asyncio.gather(*(server.run_on_socket() for server in self._servers))
        finally:
            if self._front:
                self._front.stop()

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
