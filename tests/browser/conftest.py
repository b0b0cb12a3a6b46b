"""Real Chromium on both local clouds, with the story's stack in place up to the step by hand."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from botocore.config import Config
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from sandbox.aws.server import LocalAws
from sandbox.browser import Browser as FormBrowser
from sandbox.okta.server import LocalOkta
from sandbox.workspace import HOME

ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringLike": {"SAML:aud": "https://*signin.aws.amazon.com/saml"}},
        }
    ],
}
"""Of the provider's people, whichever region's sign-in page took them in."""

SCREENSHOTS = HOME / "screenshots"

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--no-sandbox",  # continuous integration runs as root, where Chromium's own cage cannot start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP = {"width": 1280, "height": 800}

# Generous: a machine that runs other tests beside these is slow, and waiting costs nothing else.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Bench:
    """Both clouds, the app, and the key that the administrator types."""

    aws: LocalAws
    okta: LocalOkta
    app_id: str
    app_label: str
    key_id: str
    secret: str

    def api(self, method: str, path: str, **arguments: Any) -> Any:
        """Okta's management API, with the org's token."""
        answer = httpx.request(
            method,
            f"{self.okta.url}/api/v1{path}",
            headers={"Authorization": f"SSWS {self.okta.token}"},
            trust_env=False,
            **arguments,
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def ec2(self) -> Any:
        return administrator(self.aws, "ec2")

    def iam(self) -> Any:
        return administrator(self.aws, "iam")

    def integrate(self) -> None:
        """The Provisioning tab done, by its forms but without a browser that renders them."""
        tab = f"{self.okta.url}/admin/app/amazon_aws/instance/{self.app_id}/provisioning"
        account = {"username": self.okta.admin.login, "password": self.okta.admin.password}
        key = {"access_key": self.key_id, "secret_key": self.secret, "action": "save"}
        with FormBrowser() as browser:
            page = browser.open(tab)
            page = browser.submit(page, page.form_with("password"), account)
            page = browser.submit(page, page.form_with("access_key"), key)
            browser.submit(page, page.form_with("create_users"), {"create_users": "on"})

    def add_role(self, name: str, *policies: str) -> None:
        """A role that trusts Okta's provider, with AWS managed policies."""
        iam = self.iam()
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        for policy in policies:
            iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")

    def assign(self, group: str, roles: list[str], *members: str) -> str:
        """A group with the app, these roles, and these people in it; answers with its id."""
        created = self.api("POST", "/groups", json={"profile": {"name": group, "description": ""}})
        profile = {"role": None, "samlRoles": roles}
        self.api("PUT", f"/apps/{self.app_id}/groups/{created['id']}", json={"profile": profile})
        for login in members:
            user = self.api("GET", f"/users/{login}")
            self.api("PUT", f"/groups/{created['id']}/users/{user['id']}")
        group_id: str = created["id"]
        return group_id


