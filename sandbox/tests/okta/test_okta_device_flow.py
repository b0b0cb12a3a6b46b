"""The device flow, request by request as okta-aws-cli makes it, and its refusals."""

import base64
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwt
from lxml import html

ADA = "ada@example.com"
GRANTS = [
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]
SCOPES = "openid okta.apps.sso okta.apps.read okta.users.read.self"


def native(**changes):
    client = {
        "application_type": "native",
        "grant_types": GRANTS,
        "redirect_uris": ["http://localhost"],
        "response_types": ["code"],
    }
    return {
        "name": "oidc_client",
        "label": "AWS on the command line",
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "none"}},
        "settings": {"oauthClient": client | changes},
    }


class CommandLine:
    """okta-aws-cli's side: no cookie, no secret, forms."""

    def __init__(self, okta, client_id, app_id):
        self.client = httpx.Client(base_url=okta.url, trust_env=False)
        self.client_id, self.app_id = client_id, app_id

    def authorize(self, **changes):
        given = {"client_id": self.client_id, "scope": SCOPES} | changes
        return self.client.post("/oauth2/v1/device/authorize", data=given)

    def poll(self, code, **changes):
        given = {"client_id": self.client_id, "device_code": code, "grant_type": GRANTS[1]}
        return self.client.post("/oauth2/v1/token", data=given | changes)

    def exchange(self, tokens, **changes):
        given = {
            "client_id": self.client_id,
            "actor_token": tokens["access_token"],
            "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "subject_token": tokens["id_token"],
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "grant_type": GRANTS[2],
            "requested_token_type": "urn:okta:oauth:token-type:web_sso_token",
            "audience": f"urn:okta:apps:{self.app_id}",
        }
        return self.client.post("/oauth2/v1/token", data=given | changes)

    def sso(self, token):
        return self.client.get("/login/token/sso", params={"token": token})


@pytest.fixture
def cli(okta, api):
    """The federation app, the native app that it allows, and Ada in both."""
    api.switch(strict_roles=False)
    client_id = api.call("POST", "/apps?activate=true", json=native())["id"]
    app_id = api.new_app(webSSOAllowedClient=client_id)["id"]
    group = api.new_group("AWSDeveloper", ADA)
    api.assign(app_id, group, profile={"samlRoles": ["OktaDeveloper"]})
    api.assign(client_id, group)
    return CommandLine(okta, client_id, app_id)


@pytest.fixture
def approve(okta, browser):
    """Open the printed address, sign in, press Next."""

    def do(device, login=ADA):
        page = browser.open(device["verification_uri_complete"])
        if page.has_field("password"):
            filled = {"username": login, "password": okta.people[login].password}
            page = browser.submit(page, page.form_with("password"), filled)
        return browser.submit(page, page.form_with("user_code"), {})

    return do


def signed_in(cli, approve):
    device = cli.authorize().json()
    approve(device)
    return cli.poll(device["device_code"]).json()


def test_a_person_enters_from_the_command_line(okta, cli, approve):
    device = cli.authorize().json()
    assert device["verification_uri_complete"].endswith(f"?user_code={device['user_code']}")
    pending = cli.poll(device["device_code"])
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")

    assert "Device activated" in approve(device).text
    tokens = cli.poll(device["device_code"]).json()
    assert tokens["token_type"] == "Bearer"
    claims = jwt.decode(tokens["access_token"], okta.org.token_key).claims
    assert (claims["sub"], claims["cid"]) == (ADA, cli.client_id), "gimme-aws-creds reads it"
    links = cli.client.get(
        "/api/v1/users/me/appLinks",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    ).json()
    assert [link["appInstanceId"] for link in links if link["appName"] == "amazon_aws"] == [
        cli.app_id
    ]
    web = cli.exchange(tokens).json()
    assert (web["token_type"], web["issued_token_type"]) == (
        "N_A",
        "urn:okta:oauth:token-type:web_sso_token",
    )
    page = html.fromstring(cli.sso(web["access_token"]).text)
    (value,) = page.xpath("//input[@name='SAMLResponse']/@value")
    assert b":role/OktaDeveloper" in base64.b64decode(value)
    assert ADA.encode() in base64.b64decode(value)


def test_the_id_token_is_signed_by_the_org_for_this_client(okta, cli, approve):
    tokens = signed_in(cli, approve)

    claims = jwt.decode(tokens["id_token"], okta.org.token_key).claims

    assert (claims["iss"], claims["aud"], claims["preferred_username"]) == (
        okta.url,
        cli.client_id,
        ADA,
    )


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "0oaunknown"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
    ],
)
def test_an_unknown_client_gets_no_code(cli, changes, status, error):
    refused = cli.authorize(**changes)

    assert (refused.status_code, refused.json()["error"]) == (status, error)


def test_a_client_without_the_grant_gets_no_code(api, okta):
    other = api.call("POST", "/apps", json=native(grant_types=GRANTS[:1]))["id"]

    refused = CommandLine(okta, other, "").authorize()

    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")


