"""Proof of possession for Okta's API: what an app with "Require Demonstrating Proof of Possession
(DPoP) header in token requests" asks of its client.

Sources: RFC 9449; developer.okta.com, "Configure OAuth 2.0 Demonstrating Proof-of-Possession".
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Generator

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

REFUSALS = ("invalid_dpop_proof", "use_dpop_nonce")
"""`error` of the token endpoint: a proof is missing, or the nonce in it."""


class TokenProof(httpx.Auth):
    """Asks the token endpoint without a proof, and again with what it then demands."""

    requires_response_body = True

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield request
        for _ in REFUSALS:
            if not is_refusal(answer):
                return
            nonce = answer.headers.get("DPoP-Nonce")
            request.headers["DPoP"] = proof(self.key, request, {"nonce": nonce} if nonce else {})
            answer = yield request


class ApiProof(httpx.Auth):
    """Proves with each request that its sender has the key which the token was issued for."""

    def __init__(self, token: str, key: ECKey) -> None:
        digest = hashlib.sha256(token.encode()).digest()
        self.token, self.key = token, key
        self.token_hash = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"DPoP {self.token}"
        request.headers["DPoP"] = proof(self.key, request, {"ath": self.token_hash})
        yield request


def proof(key: ECKey, request: httpx.Request, further: dict[str, str]) -> str:
    """A signed JWT about one request, with its public key; `further` claims: nonce, token hash."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    claims = {
        "htm": request.method,
        "htu": str(request.url.copy_with(query=None, fragment=None)),
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(header, claims | further, key, algorithms=["ES256"])


def is_refusal(answer: httpx.Response) -> bool:
    """Whether the token endpoint wants a proof, or another one."""
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and answer.is_error and body.get("error") in REFUSALS
