"""What command-line clients ask of Okta and of AWS's sign-in page, in their order and names.

Sources: saml2aws v2, okta-awscli 0.5.5, aws-okta-processor 1.10.0, gimme-aws-creds 2.8.2.
"""

import httpx
import pytest
from lxml import html

ADA = "ada@example.com"
ROLES = ["OktaAuditor", "OktaDeveloper"]


@pytest.fixture
def link(api):
    """The app's link, for Ada in two roles."""
    api.switch(strict_roles=False)
    app = api.new_app()
    api.assign(app["id"], api.new_group("g", ADA), profile={"samlRoles": ROLES})
    return app["_links"]["appLinks"][0]["href"]


@pytest.fixture
def client(okta):
    with httpx.Client(base_url=okta.url, trust_env=False, follow_redirects=True) as client:
        yield client


@pytest.fixture
def asked(okta, api, client):
    """Okta's answer to the password of Ada, who has a code and a push: (state token, verify)."""
    api.switch(factor_at_sign_in=True)
    api.client.post("/sandbox/factors", json={"login": ADA, "push": True})
    answer = client.post("/api/v1/authn", json=credentials(okta)).json()
    links = {
        one["factorType"]: one["_links"]["verify"]["href"] for one in answer["_embedded"]["factors"]
    }
    assert list(links) == ["token:software:totp", "push"]
    return answer["stateToken"], links


def credentials(okta):
    return {"username": ADA, "password": okta.people[ADA].password}


def code(api):
    return api.client.post("/sandbox/factors", json={"login": ADA}).json()["passCode"]


def saml_form(page):
    [form] = html.fromstring(page.text).forms
    return form


def test_saml2aws_begins_the_challenge_before_it_sends_the_code(api, client, asked, link):
    state, links = asked
    begun = client.post(links["token:software:totp"], json={"stateToken": state})
    assert (begun.status_code, begun.json()["status"]) == (200, "MFA_CHALLENGE")
    sent = {"stateToken": state, "passCode": code(api), "rememberDevice": "true"}
    ticket = client.post(begun.json()["_links"]["next"]["href"], json=sent).json()["sessionToken"]

    session = client.post("/api/v1/sessions", json={"sessionToken": ticket}).json()
    assert session["status"] == "ACTIVE"
    cookie = {"Cookie": f"sid={session['id']}", "Content-Type": "application/json"}
    assert client.get("/api/v1/sessions/me", headers=cookie).json()["status"] == "ACTIVE"
    assert saml_form(client.get(link, headers=cookie)).fields["SAMLResponse"]


def test_okta_awscli_calls_the_code_answer(api, client, asked):
    state, links = asked
    sent = {"stateToken": state, "answer": code(api)}

    assert client.post(links["token:software:totp"], json=sent).json()["status"] == "SUCCESS"


def test_a_wrong_answer_is_refused(client, asked):
    state, links = asked

    refused = client.post(links["token:software:totp"], json={"stateToken": state, "answer": "1"})

    assert refused.status_code == 403


def test_a_push_is_approved_when_it_is_asked_for_again(client, asked):
    state, links = asked
    waiting = client.post(links["push"], json={"stateToken": state}).json()
    assert (waiting["status"], waiting["factorResult"]) == ("MFA_CHALLENGE", "WAITING")

    approved = client.post(waiting["_links"]["next"]["href"], json={"stateToken": state}).json()

    assert approved["status"] == "SUCCESS"
    again = client.post(links["push"], json={"stateToken": state})
    assert again.status_code == 401, "the state token is used"


def test_a_code_that_was_used_is_not_shown_again(api, client, asked):
    state, links = asked
    used = code(api)
    client.post(links["token:software:totp"], json={"stateToken": state, "passCode": used})

    assert code(api) != used


def test_aws_okta_processor_refreshes_the_session_of_its_cache(okta, client, link):
    ticket = client.post("/api/v1/authn", json=credentials(okta)).json()["sessionToken"]
    session = client.post("/api/v1/sessions", json={"sessionToken": ticket}).json()["id"]
    path, cookie = "/api/v1/sessions/me/lifecycle/refresh", {"Cookie": f"sid={session}"}

    # A new process: it has the session's id, and no cookies but those that this answer sets.
    with httpx.Client(base_url=okta.url, trust_env=False, follow_redirects=True) as later:
        assert later.post(path, json={}, headers={"Cookie": "sid=x"}).status_code == 404
        assert later.post(path, json={}, headers=cookie).json()["status"] == "ACTIVE"
        assert saml_form(later.get(link)).fields["SAMLResponse"]


def test_who_has_no_session_is_asked_by_a_page_that_aws_okta_processor_knows(client, link):
    assert html.fromstring(client.get(link).text).xpath("//div[@id='okta-sign-in']")


def test_accounts_and_roles_are_read_from_the_sign_in_page(okta, client, link):
    ticket = client.post("/api/v1/authn", json=credentials(okta)).json()["sessionToken"]
    form = saml_form(client.get(link, params={"sessionToken": ticket}))

    page = html.fromstring(client.post(form.action, data=dict(form.fields)).text)

    [account] = page.xpath("//fieldset/div[@class='saml-account']")
    name = account.xpath("string(div[1]/div[1][@class='saml-account-name'])")
    assert name == "Account: 123456789012"
    roles = account.xpath(".//div[@class='saml-account']/div[contains(@class, 'saml-role')]")
    read = [(role.xpath("string(label)"), role.find("label").get("for")) for role in roles]
    assert read == [(role, f"arn:aws:iam::123456789012:role/{role}") for role in ROLES]
    assert [role.find("input").get("id") for role in roles] == [arn for _, arn in read]
