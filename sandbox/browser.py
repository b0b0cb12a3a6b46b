"""A person's browser, as far as plain HTML forms go: pages, fields, cookies."""

import ssl
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from lxml import html

from sandbox.errors import SandboxError


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

    def form_with(self, field: str) -> Any:
        """The form that has this field. Raises SandboxError if no form has."""
        for form in self.document.forms:
            if field in form.fields:
                return form
        raise SandboxError(f"{self.url} ({self.status}) has no field {field!r}: {self.text[:200]}")

    def has_field(self, field: str) -> bool:
        return any(field in form.fields for form in self.document.forms)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a sign-in."""
    return httpx.create_ssl_context(trust_env=False)


class Browser:
    """Keeps cookies, follows redirects, submits forms with all the fields they came with."""

    def __init__(self) -> None:
        # Loopback only: a proxy of the person's environment has no business here.
        self.client = httpx.Client(
            follow_redirects=True, trust_env=False, timeout=30, verify=_certificates()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()

    def open(self, url: str) -> Page:
        return Page(self.client.get(url))

    def submit(self, page: Page, form: Any, values: Mapping[str, str]) -> Page:
        """Fill the form and send it. A checkbox is ticked by its value."""
        fields = {name: value for name, value in form.form_values()} | dict(values)
        target = urljoin(page.url, form.action or page.url)
        if form.method.upper() == "GET":
            return Page(self.client.get(target, params=fields))
        return Page(self.client.post(target, data=fields))
