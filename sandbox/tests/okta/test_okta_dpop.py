"""Proof of possession: what a service app has to show where the org demands it."""

import base64
import hashlib
import time
import uuid

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from access.verification import okta_org

KEY = rsa.generate_private_key(65537, 2048)
PROOF_KEY = ECKey.generate_key("P-256")
SCOPES = "okta.apps.read okta.groups.read"
TOKEN = "/oauth2/v1/token"


@pytest.fixture
def service(okta, api):
    api.switch(require_dpop=True)
    return okta.register_service(KEY.public_key(), SCOPES.split())


def proof(okta, method="POST", path=TOKEN, *, key=PROOF_KEY, typ="dpop+jwt", private=False, **more):
    header = {"typ": typ, "alg": "ES256", "jwk": key.as_dict(private=private)}
    claims = {
        "htm": method,
        "htu": f"{okta.url}{path}",
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
    }
    claims = {name: value for name, value in (claims | more).items() if value is not None}
    return jwt.encode(header, claims, key, algorithms=["ES256"])


def ask(okta, client, service, dpop=None):
    claims = {
        "iss": service,
        "sub": service,
        "aud": f"{okta.url}{TOKEN}",
        "exp": int(time.time()) + 300,
    }
    form = {
        "grant_type": "client_credentials",
        "scope": SCOPES,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(KEY)),
    }
    return client.post(TOKEN, data=form, headers={"DPoP": dpop} if dpop else {})


def token(okta, client, service):
    answer = ask(okta, client, service, proof(okta, nonce=okta.org.dpop_nonce)).json()
    assert answer["token_type"] == "DPoP"
    return answer["access_token"]


def ath(access_token):
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_without_a_proof_the_reason_is_the_field_cases(okta, anonymous, service):
    refused = ask(okta, anonymous, service)

    assert refused.status_code == 400
    assert refused.json() == {
        "error": "invalid_dpop_proof",
        "error_description": "The DPoP proof JWT header is missing.",
    }


@pytest.mark.parametrize("required", [True, False])
def test_verify_reads_an_org_that_demands_proofs(okta, api, monkeypatch, required):
    api.switch(require_dpop=required)
    pem = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    scopes = okta_org.SCOPES.split()
    for name in ("OKTA_API_TOKEN", "OKTA_ACCESS_TOKEN", "OKTA_API_SCOPES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OKTA_HTTP_PROXY", okta.url)
    monkeypatch.setenv("OKTA_API_CLIENT_ID", okta.register_service(KEY.public_key(), scopes))
    monkeypatch.setenv("OKTA_API_PRIVATE_KEY", pem.decode())

    org = okta_org.Org()

    for _ in range(2):
        assert "Everyone" in [each["profile"]["name"] for each in org.every("/api/v1/groups")]
    assert {grant.key_thumbprint is not None for grant in okta.org.grants.values()} == {required}


def test_the_first_proof_is_told_the_nonce_and_the_second_gets_a_token(okta, anonymous, service):
    first = ask(okta, anonymous, service, proof(okta))
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")

    second = ask(okta, anonymous, service, proof(okta, nonce=first.headers["dpop-nonce"]))

    assert second.json()["token_type"] == "DPoP"


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htu": "https://sandbox.okta.test/oauth2/v1/authorize"},
        {"iat": 1},
        {"iat": None},
        {"jti": None},
        {"typ": "JWT"},
        {"private": True},
    ],
)
def test_a_proof_that_does_not_fit_is_refused(okta, anonymous, service, changes):
    changes.setdefault("nonce", okta.org.dpop_nonce)

    refused = ask(okta, anonymous, service, proof(okta, **changes))

    assert refused.json()["error"] == "invalid_dpop_proof"


def test_a_proof_counts_once_and_garbage_never(okta, anonymous, service):
    once = proof(okta, nonce=okta.org.dpop_nonce)
    assert ask(okta, anonymous, service, once).status_code == 200

    for again in (once, "x.y.z", "x"):
        refused = ask(okta, anonymous, service, again)
        assert refused.json()["error"] == "invalid_dpop_proof"


def test_a_forged_signature_is_refused(okta, anonymous, service):
    head, body, _ = proof(okta, nonce=okta.org.dpop_nonce).split(".")
    _, _, other = proof(okta).split(".")

    refused = ask(okta, anonymous, service, f"{head}.{body}.{other}")

    assert refused.json()["error"] == "invalid_dpop_proof"


def test_each_request_proves_the_key(okta, anonymous, service):
    access = token(okta, anonymous, service)
    path = "/api/v1/groups"

    def get(scheme, sent):
        headers = {"Authorization": f"{scheme} {access}"} | ({"DPoP": sent} if sent else {})
        return anonymous.get(path, headers=headers).status_code

    good = {"method": "GET", "path": path, "ath": ath(access)}
    assert get("DPoP", proof(okta, **good)) == 200
    assert get("DPoP", None) == 401
    assert get("Bearer", None) == 401, "a stolen token alone is worth nothing"
    assert get("DPoP", proof(okta, **good, key=ECKey.generate_key("P-256"))) == 401
    assert get("DPoP", proof(okta, **good | {"ath": ath("another")})) == 401
    assert get("DPoP", proof(okta, **good | {"method": "POST"})) == 401
    assert get("DPoP", proof(okta, **good | {"path": "/api/v1/apps"})) == 401


def test_an_org_that_does_not_demand_it_gives_bearer_tokens(okta, api, anonymous, service):
    api.switch(require_dpop=False)

    assert ask(okta, anonymous, service).json()["token_type"] == "Bearer"
