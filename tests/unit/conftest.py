"""A cloud that accepts and remembers, and an engine that keeps whole registrations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime.mocks import MockMonitor

from sandbox.plugins.okta import published

ORG = "https://dev-1.okta.test"
METADATA = (
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="http://www.okta.com/exk1">'
    "<md:IDPSSODescriptor><md:KeyDescriptor use='signing'><ds:KeyInfo><ds:X509Data>"
    f"<ds:X509Certificate>{'QUJD' * 300}</ds:X509Certificate>"
    "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>"
)
"""As Okta's, with a certificate of the right length and no meaning."""

SAML_PROVIDER = "aws:iam/samlProvider:SamlProvider"
ANSWERS: dict[str, Callable[[pulumi.runtime.MockResourceArgs, Cloud], dict[str, Any]]] = {
    "okta:app/saml:Saml": lambda args, cloud: {
        "metadata": cloud.metadata,
        "embedUrl": f"{ORG}/home/amazon_aws/{args.name}-id/272",
        "keyId": "kid-1",
        "keys": [
            {"kid": "kid-1", "x5cs": ["QUJD" * 300], "expiresAt": cloud.certificate_ends},
            {"kid": "kid-2", "x5cs": ["REVG"], "expiresAt": "2999-03-01T00:00:00Z"},
        ],
    },
    "okta:app/oAuth:OAuth": lambda args, cloud: {"clientId": f"{args.name}-id"},
    SAML_PROVIDER: lambda args, cloud: {
        "arn": f"arn:{cloud.partition}:iam::{cloud.account(args)}"
        f":saml-provider/{args.inputs['name']}",
        "validUntil": "2999-01-01T00:00:00Z",
    },
    "aws:iam/accessKey:AccessKey": lambda args, cloud: {
        "secret": f"secret of {args.name}",
        "createDate": "2999-01-01T00:00:00Z",
    },
    "pulumi:pulumi:StackReference": lambda args, cloud: {
        "outputs": {
            name: pulumi.Output.secret(value) if "Secret" in name else value
            for name, value in cloud.stacks[args.inputs["name"]].items()
        },
        "secretOutputNames": [n for n in cloud.stacks[args.inputs["name"]] if "Secret" in n],
    },
}


class TornRead(grpc.RpcError):
    """As a file backend answers while the engine writes the state."""

    def details(self) -> str:
        return "failed to load checkpoint: EOF"


class FailedLookup(grpc.RpcError):
    """As the engine answers when a plugin's look-up fails."""

    def __init__(self, token: str, reason: str) -> None:
        super().__init__()
        self.reason = f"invocation of {token} returned an error: invoking {token}: {reason}"

    def details(self) -> str:
        return self.reason

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN


class Cloud(pulumi.runtime.Mocks):
    """Accepts everything, remembers it, and refuses lookups nobody planned."""

    def __init__(self) -> None:
        self.resources: list[pulumi.runtime.MockResourceArgs] = []
        self.outputs: dict[tuple[str, str], dict[str, Any]] = {}
        self.lookups: list[dict[str, Any]] = []
        self.lookup_providers: set[str] = set()
        """Names of the providers that were asked; empty text: one that nobody configured."""
        self.metadata = METADATA
        """The app's metadata as the engine's state has it."""
        self.current_metadata = ""
        """The same as Okta has it now, if an administrator has changed the key."""
        self.partition = "aws"
        self.certificate_ends = "2999-01-01T00:00:00Z"
        self.accounts: dict[str, str] = {}
        self.stacks: dict[str, dict[str, Any]] = {}
        self.trust_policies: dict[str, str] = {}
        """Name of a role that is looked up -> its trust policy."""
        self.last_outputs: dict[str, Any] = {}
        """What the stack exported when it was last deployed."""
        self.torn_reads = 0
        """How many times the state can't be read at first."""
        self.failing: dict[str, str] = {}
        """Name of a look-up, such as getUsers -> why it fails."""
        self.unknown: set[str] = set()
        """Logins and names of groups that Okta does not have."""
        self.logins: dict[str, str] = {}
        """Login in lower case -> as Okta spells it."""
        self.group_types: dict[str, list[str]] = {}
        """Name or id of a group -> the types of those in Okta; one OKTA_GROUP, if not here."""
        self.group_names: dict[str, str] = {}
        """Name of a group as it is looked up -> as Okta has it, whose search ignores case."""
        self.engine = Engine(self)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(args)
        excluded = published.conflicts(args.typ, args.inputs)
        assert not excluded, f"{args.typ} {args.name}: the published provider refuses {excluded}"
        answer = ANSWERS.get(args.typ, lambda args, cloud: {"arn": f"arn:{args.name}"})
        outputs = {"name": args.name, **args.inputs, **answer(args, self)}
        self.outputs[args.typ, args.name] = outputs
        if args.typ == "pulumi:providers:aws":
            [account] = json.loads(args.inputs["allowedAccountIds"])
            self.accounts[args.name] = account
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        if args.token == "pulumi:pulumi:readStackOutputs":
            if self.torn_reads:
                self.torn_reads -= 1
                raise TornRead
            own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
            assert args.args["name"] == own, "another stack's outputs"
            return {"name": own, "outputs": self.last_outputs}
        self.lookup_providers.add(args.provider.split("::")[-2] if args.provider else "")
        if reason := self.failing.get(args.token.rpartition(":")[2]):
            raise FailedLookup(args.token, reason)
        if args.token == "okta:app/getMetadataSaml:getMetadataSaml":
            apps = {f"{each.name}-id" for each in self.resources if "app/saml" in each.typ}
            assert args.args["appId"] in apps, "another app's metadata"
            return {**args.args, "metadata": self.current_metadata or self.metadata}
        self.lookups.append({args.token: args.args})
        if args.token == "okta:user/getUsers:getUsers":
            logins = [each["value"] for each in args.args["searches"]]
            assert {each["name"] for each in args.args["searches"]} == {"profile.login"}
            return {
                "users": [
                    {"id": f"00u-{login}", "login": self.logins.get(login, login)}
                    for login in logins
                    if login not in self.unknown
                ]
            }
        if args.token == "okta:index/getGroups:getGroups":
            field, _, quoted = args.args["search"].partition(" eq ")
            value = quoted[1:-1]
            if value in self.unknown:
                return {"groups": []}
            types = self.group_types.get(value, ["OKTA_GROUP"])
            identifier = value if field == "id" else f"00g-{value}"
            name = self.group_names.get(value, value)
            return {"groups": [{"id": identifier, "name": name, "type": each} for each in types]}
        if args.token == "aws:iam/getRole:getRole" and args.args["name"] in self.trust_policies:
            return {"assumeRolePolicy": self.trust_policies[args.args["name"]]}
        raise AssertionError(f"unplanned lookup: {args.token}")

    def account(self, args: pulumi.runtime.MockResourceArgs) -> str:
        """The account that the resource's provider is pinned to; one for all where it is not."""
        provider = (args.provider or "").split("::")
        return (
            self.accounts.get(provider[-2], "123456789012") if len(provider) > 2 else "123456789012"
        )

    def of(self, kind: Any) -> dict[str, dict[str, Any]]:
        """Logical name -> inputs, as plain dicts with camelCase keys."""
        return {r.name: r.inputs for r in self.resources if r.typ == kind.pulumi_type}

    def one(self, kind: Any) -> dict[str, Any]:
        [inputs] = self.of(kind).values()
        return inputs

    def names(self) -> set[str]:
        """Short type and logical name of everything, components and providers left out."""
        return {
            f"{r.typ.rpartition(':')[2]} {r.name}"
            for r in self.resources
            if not r.typ.startswith(("pulumi:", "okta-aws-federation:"))
        }


class Engine(MockMonitor):
    """Keeps each registration whole: a mock is not told parent, protect or aliases."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.requests: dict[tuple[str, str], Any] = {}

    def RegisterResource(self, request: Any) -> Any:
        self.requests[request.type, request.name] = request
        return super().RegisterResource(request)

    def component(self, name: str) -> Any:
        [request] = [r for r in self.requests.values() if r.name == name and not r.custom]
        return request

    def children_of(self, component: str) -> list[Any]:
        return [r for r in self.requests.values() if r.parent.endswith(f"::{component}")]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    loop = asyncio.new_event_loop()
    # A program that fails on purpose leaves futures that nobody waits for; they would be logged.
    loop.set_exception_handler(lambda loop, context: None)
    asyncio.set_event_loop(loop)
    cloud = Cloud()
    pulumi.runtime.set_mocks(
        cloud, "okta-aws-federation", "test", preview=False, monitor=cloud.engine
    )
    return cloud


@pytest.fixture
def run(cloud: Cloud) -> Callable[[Callable[[], Any]], None]:
    """Run a program to the end: when a constructor returns, nothing is registered yet."""

    def run(program: Callable[[], Any]) -> None:
        pulumi.runtime.test(lambda: program() and None)()

    return run
