"""An org of its own for each test, and an AWS just large enough to answer it."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox.browser import Browser
from sandbox.okta import (
    app_users,
    apps,
    assignments,
    group_rules,
    groups,
    memberships,
    metadata,
    native_apps,
    policies,
    users,
)
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta

PROVIDER = "arn:aws:iam::123456789012:saml-provider/Okta"
SETTINGS = {
    "appFilter": "okta",
    "groupFilter": r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
    "useGroupMapping": False,
    "joinAllRoles": False,
    "identityProviderArn": PROVIDER,
    "sessionDuration": 3600,
    "roleValuePattern": (
        "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
    ),
    "awsEnvironmentType": "aws.amazon",
    "loginURL": "https://console.aws.amazon.com/ec2/home",
}


@dataclass(frozen=True)
class Administration:
    """The management API, called as the provider calls it."""

    okta: LocalOkta
    client: httpx.Client

    @staticmethod
    def app_body(**changes: Any) -> dict[str, Any]:
        """What the published provider posts for `app.Saml`; `changes` are settings."""
        return {
            "accessibility": {"selfService": False},
            "credentials": {
                "userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
            },
            "label": "AWS Account Federation",
            "name": "amazon_aws",
            "signOnMode": "SAML_2_0",
            "visibility": {"autoSubmitToolbar": False, "hide": {"iOS": False, "web": False}},
            "settings": {
                "app": SETTINGS | changes,
                "implicitAssignment": False,
                "notes": {"admin": None, "enduser": None},
                "signOn": {
                    "allowMultipleAcsEndpoints": False,
                    "assertionSigned": False,
                    "attributeStatements": [],
                    "audienceOverride": "",
                    "defaultRelayState": "",
                    "destinationOverride": "",
                    "honorForceAuthn": False,
                    "recipientOverride": "",
                    "responseSigned": False,
                    "samlSignedRequestEnabled": False,
                    "slo": {"enabled": False},
                    "ssoAcsUrlOverride": "",
                },
            },
        }

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.client.request(method, f"/api/v1{path}", **arguments)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, **arguments: Any) -> tuple[int, str, str]:
        """Status, code, and summary with causes of an answer that must be a refusal."""
        answer = self.client.request(method, f"/api/v1{path}", **arguments)
        assert answer.is_error, f"{method} {path} was not refused: {answer.text}"
        body = answer.json()
        causes = [cause["errorSummary"] for cause in body["errorCauses"]]
        return answer.status_code, body["errorCode"], " | ".join([body["errorSummary"], *causes])

    def new_app(self, **settings: Any) -> dict[str, Any]:
        app: dict[str, Any] = self.call(
            "POST", "/apps?activate=true", json=self.app_body(**settings)
        )
        return app

    def new_group(self, name: str, *members: str) -> str:
        profile = {"name": name, "description": ""}
        group_id: str = self.call("POST", "/groups", json={"profile": profile})["id"]
        for login in members:
            self.call("PUT", f"/groups/{group_id}/users/{self.user_id(login)}")
        return group_id

    def assign(self, app_id: str, group_id: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("PUT", f"/apps/{app_id}/groups/{group_id}", json=body)
        return answer

    def user_id(self, login: str) -> str:
        user_id: str = self.call("GET", f"/users/{login}")["id"]
        return user_id

    def switch(self, **changes: Any) -> None:
        self.okta.org.switches = self.okta.org.switches.with_changes(changes)


@pytest.fixture
def okta(aws) -> Iterator[LocalOkta]:
    """Limits are out of the way here; the tests of limits set their own."""
    with LocalOkta(aws.url, switches=Switches(rate_limit_scale=1000)) as local:
        yield local


@pytest.fixture
def api(okta) -> Iterator[Administration]:
    headers = {"Authorization": f"SSWS {okta.token}"}
    with httpx.Client(base_url=okta.url, headers=headers, trust_env=False) as client:
        yield Administration(okta, client)


@pytest.fixture
def anonymous(okta) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=okta.url, trust_env=False) as client:
        yield client


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


KEY = "AKIAOKTASSOUSER00000"
SESSION = "ASIAOKTADEVELOPER000"


class Aws(BaseHTTPRequestHandler):
    """Answers five calls; whether a key is good is all it checks, for the secret is not needed."""

    roles: list[str]
    asked: list[dict[str, str]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        given = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        self.asked.append(given)
        key = re.search(r"Credential=(\w+)/", self.headers.get("Authorization", ""))
        answer = getattr(self, f"_{given['Action']}")
        answer(given, key[1] if key else "")

    def do_GET(self) -> None:
        self._say(
            403, "<Error><Code>AccessDenied</Code><Message>no s3:ListAllMyBuckets</Message></Error>"
        )

    def _ListRoles(self, given: dict[str, str], key: str) -> None:
        if key != KEY:
            return self._refuse("InvalidClientTokenId", "The security token is invalid.")
        member = (
            "<member><Path>/</Path><RoleName>{0}</RoleName><RoleId>AROA</RoleId>"
            "<Arn>arn:aws:iam::123456789012:role/{0}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>"
        )
        roles = "".join(member.format(name) for name in self.roles)
        return self._result("ListRoles", f"<IsTruncated>false</IsTruncated><Roles>{roles}</Roles>")

    def _AssumeRoleWithSAML(self, given: dict[str, str], key: str) -> None:
        role = given["RoleArn"].rpartition("/")[2]
        if role not in self.roles:
            return self._refuse("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
        arn = f"arn:aws:sts::123456789012:assumed-role/{role}/ada@example.com"
        return self._result(
            "AssumeRoleWithSAML",
            f"<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROA:ada</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{SESSION}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>",
        )

    def _GetCallerIdentity(self, given: dict[str, str], key: str) -> None:
        arn = "arn:aws:sts::123456789012:assumed-role/OktaDeveloper/ada@example.com"
        self._result("GetCallerIdentity", f"<Arn>{arn}</Arn><Account>123456789012</Account>")

    def _DescribeInstances(self, given: dict[str, str], key: str) -> None:
        instance = (
            "<item><instanceId>i-0123</instanceId><instanceType>t3.micro</instanceType>"
            "<instanceState><code>16</code><name>running</name></instanceState>"
            "<tagSet><item><key>Name</key><value>web &lt;1&gt;</value></item></tagSet></item>"
        )
        reservation = f"<item><instancesSet>{instance}</instancesSet></item>"
        self._say(
            200,
            f"<DescribeInstancesResponse><reservationSet>{reservation}</reservationSet>"
            "</DescribeInstancesResponse>",
        )

    def _result(self, action: str, inner: str) -> None:
        self._say(
            200, f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"
        )

    def _refuse(self, code: str, message: str) -> None:
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self._say(403, f"<ErrorResponse>{error}</ErrorResponse>")

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the tests look at `asked`."""