def administrator(aws: LocalAws, service: str) -> Any:
    """A client with the account's administrator's key."""
    key = aws.administrators[ACCOUNT]
    return boto3.client(
        service,
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(proxies={}, retries={"max_attempts": 1}),
    )


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Steps 1 to 4 of the story, done as a deployment does them; fresh for each test."""
    with deployed() as bench:
        yield bench


@pytest.fixture(scope="module")
def module_bench() -> Iterator[Bench]:
    """The same for all tests of a module, which then must leave each other alone."""
    with deployed() as bench:
        yield bench


@contextmanager
def deployed() -> Iterator[Bench]:
    with LocalAws(accounts=(ACCOUNT,)) as aws, LocalOkta(aws_url=aws.url) as okta:
        headers = {"Authorization": f"SSWS {okta.token}"}
        with httpx.Client(base_url=okta.url, headers=headers, trust_env=False) as client:
            app = client.post("/api/v1/apps", json=app_body()).raise_for_status().json()
            metadata = client.get(f"/api/v1/apps/{app['id']}/sso/saml/metadata").text
        iam = administrator(aws, "iam")
        iam.create_saml_provider(Name="Okta", SAMLMetadataDocument=metadata)
        key = provisioning_key(iam)
        bench = Bench(
            aws, okta, app["id"], app["label"], key["AccessKeyId"], key["SecretAccessKey"]
        )
        bench.add_role("OktaDeveloper", "AmazonEC2ReadOnlyAccess")
        yield bench


def app_body() -> dict[str, Any]:
    return {
        "name": "amazon_aws",
        "label": "AWS Account Federation",
        "signOnMode": "SAML_2_0",
        "settings": {"app": {"identityProviderArn": PROVIDER, "sessionDuration": 3600}},
    }


def provisioning_key(iam: Any) -> dict[str, str]:
    """The key of a user that may list roles and nothing else."""
    actions = ["iam:ListRoles", "iam:ListAccountAliases"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = iam.create_policy(PolicyName="OktaMasterAccountPolicy", PolicyDocument=document)
    iam.create_user(UserName="OktaSSOuser")
    iam.attach_user_policy(UserName="OktaSSOuser", PolicyArn=policy["Policy"]["Arn"])
    key: dict[str, str] = iam.create_access_key(UserName="OktaSSOuser")["AccessKey"]
    return key


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Gone with its module: while Playwright lives its event loop runs, for every test after."""
    assert CHROMIUM, "the browser tests need Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Person:
    """Somebody at a browser of their own."""

    page: Page
    complaints: list[str]
    """What the browser's console, or its network, complained of."""

    def signs_in(self, login: str, password: str) -> None:
        """Fill in the sign-in page, which is open, and press Enter."""
        self.page.get_by_label("Username").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")

    def configures_provisioning(self, bench: Bench) -> None:
        """What an administrator does once: the app's tab, the key, "Create users"."""
        page = self.page
        page.goto(bench.okta.url)
        self.signs_in(bench.okta.admin.login, bench.okta.admin.password)
        page.get_by_role("link", name="Admin").click()
        page.get_by_role("link", name=bench.app_label).click()
        page.get_by_role("link", name="Provisioning").click()
        self.types_key(bench.key_id, bench.secret)
        page.get_by_role("button", name="Test API credentials").click()
        expect(page.get_by_role("status")).to_contain_text("verified successfully")
        self.types_key(bench.key_id, bench.secret)
        page.get_by_role("button", name="Save").first.click()
        page.get_by_label("Create users").check()
        page.get_by_label("Update user attributes").check()
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_role("status")).to_contain_text("PUSH_NEW_USERS")

    def types_key(self, key_id: str, secret: str) -> None:
        self.page.get_by_label("Access key").fill(key_id)
        self.page.get_by_label("Secret key").fill(secret)

    def opens_app(self, bench: Bench, login: str) -> None:
        """Sign in to Okta and click the app's tile."""
        self.page.goto(bench.okta.url)
        self.signs_in(login, bench.okta.people[login].password)
        self.page.get_by_role("link", name=bench.app_label).click()

    def keeps(self, name: str) -> Path:
        """A screenshot of the whole page, as an artefact."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def finds_no_barrier(self) -> None:
        """Demand that axe-core sees nothing serious or critical on the page as it is."""
        found = Axe().run(self.page).response["violations"]
        serious = [
            f"{violation['id']}: {violation['help']} at {violation['nodes'][0]['target']}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{self.page.url}: {serious}"


OpenBrowser = Callable[..., Person]


@pytest.fixture
def browser_of(chromium: Browser) -> Iterator[OpenBrowser]:
    """Opens a fresh browser, without cookies; at the end its complaints fail the test."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def opened(**options: Any) -> Person:
        context = chromium.new_context(**({"viewport": LAPTOP} | options))
        person = Person(context.new_page(), [])
        person.page.on("console", lambda said: _hear(person, said.type, said.text))
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        person.page.on("request", lambda request: _watch(person, request.url))
        contexts.append(context)
        people.append(person)
        return person

    yield opened
    for context in contexts:
        context.close()
    assert not [complaint for person in people for complaint in person.complaints]


def _hear(person: Person, kind: str, text: str) -> None:
    # A refusal that a person is shown comes with its status, which Chromium reports as an error.
    if kind in ("error", "warning") and "the server responded with a status of 4" not in text:
        person.complaints.append(f"{kind}: {text}")


def _watch(person: Person, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:")):
        person.complaints.append(f"asked for something beyond this machine: {url}")
