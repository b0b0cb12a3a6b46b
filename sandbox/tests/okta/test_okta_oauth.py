"""A program that signs its own way in, and what its scopes let it do."""

import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = rsa.generate_private_key(65537, 2048)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MANAGE = "okta.apps.manage okta.groups.manage okta.users.read"


@pytest.fixture
def service(okta):
    """The client id of an API Services app that may have these scopes."""
    return okta.register_service(KEY.public_key(), MANAGE.split())


def assertion(okta, client_id, *, key=KEY, **changes):
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{okta.url}/oauth2/v1/token",
        "exp": int(time.time()) + 3600,
    } | changes
    return jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(key))


def parameters(okta, client_id, scope=MANAGE, **changes):
    return {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(okta, client_id, **changes),
    }


def bearer(answer):
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_parameters_are_taken_from_the_form_or_the_query(okta, anonymous, service):
    """SDK v4 of the provider puts them into the query, v2 and v5 into the form."""
    given = parameters(okta, service)
    for answer in (
        anonymous.post("/oauth2/v1/token", data=given),
        anonymous.post(f"/oauth2/v1/token?{urlencode(given)}"),
    ):
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
        assert set(body["scope"].split()) == set(MANAGE.split())


def test_scopes_open_what_they_name_and_no_more(okta, anonymous, service):
    headers = bearer(anonymous.post("/oauth2/v1/token", data=parameters(okta, service)))

    assert anonymous.get("/api/v1/users", headers=headers).status_code == 200
    body = {"profile": {"name": "g"}}
    assert anonymous.post("/api/v1/groups", json=body, headers=headers).status_code == 200
    refused = anonymous.post("/api/v1/users", json={}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["errorCode"] == "E0000006"
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="okta.users.manage"' in challenge
    policies = anonymous.get("/api/v1/policies?type=ACCESS_POLICY", headers=headers)
    assert policies.status_code == 403


def test_a_token_ends_after_an_hour(okta, anonymous, service):
    headers = bearer(anonymous.post("/oauth2/v1/token", data=parameters(okta, service)))
    now = okta.org.clock
    okta.org.clock = lambda: now() + timedelta(hours=1)

    answer = anonymous.get("/api/v1/users", headers=headers)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_service_is_nobody(okta, anonymous, service):
    headers = bearer(anonymous.post("/oauth2/v1/token", data=parameters(okta, service)))

    assert anonymous.get("/api/v1/users/me", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 7200},
        {"aud": "https://other.test/oauth2/v2/token"},
        {"sub": "somebody else"},
        {"exp": None},
        {"key": rsa.generate_private_key(65537, 2048)},
    ],
)
def test_an_assertion_that_proves_nothing_is_refused(okta, anonymous, service, changes):
    answer = anonymous.post("/oauth2/v1/token", data=parameters(okta, service, **changes))

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, "invalid_client"),
        ({"client_assertion": "no.j.wt"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "okta.policies.manage"}, "invalid_scope"),
    ],
)
def test_a_request_that_asks_for_too_much_is_refused(okta, anonymous, service, change, error):
    given = parameters(okta, service) | change

    assert anonymous.post("/oauth2/v1/token", data=given).json()["error"] == error
