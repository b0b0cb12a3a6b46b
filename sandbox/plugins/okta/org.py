"""Calls to one org, as the published plugin makes them."""

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.plugins.okta.arguments import Arguments
from sandbox.plugins.okta.credentials import Credentials
from sandbox.plugins.okta.errors import OktaError, error_text
from sandbox.plugins.okta.transport import (
    Call,
    PacedTransport,
    SdkTransport,
    Settings,
    Transport,
)
from sandbox.plugins.schema import CloudError, NilState, Values

PAGE = 200
PANIC = "panic: runtime error: invalid memory address or nil pointer dereference"
"""How the published plugin ends where it uses an answer whose body was lost."""

Result = TypeVar("Result")


def retry_for(seconds: float, call: Callable[[], Result]) -> Result:
    """The call's result, once it stops raising; the last error when the time is over."""
    deadline, pause = time.monotonic() + seconds, 0.1
    while True:
        try:
            return call()
        except OktaError:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause *= 2


def parsed(answer: httpx.Response) -> Any:
    """The JSON of an answer. Raises OktaError in the words of Go's decoder, as the SDK does."""
    try:
        return answer.json()
    except ValueError:
        first = answer.text.lstrip()[:1]
        reason = f"invalid character '{first}' looking for beginning of value"
        raise OktaError(reason, answer.status_code) from None


class Org:
    """`org.get("/api/v1/groups/00g1")` answers with JSON, and raises OktaError."""

    def __init__(self, arguments: Arguments) -> None:
        self.url = arguments.url
        settings = Settings(arguments)
        # Whoever is behind `http_proxy` is reached there and nowhere else. Over HTTPS the usual
        # variables count: HTTPS_PROXY, SSL_CERT_FILE.
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Accept": "application/json"},
            trust_env=not settings.proxied,
        )
        self._credentials = Credentials(arguments, self._client)
        self._transport: Transport
        if settings.proxied or self._credentials.is_service_app:
            self._transport = SdkTransport(self._client, settings)
        else:
            self._transport = PacedTransport(self._client, settings)

    def get(self, path: str, **query: Any) -> Any:
        answer, body_lost = self._send("GET", path, params=query)
        if not body_lost:
            return parsed(answer)
        if isinstance(answer.json(), list):
            return []
        raise CloudError(PANIC)

    def get_or_none(self, path: str) -> Any:
        """The same of what may not exist (any more): None then."""
        try:
            return self.get(path)
        except OktaError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def list_all(self, path: str, *, limit: int | None = PAGE, **query: Any) -> list[Any]:
        """All pages of a list. Of the link to the next page only the query counts."""
        items: list[Any] = []
        params: dict[str, Any] = query | ({"limit": limit} if limit else {})
        while True:
            answer, body_lost = self._send("GET", path, params=params)
            items += [] if body_lost else parsed(answer)
            following = answer.links.get("next")
            if following is None:
                return items
            params |= parse_qs(urlsplit(following["url"]).query)

    def get_xml(self, path: str, **query: Any) -> httpx.Response:
        """A document that is no JSON."""
        xml = {"Accept": "application/xml"}
        answer, body_lost = self._send("GET", path, params=query, headers=xml)
        if body_lost:
            raise OktaError("failed to parse app's SAML metadata: EOF", 0)
        return answer

    def post(self, path: str, body: Any = None) -> Any:
        """Raises NilState where the answer, which has the new id, was lost."""
        answer, body_lost = self._send("POST", path, json=body)
        if body_lost:
            raise NilState
        return parsed(answer) if answer.content else {}

    def put(self, path: str, body: Any = None) -> Any:
        answer, body_lost = self._send("PUT", path, json=body)
        return parsed(answer) if answer.content and not body_lost else {}

    def delete(self, path: str, **query: Any) -> None:
        self._send("DELETE", path, params=query)

    def delete_if_there(self, path: str) -> None:
        """The same where it does not matter who was first."""
        try:
            self.delete(path)
        except OktaError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    def _send(self, method: str, path: str, **options: Any) -> tuple[httpx.Response, bool]:
        sent = {name: value for name, value in options.items() if value is not None}
        credentials = {"Authorization": self._credentials.authorization()}
        sent["headers"] = sent.get("headers", {}) | credentials
        call = Call(method, f"{self.url}{path}", path, sent)
        answer, body_lost = self._transport.send(call)
        if answer.is_error:
            raise OktaError(error_text(answer), answer.status_code)
        return answer, body_lost

    @property
    def uses_oauth(self) -> bool:
        """Whether calls are made with OAuth 2.0: with an access token, or a service app's key."""
        return self._credentials.is_oauth

    @cached_property
    def is_classic(self) -> bool:
        """Whether the org runs the engine before Okta Identity Engine."""
        answer, _ = self._send("GET", "/.well-known/okta-organization")
        return bool(answer.json().get("pipeline") == "v1")

    def verify_token(self) -> None:
        """Ask who the API token is, once for each of the provider's SDKs."""
        for sdk in ("v3", "v2"):
            try:
                self._send("GET", "/api/v1/users/me")
            except OktaError as error:
                why = str(error)
                if error.status == httpx.codes.UNAUTHORIZED:
                    why = f"error with {sdk} SDK client: 401 Unauthorized"
                raise CloudError(f"failed validate configuration: {why}") from error


def connect(config: Values) -> Org:
    """The org that the arguments and the environment lead to.

    An API token is tried at once. A service app's key is not: the first call asks for an access
    token, so that a wrong key shows only then.
    """
    arguments = Arguments(config)
    org = Org(arguments)
    if arguments.text("apiToken"):
        org.verify_token()
    return org
