"""A second factor: set up, asked for where a policy wants it, and never taken twice."""

from datetime import timedelta

import httpx
import pytest

from sandbox.errors import SandboxError
from sandbox.okta import factors
from sandbox.person import role_pairs, saml_response

ADA = "ada@example.com"
TWO_FACTORS = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA"}}}
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, in base32


@pytest.fixture
def link(api):
    """An app that Ada is assigned to, whose policy asks for two factors."""
    app = api.new_app()
    api.switch(strict_roles=False)
    api.assign(app["id"], api.new_group("g", ADA), profile={"samlRoles": ["OktaDeveloper"]})
    policy = api.call("POST", "/policies", json={"type": "ACCESS_POLICY", "name": "MFA"})["id"]
    rule = {"name": "r", "priority": 0, "actions": TWO_FACTORS}
    api.call("POST", f"/policies/{policy}/rules", json=rule)
    api.call("PUT", f"/apps/{app['id']}/policies/{policy}")
    return app["_links"]["appLinks"][0]["href"]


@pytest.fixture
def phone(okta, api):
    """Ada's phone: set up on the first call, afterwards the code of the moment."""

    def code():
        answer = api.client.post("/sandbox/factors", json={"login": ADA})
        assert answer.status_code == 200
        return answer.json()["passCode"]

    return code


def later(okta, seconds=31):
    """The next code: none counts twice."""
    clock = okta.org.clock
    okta.org.clock = lambda: clock() + timedelta(seconds=seconds)


def enter(okta, link, code=None):
    return saml_response(link, ADA, okta.people[ADA].password, code=code)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(okta, seconds, code):
    from datetime import UTC, datetime

    assert factors.passcode(SECRET, datetime.fromtimestamp(seconds, UTC)) == code


def test_who_has_no_factor_is_not_let_in(okta, link):
    with pytest.raises(SandboxError, match="asks for a second factor, and you have none"):
        enter(okta, link)


def test_who_has_one_is_asked_for_it_and_enters(okta, link, phone):
    code = phone()

    with pytest.raises(SandboxError, match=r"asks ada@example\.com for a second factor"):
        enter(okta, link)
    assert role_pairs(enter(okta, link, code))


@pytest.mark.parametrize("wrong", ["000000", "", "x", "12345678"])
def test_a_wrong_code_does_not_enter(okta, link, phone, wrong):
    assert phone() != wrong

    with pytest.raises(SandboxError, match="passcode doesn't match"):
        enter(okta, link, wrong)


def test_a_code_counts_once_and_not_much_later(okta, link, phone):
    code = phone()
    enter(okta, link, code)

    with pytest.raises(SandboxError, match="passcode doesn't match"):
        enter(okta, link, code)
    later(okta, 91)
    with pytest.raises(SandboxError, match="passcode doesn't match"):
        enter(okta, link, code)
    assert enter(okta, link, phone())


def test_ten_wrong_codes_lock_the_account(okta, api, link, phone):
    phone()
    for _ in range(10):
        with pytest.raises(SandboxError):
            enter(okta, link, "000000")

    assert api.call("GET", f"/users/{ADA}")["status"] == "LOCKED_OUT"


def test_the_factor_of_one_session_is_not_that_of_another(okta, link, phone):
    enter(okta, link, phone())

    with pytest.raises(SandboxError, match="for a second factor"):
        enter(okta, link)


def test_an_app_without_such_a_policy_asks_for_nothing(okta, api, phone):
    app = api.new_app()
    api.assign(app["id"], api.new_group("g", ADA))
    phone()

    assert enter(okta, app["_links"]["appLinks"][0]["href"])


def test_a_person_cannot_set_up_anothers(anonymous):
    assert anonymous.post("/sandbox/factors", json={"login": ADA}).status_code == 401


# Programs that ask for the factor themselves


@pytest.fixture
def authn(okta, api, anonymous):
    api.switch(factor_at_sign_in=True)

    def post(path="", **payload):
        return anonymous.post(f"/api/v1/authn{path}", json=payload)

    return post


def test_authn_asks_for_the_factor_and_then_gives_a_session(okta, api, authn, link, phone):
    credentials = {"username": ADA, "password": okta.people[ADA].password}
    assert authn(**credentials).json()["status"] == "SUCCESS", "she has no factor yet"
    code = phone()
    asked = authn(**credentials).json()
    factor = asked["_embedded"]["factors"][0]
    path = f"/factors/{factor['id']}/verify"

    assert (asked["status"], factor["factorType"]) == ("MFA_REQUIRED", "token:software:totp")
    assert "sessionToken" not in asked
    assert factor["_links"]["verify"]["href"].endswith(path)
    state = asked["stateToken"]
    assert authn(path, stateToken=state, passCode="000000").status_code == 403
    assert authn(path, stateToken="00x", passCode=code).status_code == 401
    token = authn(path, stateToken=state, passCode=code).json()["sessionToken"]
    assert authn(path, stateToken=state, passCode=code).status_code == 401, "used"
    page = httpx.get(link, params={"sessionToken": token}, follow_redirects=True, trust_env=False)
    assert "SAMLResponse" in page.text
