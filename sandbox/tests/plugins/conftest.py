"""The plugins, driven over their own protocol against the local clouds."""

# The plugins enter the SDK's packages without importing them; what was imported before stays whole.
import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import grpc
import httpx
import pulumi  # noqa: F401
import pytest
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from sandbox.aws.server import ADMINISTRATOR, LocalAws
from sandbox.clock import VARIABLE, Clock
from sandbox.engine.protos import provider_pb2, provider_pb2_grpc
from sandbox.faults import Fault
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.plugins.aws.package import PACKAGE as AWS
from sandbox.plugins.aws.service import Service
from sandbox.plugins.okta.package import PACKAGE as OKTA
from sandbox.plugins.protocol import Package, Provider
from sandbox.plugins.values import pack, unpack

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"


@dataclass
class Thing:
    """A resource as the engine remembers it."""

    type: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    id: str

    @property
    def urn(self) -> str:
        return urn(self.type, self.name)


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::tests::{kind}::{name}"


class Refused(ValueError):
    """What the plugin says against arguments, a line each."""


@dataclass
class Plugin:
    """One plugin, asked as the engine asks it."""

    stub: Any

    def configure(self, **arguments: Any) -> None:
        """Arguments as the SDK sends them: what is no text as JSON."""
        sent = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in arguments.items()
        }
        checked = self.stub.CheckConfig(
            provider_pb2.CheckRequest(urn=urn("pulumi:providers:any", "any"), news=pack(sent))
        )
        if checked.failures:
            raise Refused("\n".join(failure.reason for failure in checked.failures))
        self.stub.Configure(provider_pb2.ConfigureRequest(args=checked.inputs))

    def check(
        self, kind: str, called: str = "it", old: dict[str, Any] | None = None, /, **inputs: Any
    ) -> Any:
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(kind, called),
                olds=pack(old or {}),
                news=pack(inputs),
                randomSeed=b"seed" * 8,
            )
        )
        if answer.failures:
            raise Refused("\n".join(failure.reason for failure in answer.failures))
        return unpack(answer.inputs)

    def preview(self, kind: str, called: str = "it", /, **inputs: Any) -> dict[str, Any]:
        """The outputs that the preview of a creation shows."""
        checked = self.check(kind, called, **inputs)
        request = provider_pb2.CreateRequest(
            urn=urn(kind, called), properties=pack(checked), preview=True
        )
        return unpack(self.stub.Create(request).properties)

    def create(self, kind: str, called: str = "it", /, **inputs: Any) -> Thing:
        checked = self.check(kind, called, **inputs)
        request = provider_pb2.CreateRequest(urn=urn(kind, called), properties=pack(checked))
        made = self.stub.Create(request)
        return Thing(kind, called, checked, unpack(made.properties), made.id)

    def diff(self, thing: Thing, /, **inputs: Any) -> Any:
        checked = self.check(thing.type, thing.name, thing.inputs, **inputs)
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=thing.urn,
                id=thing.id,
                olds=pack(thing.outputs),
                old_inputs=pack(thing.inputs),
                news=pack(checked),
            )
        )

    def changes(self, thing: Thing, /, **inputs: Any) -> set[str]:
        """The properties in which a program differs from the state."""
        return set(self.diff(thing, **inputs).diffs)

    def replaces(self, thing: Thing, /, **inputs: Any) -> set[str]:
        return set(self.diff(thing, **inputs).replaces)

    def update(self, thing: Thing, /, **inputs: Any) -> Thing:
        checked = self.check(thing.type, thing.name, thing.inputs, **inputs)
        updated = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=thing.urn,
                id=thing.id,
                olds=pack(thing.outputs),
                old_inputs=pack(thing.inputs),
                news=pack(checked),
            )
        )
        return Thing(thing.type, thing.name, checked, unpack(updated.properties), thing.id)

    def refresh(self, thing: Thing) -> Thing | None:
        read = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=thing.urn,
                id=thing.id,
                properties=pack(thing.outputs),
                inputs=pack(thing.inputs),
            )
        )
        return self._read(thing.type, thing.name, read)

    def adopt(self, kind: str, identifier: str, name: str = "it") -> Thing | None:
        """An import."""
        return self._read(
            kind,
            name,
            self.stub.Read(provider_pb2.ReadRequest(urn=urn(kind, name), id=identifier)),
        )

    def _read(self, kind: str, name: str, read: Any) -> Thing | None:
        if not read.id:
            return None
        return Thing(kind, name, unpack(read.inputs), unpack(read.properties), read.id)

    def delete(self, thing: Thing) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                urn=thing.urn,
                id=thing.id,
                properties=pack(thing.outputs),
                old_inputs=pack(thing.inputs),
            )
        )

    def look_up(self, token: str, **args: Any) -> dict[str, Any]:
        request = provider_pb2.InvokeRequest(tok=token, args=pack(args))
        return unpack(getattr(self.stub.Invoke(request), "return"))


@contextmanager
def serving(package: Package) -> Iterator[Plugin]:
    server = grpc.server(ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel))
    server.stop(None)


