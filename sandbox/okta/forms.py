"""Form tokens: a post counts only if its page was served to the same browser."""

import hashlib
import hmac

from starlette.datastructures import FormData
from starlette.requests import Request

from sandbox.okta import identifiers
from sandbox.okta.authentication import SESSION_COOKIE
from sandbox.okta.org import Org

FIELD = "formToken"
GUEST_COOKIE = "guest"
"""What the token of the sign-in form is bound to, where there is no session yet."""


class StaleForm(Exception):
    """The token is missing or belongs to another session."""


def token(org: Org, owner: str) -> str:
    """The token of forms shown to `owner`, a session id or a guest cookie's value."""
    return hmac.new(org.secret, owner.encode(), hashlib.sha256).hexdigest()


def new_guest() -> str:
    return identifiers.new("", 32)


def check(org: Org, request: Request, form: FormData, cookie: str = SESSION_COOKIE) -> None:
    """Raises StaleForm unless the form carries the token of the cookie's holder."""
    owner, submitted = request.cookies.get(cookie, ""), form.get(FIELD)
    if not owner or not isinstance(submitted, str):
        raise StaleForm
    if not hmac.compare_digest(submitted.encode(), token(org, owner).encode()):
        raise StaleForm


def field(form: FormData, name: str) -> str:
    """The text typed into a field; empty when there is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
