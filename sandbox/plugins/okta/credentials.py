"""How the provider says who it is: an API token, an access token, or a service app's key."""

import base64
import json
import time
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import httpx

from sandbox.plugins.errors import CloudError
from sandbox.plugins.okta.arguments import Arguments

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 3600


def authorization(arguments: Arguments, client: httpx.Client) -> str:
    """The header's value. A service app's key is exchanged for an access token here."""
    if token := arguments.text("apiToken"):
        return f"SSWS {token}"
    if token := arguments.text("accessToken"):
        return f"Bearer {token}"
    if arguments.text("clientId") and arguments.text("privateKey"):
        return f"Bearer {_exchanged(arguments, client)}"
    raise CloudError(
        "failed validate configuration: give api_token, access_token, or client_id with "
        "private_key and scopes"
    )


def _exchanged(arguments: Arguments, client: httpx.Client) -> str:
    path = "/oauth2/v1/token"
    form = {
        "grant_type": "client_credentials",
        "scope": " ".join(arguments.scopes),
        "client_assertion_type": ASSERTION,
        "client_assertion": client_assertion(arguments, f"{arguments.url}{path}"),
    }
    try:
        answer = client.post(path, data=form)
    except httpx.HTTPError as error:
        raise CloudError(
            f'failed validate configuration: Post "{arguments.url}{path}": {error}'
        ) from error
    if answer.is_error:
        raise CloudError(
            f"failed validate configuration: no access token: {answer.status_code} "
            f"{answer.reason_phrase}: {answer.text}"
        )
    token: str = answer.json()["access_token"]
    return token


def client_assertion(arguments: Arguments, audience: str) -> str:
    """A JWT, signed with the service app's key (RFC 7523, section 2.2)."""
    # Imported here: it takes as long as all the rest, and a sandbox goes by its API token.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    client_id, key_id = arguments.text("clientId"), arguments.text("privateKeyId")
    now = int(time.time())
    header = {"alg": "RS256"} | ({"kid": key_id} if key_id else {})
    who = {"iss": client_id, "sub": client_id, "aud": audience, "jti": token_hex(16)}
    claims = who | {"iat": now, "exp": now + ASSERTION_SECONDS}
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    try:
        pem = arguments.text("privateKey").encode()
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError as error:
        raise CloudError(f"failed validate configuration: private_key: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CloudError("failed validate configuration: private_key must be an RSA key")
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_base64(signature)}"


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64(json.dumps(part).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