@pytest.fixture
def start() -> Iterator[Callable[[Package], Plugin]]:
    """Starts plugins, unconfigured, and stops them after the test."""
    with ExitStack() as stack:
        yield lambda package: stack.enter_context(serving(package))


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_persons() -> Iterator[None]:
    """No credentials and no addresses but those of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "OKTA_"))]:
            patch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@dataclass
class Cloud:
    """The local AWS: its own administrator, to do by hand what a program does not know of."""

    local: LocalAws

    def client(self, service: str) -> Any:
        key = self.local.administrators[ACCOUNT]
        return boto3.client(
            service,
            endpoint_url=self.local.url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )

    @property
    def iam(self) -> Any:
        return self.client("iam")

    def sweep(self) -> None:
        """Forget what a test made; starting another AWS would take a second."""
        self.local.cloud.faults.clear()
        iam = self.local.cloud.iam(ACCOUNT)
        made = (iam.roles, iam.groups, iam.saml_providers, iam.account_aliases, iam.tagger.tags)
        for things in made:
            things.clear()
        for name in [user.name for user in iam.users.values() if user.name != ADMINISTRATOR]:
            del iam.users[name]
        for arn in [arn for arn in iam.managed_policies if ACCOUNT in arn]:
            del iam.managed_policies[arn]
        for backends in (ssm_backends, secretsmanager_backends):
            backends[ACCOUNT]["us-east-1"].reset()


# One at a time in a process: the accounts share what moto keeps.
@pytest.fixture(scope="module")
def accounts() -> Iterator[LocalAws]:
    with LocalAws((ACCOUNT, OTHER_ACCOUNT)) as local, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, Clock.running(500).text)  # two minutes of waiting are a moment
        yield local


@pytest.fixture
def cloud(accounts: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    key = accounts.administrators[ACCOUNT]
    monkeypatch.setenv("AWS_ENDPOINT_URL", accounts.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)
    found = Cloud(accounts)
    yield found
    found.sweep()


@pytest.fixture(scope="module")
def configured(accounts: LocalAws) -> Iterator[Plugin]:
    key = accounts.administrators[ACCOUNT]
    services = ("iam", "sts", "ssm", "secretsmanager")
    with serving(AWS) as plugin:
        plugin.configure(
            accessKey=key.access_key_id,
            secretKey=key.secret_access_key,
            region="us-east-1",
            endpoints=[dict.fromkeys(services, accounts.url)],
            allowedAccountIds=[ACCOUNT],
        )
        yield plugin


@pytest.fixture
def aws(configured: Plugin, cloud: Cloud) -> Plugin:
    """The plugin for AWS, and an account without anything but its administrator."""
    return configured


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the plugin asks AWS, by the names of the operations."""
    asked: list[str] = []
    call, list_all = Service.__call__, Service.list_all

    def calling(self: Service, operation: str, **arguments: Any) -> Any:
        asked.append(operation)
        return call(self, operation, **arguments)

    def listing(self: Service, operation: str, field: str, **arguments: Any) -> list[Any]:
        asked.append(operation)
        return list_all(self, operation, field, **arguments)

    monkeypatch.setattr(Service, "__call__", calling)
    monkeypatch.setattr(Service, "list_all", listing)
    return asked


@dataclass
class Directory:
    """The local Okta, to do by hand what a program does not know of."""

    local: LocalOkta

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            self.local.url + path,
            json=body,
            headers={"Authorization": f"SSWS {self.local.token}"},
            trust_env=False,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def user_id(self, login: str) -> str:
        return str(self.call("GET", f"/api/v1/users/{login}")["id"])

    def switch(self, **changes: Any) -> None:
        self.local.org.switches = self.local.org.switches.with_changes(changes)

    def lag(self, operation: str, reads: int) -> None:
        self.local.org.faults.add(Fault(effect="lag", operation=operation, reads=reads))

    def fail(self, method: str, path: str, status: int, **how: Any) -> None:
        self.local.org.faults.add(
            Fault(effect="error", operation=f"{method} {path}", status=status, **how)
        )

    def asked(self) -> list[str]:
        """What was asked since this was asked last, with `*` for ids and without the start."""
        requests = list(self.local.org.requests)
        self.local.org.requests.clear()
        return [
            re.sub(r"\b\w{20,}\b", "*", f"{one.method} {one.path.removeprefix('/api/v1')}")
            + (f"?{re.sub(r'=[^&]{20,}', '=*', one.query)}" if one.query else "")
            for one in requests
            if one.path != "/api/v1/users/me"
        ]


@pytest.fixture
def directory() -> Iterator[Directory]:
    with LocalOkta(switches=Switches(rate_limit_scale=1000, strict_roles=False)) as local:
        yield Directory(local)


@pytest.fixture
def okta(start: Callable[[Package], Plugin], directory: Directory) -> Plugin:
    plugin = start(OKTA)
    plugin.configure(
        httpProxy=directory.local.url,
        orgName="sandbox",
        baseUrl="okta.test",
        apiToken=directory.local.token,
    )
    return plugin
