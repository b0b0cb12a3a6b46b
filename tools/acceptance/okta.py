"""What a run needs of Okta beside its API: the limits that it answered, and a person's sign-in."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
from lxml import html

from access.verification.okta_org import complaint
from sandbox.errors import SandboxError

_ID = re.compile(r"/(?:0oa|00g|00u|0pr|rst)[0-9A-Za-z]{17}\b")
_LOGIN = re.compile(r"/users/[^/]*(?:@|%40)[^/]*", re.IGNORECASE)


class RateLimits:
    """What X-Rate-Limit-* answered, by method and path."""

    def __init__(self) -> None:
        self._by_request: dict[tuple[str, str], dict[str, Any]] = {}

    def record(self, answer: httpx.Response) -> None:
        """Count an answer; `Org` calls it with each."""
        path = urlsplit(str(answer.request.url)).path
        path = _LOGIN.sub("/users/{login}", _ID.sub("/{id}", path))
        entry = self._by_request.setdefault(
            (answer.request.method, path),
            {"requests": 0, "limit": None, "least_remaining": None, "refused": 0},
        )
        entry["requests"] += 1
        entry["refused"] += answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        if limit := answer.headers.get("X-Rate-Limit-Limit", ""):
            entry["limit"] = int(limit)
        if remaining := answer.headers.get("X-Rate-Limit-Remaining", ""):
            before = entry["least_remaining"]
            entry["least_remaining"] = min(int(remaining), before if before is not None else 10**9)

    def as_json(self) -> list[dict[str, Any]]:
        """One entry for each kind of request; `limit` is per minute."""
        return [
            {"method": method, "path": path, **entry}
            for (method, path), entry in sorted(self._by_request.items())
        ]


def saml_response(org: str, link: str, login: str, password: str) -> str:
    """Sign in as a program does, open the app; returns what Okta's form would post (base64).

    Raises SandboxError if Okta wants more than a password, or a page that runs in a browser only.
    """
    plain_http = os.environ.get("OKTA_HTTP_PROXY", "").rstrip("/")
    origin = plain_http or f"https://{org}"
    with httpx.Client(follow_redirects=True, timeout=60, trust_env=not plain_http) as client:
        answer = client.post(
            f"{origin}/api/v1/authn", json={"username": login, "password": password}
        )
        status = answer.json().get("status") if not answer.is_error else complaint(answer)
        if status != "SUCCESS":
            raise SandboxError(f"Okta did not sign the person in by password alone: {status}")
        query = {"token": answer.json()["sessionToken"], "redirectUrl": link}
        page = client.get(f"{origin}/login/sessionCookieRedirect", params=query)
    document: Any = html.fromstring(page.text or "<html></html>")
    values = document.xpath("//input[@name='SAMLResponse']/@value")
    if not values:
        heading = " ".join("".join(document.xpath("//title/text() | //h1/text()")).split())
        raise SandboxError(f"Okta's page has no SAML response: status {page.status_code} {heading}")
    return str(values[0])
