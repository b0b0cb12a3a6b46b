"""The org that a provider works in: requests, errors, paging.

Calls and reactions are those of the published provider under `http_proxy`, which replaces the
org's address.
"""

import os
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.plugins.protocol import CloudError
from sandbox.plugins.schema import Values

PAGE = 200
TRIES = 3


class Org:
    """A client of one org, from the provider's arguments or the environment."""

    def __init__(self, args: Values) -> None:
        def setting(argument: str, variable: str) -> str:
            return str(args.get(argument) or os.environ.get(variable) or "")

        proxy = setting("httpProxy", "OKTA_HTTP_PROXY")
        name, base = setting("orgName", "OKTA_ORG_NAME"), setting("baseUrl", "OKTA_BASE_URL")
        token = setting("apiToken", "OKTA_API_TOKEN")
        self.url = proxy or f"https://{name}.{base}"
        self.client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"SSWS {token}", "Accept": "application/json"},
            trust_env=False,
            timeout=60,
        )
        self.refused: str | None = None

    def check(self) -> None:
        """The published provider asks who it is before anything else."""
        try:
            self.request("GET", "/api/v1/users/me")
        except CloudError as error:
            self.refused = f"failed validate configuration: {error}"

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Raises CloudError with what Okta said."""
        if self.refused:
            raise CloudError(self.refused)
        answer = self._patiently(method, path, **arguments)
        if answer.is_error:
            raise CloudError(complaint(answer))
        return answer

    def _patiently(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        for attempt in range(TRIES):
            try:
                answer = self.client.request(method, path, **arguments)
            except httpx.HTTPError as error:
                raise CloudError(f"{method} {self.url}{path}: {error}") from error
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or attempt == TRIES - 1:
                return answer
            time.sleep(until_reset(answer))
        raise AssertionError

    def find(self, path: str) -> Any:
        """The object at `path`; None where Okta has none."""
        if self.refused:
            raise CloudError(self.refused)
        answer = self._patiently("GET", path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_error:
            raise CloudError(complaint(answer))
        return answer.json()

    def every(self, path: str) -> list[Any]:
        """All pages of a list. Only the query of the next link counts."""
        found: list[Any] = []
        query: dict[str, Any] = {"limit": PAGE}
        while True:
            answer = self.request("GET", path, params=query)
            found += answer.json()
            following = answer.links.get("next")
            if following is None:
                return found
            query |= parse_qs(urlsplit(following["url"]).query)


def complaint(answer: httpx.Response) -> str:
    """An Okta error as the published provider shows it."""
    try:
        body = answer.json()
    except ValueError:
        return f"the API returned an unknown error: {answer.status_code}"
    causes = ", ".join(f"errorSummary: {c['errorSummary']}" for c in body.get("errorCauses", []))
    said = f"the API returned an error: {body.get('errorSummary')}"
    return f"{said}. Causes: {causes}" if causes else said


def until_reset(answer: httpx.Response) -> float:
    """Seconds to the end of the rate limit's window, and one."""
    try:
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return max(0.0, float(answer.headers["X-Rate-Limit-Reset"]) - now + 1)
    except (KeyError, ValueError):
        raise CloudError("too many requests") from None


def connect(args: Values) -> Org:
    org = Org(args)
    org.check()
    return org