@dataclass(frozen=True)
class FakeAws:
    url: str
    roles: list[str]
    asked: list[dict[str, str]]


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    roles, asked = ["OktaDeveloper", "OktaAuditor"], []
    handler = type("Handler", (Aws,), {"roles": roles, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    yield FakeAws(f"http://127.0.0.1:{server.server_port}", roles, asked)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def app_body() -> dict[str, Any]:
    return Administration.app_body()


@pytest.fixture
def app(api) -> dict[str, Any]:
    return api.new_app()


@pytest.fixture
def lax(api) -> Administration:
    api.switch(strict_roles=False)
    return api


CONTRACT = {
    "apps": (apps, metadata, native_apps),
    "assignments": (app_users, assignments),
    "groups": (group_rules, groups, memberships),
    "people": (users,),
    "policies": (policies,),
}
"""test_okta_contract_NAME.py -> the subjects that it takes."""


@dataclass
class Asked:
    """What the tests of a file of the contract that ran have asked."""

    tests: set[str] = field(default_factory=set)
    requests: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture(scope="module")
def asked(request) -> Iterator[Asked]:
    """In the end, if the whole file ran: it has asked every route of its subjects."""
    asked = Asked()
    yield asked
    written = set(re.findall(r"^def (test_\w+)", request.path.read_text(), re.MULTILINE))
    subjects = CONTRACT.get(request.path.stem.removeprefix("test_okta_contract_"), ())
    unasked = [
        f"{method} {route.path}"
        for subject in subjects
        for route in subject.ROUTES
        for method in route.methods - {"HEAD"}
        if not any(m == method and route.path_regex.match(path) for m, path in asked.requests)
    ]
    assert written != asked.tests or not unasked, "a route that no test asks may be a lie"


@pytest.fixture
def note_what_is_asked(request, okta, asked) -> Iterator[None]:
    yield
    asked.tests.add(request.node.originalname)
    asked.requests.update((one.method, one.path) for one in okta.org.requests)
