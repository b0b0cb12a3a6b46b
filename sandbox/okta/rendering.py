"""Pages: templates filled in, with the headers that keep a page to itself."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sandbox.okta import forms
from sandbox.okta.authentication import session_of
from sandbox.okta.org import org_of

HERE = Path(__file__).parent
STATIC = HERE / "static"

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_CONTENT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


SIGN_IN = "/login/login.htm"


class SignInRequired(Exception):
    """The page is for a signed-in person, who comes back to it."""


class PageRefused(Exception):
    """A request that ends on a page saying why, in words meant for the person."""

    def __init__(self, status: int, title: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.title = title


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    script: str = "",
    form_action: str = "",
    **values: Any,
) -> HTMLResponse:
    """The template as a page.

    `script` is the CSP source of the one script a page may run, `form_action` of one more address
    that its forms may post to.
    """
    org = org_of(request)
    session = session_of(request, org)
    common = {
        "request": request,
        "session": session,
        "form_token": forms.token(org, session.id) if session else "",
    }
    html = _TEMPLATES.get_template(template).render(common | values)
    scripts = f"; script-src {script}" if script else ""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"{_CONTENT}; form-action 'self' {form_action}".strip()
        + scripts,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)
