"""A person's browser, as far as plain HTML forms go: pages, fields, cookies."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from lxml import html

from sandbox.errors import SandboxError
from sandbox.network.client import Route, trust


class Page:
    """A page as it arrived."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.url = str(answer.url)
        self.document: Any = html.fromstring(answer.text or "<html></html>")

    @property
    def text(self) -> str:
        """What a person reads, in one line."""
        return " ".join(self.document.text_content().split())

    @property
    def message(self) -> str:
        """The page's heading and what it reports (role alert or status), or how its text begins."""
        reports = self.document.xpath("//*[@role='alert' or @role='status']")
        if not reports:
            return self.text[:200]
        lines = [*self.document.xpath("//h1"), *reports]
        return ": ".join(" ".join(one.text_content().split()) for one in lines)

    def form_with(self, field: str) -> Any:
        """The form that has this field. Raises SandboxError if no form has."""
        for form in self.document.forms:
            if field in form.fields:
                return form
        raise SandboxError(f"{self.url} ({self.status}) has no field {field!r}: {self.message}")

    def has_field(self, field: str) -> bool:
        return any(field in form.fields for form in self.document.forms)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a sign-in."""
    return httpx.create_ssl_context(trust_env=False)


class Browser:
    """Keeps cookies, follows redirects, submits forms with all the fields they came with."""

    def __init__(self, route: Route | None = None) -> None:
        """`route`: the sandbox's proxy. A proxy of the person's environment is never used."""
        self.client = httpx.Client(
            follow_redirects=True,
            trust_env=False,
            timeout=30,
            mounts={"https://": httpx.HTTPTransport(proxy=route.proxy, verify=trust(route.ca_file))}
            if route
            else None,
            verify=_certificates(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, url: str) -> Page:
        """Raises SandboxError if nothing answers."""
        return self._send("GET", url)

    def submit(self, page: Page, form: Any, values: Mapping[str, str]) -> Page:
        """Fill the form and send it. A checkbox is ticked by its value."""
        fields = {name: value for name, value in form.form_values()} | dict(values)
        target = urljoin(page.url, form.action or page.url)
        if form.method.upper() == "GET":
            return self._send("GET", target, params=fields)
        return self._send("POST", target, data=fields)

    def _send(self, method: str, url: str, **arguments: Any) -> Page:
        try:
            return Page(self.client.request(method, url, **arguments))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            shown = url.partition("?")[0] or "an empty address"
            raise SandboxError(
                f"{shown} can't be opened ({error}): is the sandbox running? "
                "`python -m sandbox down` and `up` start it anew"
            ) from None
