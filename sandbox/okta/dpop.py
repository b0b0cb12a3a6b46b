"""Proof of possession (DPoP, RFC 9449), as Okta's token endpoint and API check it.

Words and order of the refusals: developer.okta.com, "Configure OAuth 2.0 Demonstrating
Proof-of-Possession", and public threads of clients that met them.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from joserfc.util import urlsafe_b64encode
from starlette.requests import Request

from sandbox.okta.org import Org

ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
LONGEST_AGE = 300


class ProofRefused(Exception):
    """`error` of the answer; the text is its `error_description`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


def require_proof(request: Request, org: Org, *, access_token: str | None = None) -> str:
    """The thumbprint of the key that signed the request's proof.

    The token endpoint asks for a nonce, an API request (`access_token`) for the token's hash.
    Raises ProofRefused.
    """
    proof = request.headers.get("dpop")
    if not proof:
        raise ProofRefused("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
    key, claims = _verified(proof)
    path = urlsplit(str(claims.get("htu", ""))).path
    if claims.get("htm") != request.method or path != request.url.path:
        raise ProofRefused("invalid_dpop_proof", "The DPoP proof is for another method or address.")
    issued = claims.get("iat")
    now = org.clock().timestamp()
    if not isinstance(issued, int | float) or abs(now - issued) > LONGEST_AGE:
        raise ProofRefused("invalid_dpop_proof", "The DPoP proof is too old, or from the future.")
    if not claims.get("jti") or claims["jti"] in org.dpop_proofs:
        raise ProofRefused("invalid_dpop_proof", "The DPoP proof was used before, or has no jti.")
    if access_token is None and claims.get("nonce") != org.dpop_nonce:
        description = "Authorization server requires nonce in DPoP proof."
        raise ProofRefused("use_dpop_nonce", description)
    if access_token is not None and claims.get("ath") != _hash(access_token):
        raise ProofRefused("invalid_dpop_proof", "The DPoP proof is for another access token.")
    org.dpop_proofs.append(claims["jti"])
    return key.thumbprint()


def _verified(proof: str) -> tuple[RSAKey | ECKey, dict[str, Any]]:
    """The public key in the proof's header, and the claims that it signed."""
    refused = ProofRefused("invalid_dpop_proof", "The DPoP proof JWT is invalid.")
    try:
        header = jws.extract_compact(proof.encode()).headers()
        if header.get("typ") != "dpop+jwt" or "d" in header["jwk"]:
            raise refused
        key = JWKRegistry.import_key(header["jwk"])
        if not isinstance(key, RSAKey | ECKey):
            raise refused
        return key, jwt.decode(proof, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError):
        raise refused from None


def _hash(access_token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).decode()
