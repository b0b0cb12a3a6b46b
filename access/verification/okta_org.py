"""An Okta org to be asked, with the variables and the credentials of the Okta provider.

Needs the scopes `okta.apps.read`, `okta.groups.read` and `okta.users.read`; `okta.policies.read`
where the stack makes a sign-on policy. The variables: OKTA_ORG_NAME and OKTA_BASE_URL, or
OKTA_HTTP_PROXY in their place; OKTA_API_TOKEN, OKTA_ACCESS_TOKEN, or OKTA_API_CLIENT_ID with
OKTA_API_PRIVATE_KEY. Source: Okta's API reference.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from settings import SettingsError

TRIES, LONGEST_WAIT, PAGE = 6, 60, 200
SCOPES = "okta.apps.read okta.groups.read okta.users.read"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Org:
    """An org to be asked; a 429 is waited for as its headers say."""

    def __init__(self, observe: Callable[[httpx.Response], None] | None = None) -> None:
        """`observe` is called with every answer, a 429 too. Raises SettingsError."""
        # A named org is behind the proxy and the certificates that the environment names.
        plain_http = bool(os.environ.get("OKTA_HTTP_PROXY"))
        self._client = httpx.Client(
            base_url=_address(),
            timeout=60,
            trust_env=not plain_http,
            event_hooks={"response": [observe] if observe else []},
        )
        if token := os.environ.get("OKTA_API_TOKEN"):
            self._client.headers["Authorization"] = f"SSWS {token}"
        elif token := os.environ.get("OKTA_ACCESS_TOKEN"):
            self._client.headers["Authorization"] = f"Bearer {token}"
        else:
            self._request_token()

    def _request_token(self) -> None:
        """As the service app of OKTA_API_CLIENT_ID, with what its private key signs."""
        client, key = (os.environ.get(f"OKTA_API_{name}") for name in ("CLIENT_ID", "PRIVATE_KEY"))
        if not (client and key):
            raise SettingsError(
                "Okta can't be read: set OKTA_API_TOKEN, or OKTA_API_CLIENT_ID and "
                "OKTA_API_PRIVATE_KEY"
            )
        path = "/oauth2/v1/token"
        form = {
            "grant_type": "client_credentials",
            "scope": os.environ.get("OKTA_API_SCOPES", SCOPES).replace(",", " "),
            "client_assertion_type": _ASSERTION,
            "client_assertion": _signed(client, key, f"{self._client.base_url}{path}"),
        }
        from access.verification.dpop import ApiProof, TokenProof  # needs joserfc

        token_proof = TokenProof()
        answer = self._ask("POST", path, data=form, auth=token_proof).json()
        if answer["token_type"].lower() == "dpop":
            self._client.auth = ApiProof(answer["access_token"], token_proof.key)
        else:
            self._client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def get(self, path: str, **query: str) -> Any:
        return _parsed(self._ask("GET", path, params=query), path)

    def text(self, path: str, **query: str) -> str:
        return self._ask("GET", path, params=query).text

    def send(self, method: str, path: str, **options: Any) -> Any:
        """What a request that changes something answers; None for an empty answer."""
        answer = self._ask(method, path, **options)
        return _parsed(answer, path) if answer.content else None

    def every(self, path: str, **query: Any) -> Iterator[Any]:
        """All pages of a list."""
        following: dict[str, Any] | None = {**query, "limit": PAGE}
        while following is not None:
            answer = self._ask("GET", path, params=following)
            yield from _parsed(answer, path)
            link = answer.links.get("next")
            following = parse_qs(urlsplit(link["url"]).query) if link else None

    def exchange(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Whatever is answered; a 429 is waited for, `TRIES` times. Raises SettingsError."""
        for attempt in range(TRIES):
            try:
                answer = self._client.request(method, path, **options)
            except httpx.HTTPError as error:
                raise SettingsError(f"Okta can't be read: {path}: {error}") from None
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or attempt == TRIES - 1:
                break
            time.sleep(_until_reset(answer))
        return answer

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.exchange(method, path, **options)
        if answer.is_error:
            raise SettingsError(f"Okta refused {method} {path}: {complaint(answer)}")
        return answer


def _parsed(answer: httpx.Response, path: str) -> Any:
    """Raises SettingsError for what is no JSON, such as the HTML page of a proxy."""
    try:
        return answer.json()
    except ValueError:
        kind = answer.headers.get("Content-Type", "no type")
        raise SettingsError(
            f"Okta can't be read: {path}: the answer is no JSON ({kind}); check that OKTA_ORG_NAME "
            "and OKTA_BASE_URL lead to the org, and what is between"
        ) from None


def _address() -> str:
    if proxy := os.environ.get("OKTA_HTTP_PROXY"):
        return proxy.rstrip("/")
    name, base = os.environ.get("OKTA_ORG_NAME"), os.environ.get("OKTA_BASE_URL", "okta.com")
    if not name:
        raise SettingsError("Okta can't be read: set OKTA_ORG_NAME and OKTA_BASE_URL")
    return f"https://{name}.{base}"


def _signed(client: str, key: str, audience: str) -> str:
    """A JWT that says who the client is (RFC 7523, section 2.2)."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 300}
    key_id = os.environ.get("OKTA_API_PRIVATE_KEY_ID")
    header = {"alg": "RS256"} | ({"kid": key_id} if key_id else {})
    try:
        return jwt.encode(header, claims, RSAKey.import_key(key))
    except (JoseError, ValueError) as error:
        raise SettingsError(f"OKTA_API_PRIVATE_KEY is no RSA key in PEM: {error}") from None


def _until_reset(answer: httpx.Response) -> float:
    try:
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return min(max(0.0, float(answer.headers["X-Rate-Limit-Reset"]) - now + 1), LONGEST_WAIT)
    except (KeyError, ValueError):
        return 1.0


def complaint(answer: httpx.Response) -> str:
    """Okta's code and words, of its API or of the token endpoint, and what to do about them."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    code = str(body.get("errorCode") or body.get("error") or "")
    causes = "; ".join(each["errorSummary"] for each in body.get("errorCauses") or ())
    summary = body.get("errorSummary") or body.get("error_description") or answer.reason_phrase
    hint = {401: "; check the token", 403: f"; the token needs {SCOPES}"}.get(
        answer.status_code, ""
    )
    if "dpop" in code.lower():
        hint = (
            "; clear Require Demonstrating Proof of Possession (DPoP) header in token requests, on "
            "the General tab of the API services app"
        )
    return f"{answer.status_code} {code} {causes or summary}{hint}".replace("  ", " ")
