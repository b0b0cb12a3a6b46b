"""Calls to one org, as the published provider makes them under `http_proxy`.

A busy org (429) is waited for until the rate limit's window ends; nothing else is tried again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.plugins.errors import CloudError
from sandbox.plugins.okta.arguments import Arguments
from sandbox.plugins.okta.credentials import authorization
from sandbox.plugins.values import Values

PAGE = 200
RETRIES = 5
LONGEST_WAIT = 300
TIMEOUT = 60

Result = TypeVar("Result")


class OktaError(CloudError):
    """Okta's refusal; `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def error_context(what: str) -> Iterator[None]:
    """Errors inside begin with what failed, as in "failed to create group"."""
    try:
        yield
    except OktaError as error:
        raise OktaError(f"{what}: {error}", error.status) from error


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


class Org:
    """`org.get("/api/v1/groups/00g1")` answers with JSON, and raises OktaError."""

    def __init__(self, arguments: Arguments) -> None:
        self.url = arguments.url
        self._retries = arguments.number("maxRetries", RETRIES)
        self._longest_wait = arguments.number("maxWaitSeconds", LONGEST_WAIT)
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Accept": "application/json"},
            timeout=arguments.number("requestTimeout", TIMEOUT) or None,
            # Only the environment knows the proxy and the certificates of a named org.
            trust_env=not arguments.text("httpProxy"),
        )
        self._client.headers["Authorization"] = authorization(arguments, self._client)

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, params=query).json()

    def get_or_none(self, path: str) -> Any:
        """The same of what may not exist (any more): None then."""
        try:
            return self.get(path)
        except OktaError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def list_all(self, path: str, **query: Any) -> list[Any]:
        """All pages of a list. Of the link to the next page only the query counts."""
        found: list[Any] = []
        params: dict[str, Any] = query | {"limit": PAGE}
        while True:
            answer = self.request("GET", path, params=params)
            found += answer.json()
            following = answer.links.get("next")
            if following is None:
                return found
            params |= parse_qs(urlsplit(following["url"]).query)

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.request("POST", path, json=body)
        return answer.json() if answer.content else {}

    def put(self, path: str, body: Any = None) -> Any:
        answer = self.request("PUT", path, json=body)
        return answer.json() if answer.content else {}

    def delete(self, path: str, **query: Any) -> None:
        self.request("DELETE", path, params=query)

    def delete_if_there(self, path: str) -> None:
        """The same where it does not matter who was first."""
        try:
            self.delete(path)
        except OktaError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        sent = {name: value for name, value in arguments.items() if value is not None}
        for tries_left in range(self._retries, -1, -1):
            try:
                answer = self._client.request(method, path, **sent)
            except httpx.HTTPError as error:
                url = f"{self.url}{path}"
                raise OktaError(f'{method.capitalize()} "{url}": {error}', 0) from error
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            if not tries_left:
                raise OktaError("too many requests", answer.status_code)
            time.sleep(min(_until_reset(answer), self._longest_wait))
        if answer.is_error:
            raise OktaError(_error_text(answer), answer.status_code)
        return answer

    @cached_property
    def is_classic(self) -> bool:
        """Whether the org runs the engine before Okta Identity Engine."""
        return bool(self.get("/.well-known/okta-organization").get("pipeline") == "v1")


def _until_reset(answer: httpx.Response) -> float:
    """Seconds until the rate limit's window has ended for sure."""
    try:
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return max(0.0, float(answer.headers["X-Rate-Limit-Reset"]) - now + 1)
    except (KeyError, ValueError):
        raise OktaError("too many requests", answer.status_code) from None


def _error_text(answer: httpx.Response) -> str:
    try:
        body = answer.json()
        causes = ", ".join(
            f"errorSummary: {cause['errorSummary']}" for cause in body.get("errorCauses", [])
        )
        message = f"the API returned an error: {body['errorSummary']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        request_id = answer.headers.get("X-Okta-Request-Id", "")
        return (
            f"the API returned an unknown error: {answer.status_code} {answer.reason_phrase}, "
            f"X-Okta-Request-Id={request_id}"
        )
    return f"{message}. Causes: {causes}" if causes else message


def connect(config: Values) -> Org:
    """The org that the arguments and the environment lead to, if it takes the credentials."""
    arguments = Arguments(config)
    org = Org(arguments)
    if arguments.text("apiToken"):
        try:
            org.get("/api/v1/users/me")
        except OktaError as error:
            why = str(error)
            if error.status == httpx.codes.UNAUTHORIZED:
                why = "error with v3 SDK client: 401 Unauthorized"
            raise CloudError(f"failed validate configuration: {why}") from error
    return org
