"""How the provider says who it is: an API token, an access token, or a service app's key."""

import time
from secrets import token_hex
from threading import Lock

import httpx

from sandbox.plugins.okta.arguments import Arguments
from sandbox.plugins.okta.errors import OktaError
from sandbox.plugins.schema import CloudError

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 3600
EXPIRY_MARGIN = 2
MISSING = (
    "no Okta credentials provided. Please set one of the following: 'api_token' (or OKTA_API_TOKEN "
    "env var), 'access_token' (or OKTA_ACCESS_TOKEN env var), or 'private_key' + 'client_id' (or "
    "OKTA_API_PRIVATE_KEY + OKTA_API_CLIENT_ID env vars)"
)


class Credentials:
    """The value of the header `Authorization`. Raises CloudError if there are no credentials.

    A service app's key is exchanged for an access token when the first call needs it, and again
    when the token is about to expire.
    """

    def __init__(self, arguments: Arguments, client: httpx.Client) -> None:
        self._arguments = arguments
        self._client = client
        self._lock = Lock()
        self._expires = 0.0
        self._header = ""
        if token := arguments.text("apiToken"):
            self._header = f"SSWS {token}"
        elif token := arguments.text("accessToken"):
            self._header = f"Bearer {token}"
        elif not (arguments.text("clientId") and arguments.text("privateKey")):
            raise CloudError(MISSING)
        self.is_service_app = not self._header
        self.is_oauth = not self._header.startswith("SSWS ")

    def authorization(self) -> str:
        """Raises OktaError in the SDK's words."""
        if not self.is_service_app:
            return self._header
        with self._lock:
            if time.monotonic() >= self._expires:
                self._exchange()
            return self._header

    def _exchange(self) -> None:
        path = "/oauth2/v1/token"
        url = f"{self._arguments.url}{path}"
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(self._arguments.scopes),
            "client_assertion_type": ASSERTION,
            "client_assertion": client_assertion(self._arguments, url),
        }
        try:
            answer = self._client.post(path, data=form)
        except httpx.HTTPError as error:
            raise OktaError(f'Post "{url}": {error}', 0) from error
        if answer.is_error:
            # The SDK drops what Okta answered.
            raise OktaError("empty access token", answer.status_code)
        granted = answer.json()
        self._expires = time.monotonic() + granted["expires_in"] - EXPIRY_MARGIN
        self._header = f"{granted['token_type']} {granted['access_token']}"


def client_assertion(arguments: Arguments, audience: str) -> str:
    """A JWT, signed with the service app's key (RFC 7523, section 2.2)."""
    # Imported here: it takes as long as all the rest, and a sandbox goes by its API token.
    from joserfc import errors, jwt
    from joserfc.jwk import RSAKey

    client_id, key_id = arguments.text("clientId"), arguments.text("privateKeyId")
    now = int(time.time())
    header = {"alg": "RS256"} | ({"kid": key_id} if key_id else {})
    who = {"iss": client_id, "sub": client_id, "aud": audience, "jti": token_hex(16)}
    claims = who | {"iat": now, "exp": now + ASSERTION_SECONDS}
    try:
        return jwt.encode(header, claims, RSAKey.import_key(arguments.text("privateKey")))
    except ValueError:
        raise OktaError("invalid private key", 0) from None
    except errors.JoseError:
        raise OktaError("this emulated plugin signs with RSA keys only", 0) from None