def test_a_code_counts_once_for_its_own_client_and_ten_minutes(okta, api, cli, approve):
    device = cli.authorize().json()
    other = api.call("POST", "/apps?activate=true", json=native())["id"]
    approve(device)

    assert cli.poll(device["device_code"], client_id=other).json()["error"] == "invalid_grant"
    assert cli.poll(device["device_code"]).status_code == 200
    assert cli.poll(device["device_code"]).json()["error"] == "invalid_grant"
    late = cli.authorize().json()
    clock = okta.org.clock
    okta.org.clock = lambda: clock() + timedelta(minutes=11)
    assert cli.poll(late["device_code"]).json()["error"] == "expired_token"
    assert "Invalid code" in approve(late).text


def test_who_is_not_assigned_the_client_cannot_approve(cli, approve):
    device = cli.authorize().json()

    assert "not assigned the app of this device" in approve(device, "grace@example.com").text
    assert cli.poll(device["device_code"]).json()["error"] == "authorization_pending"


def test_a_wrong_code_and_a_form_of_another_site_approve_nothing(okta, cli, browser, approve):
    signed_in(cli, approve)
    device = cli.authorize().json()
    page = browser.open(f"{okta.url}/activate")

    wrong = browser.submit(page, page.form_with("user_code"), {"user_code": "BBBBBBBB"})
    assert (wrong.status, "Invalid code" in wrong.text) == (400, True)
    forged = browser.client.post(f"{okta.url}/activate", data={"user_code": device["user_code"]})
    assert forged.status_code == 403
    assert cli.poll(device["device_code"]).json()["error"] == "authorization_pending"


def test_a_policy_of_the_client_asks_for_the_factor_first(okta, api, cli, browser, approve):
    actions = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA"}}}
    policy = api.call("POST", "/policies", json={"type": "ACCESS_POLICY", "name": "MFA"})["id"]
    rule = {"name": "r", "priority": 0, "actions": actions}
    api.call("POST", f"/policies/{policy}/rules", json=rule)
    for app in (cli.client_id, cli.app_id):
        api.call("PUT", f"/apps/{app}/policies/{policy}")
    device = cli.authorize().json()
    code = api.client.post("/sandbox/factors", json={"login": ADA}).json()["passCode"]

    page = approve(device)
    assert page.has_field("passCode")
    browser.submit(page, page.form_with("passCode"), {"passCode": code})
    assert "Device activated" in approve(device).text
    tokens = cli.poll(device["device_code"]).json()
    assert "SAMLResponse" in cli.sso(cli.exchange(tokens).json()["access_token"]).text


def test_a_policy_of_the_federation_app_alone_refuses_the_exchange(api, cli, approve):
    actions = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA"}}}
    policy = api.call("POST", "/policies", json={"type": "ACCESS_POLICY", "name": "MFA"})["id"]
    rule = {"name": "r", "priority": 0, "actions": actions}
    api.call("POST", f"/policies/{policy}/rules", json=rule)
    api.call("PUT", f"/apps/{cli.app_id}/policies/{policy}")

    refused = cli.exchange(signed_in(cli, approve))

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "assurance requirements are not met" in refused.json()["error_description"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"actor_token": "x"}, "invalid_request"),
        ({"subject_token": "x.y.z"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"audience": "urn:okta:apps:0oaunknown"}, "invalid_target"),
        ({"audience": ""}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_an_exchange_that_does_not_fit_is_refused(cli, approve, changes, error):
    refused = cli.exchange(signed_in(cli, approve), **changes)

    assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_the_app_has_to_allow_the_client(api, cli, approve):
    tokens = signed_in(cli, approve)
    other = api.new_app(webSSOAllowedClient="0oaanother")["id"]
    none = api.new_app()["id"]

    for app in (other, none):
        refused = cli.exchange(tokens, audience=f"urn:okta:apps:{app}")
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")


def test_a_token_without_the_scope_opens_no_app(cli, approve):
    device = cli.authorize(scope="openid").json()
    approve(device)

    refused = cli.exchange(cli.poll(device["device_code"]).json())

    assert refused.json()["error"] == "invalid_scope"


def test_the_web_token_opens_the_app_once(okta, api, cli, approve):
    token = cli.exchange(signed_in(cli, approve)).json()["access_token"]

    assert cli.sso(token).status_code == 200
    assert cli.sso(token).status_code == 403
    assert cli.sso("").status_code == 403


def test_who_lost_the_assignment_is_not_let_in(api, cli, approve):
    tokens = signed_in(cli, approve)
    token = cli.exchange(tokens).json()["access_token"]
    (group,) = [one["id"] for one in api.call("GET", f"/apps/{cli.app_id}/groups")]
    api.call("DELETE", f"/apps/{cli.app_id}/groups/{group}")

    assert cli.sso(token).status_code == 403
    assert cli.exchange(tokens).json()["error"] == "access_denied"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/apps"),
        ("GET", "/api/v1/users"),
        ("POST", "/api/v1/groups"),
        ("DELETE", "/api/v1/users/me"),
        ("POST", "/api/v1/users/me"),
    ],
)
def test_a_persons_token_administers_nothing(cli, approve, method, path):
    token = signed_in(cli, approve)["access_token"]

    refused = cli.client.request(
        method, path, json={}, headers={"Authorization": f"Bearer {token}"}
    )

    assert refused.status_code == 403


def test_the_address_is_the_orgs_own(okta, cli):
    device = cli.authorize().json()

    assert urlsplit(device["verification_uri"]).netloc == urlsplit(okta.url).netloc
