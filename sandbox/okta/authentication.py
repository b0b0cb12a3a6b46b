"""Who calls the management API: an API token, an OAuth access token, or a person's session."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request

from sandbox.okta import dpop
from sandbox.okta.errors import (
    forbidden,
    invalid_session,
    invalid_token,
    unsupported_media_type,
)
from sandbox.okta.models import Session, User
from sandbox.okta.org import Org

SESSION_COOKIE = "sid"
SELF_OPERATIONS = frozenset(
    {
        ("GET", "/api/v1/users/me"),
        ("POST", "/api/v1/users/me"),
        ("PUT", "/api/v1/users/me"),
        ("GET", "/api/v1/users/me/appLinks"),
    }
)
"""What a person may do with the session cookie alone: no lifecycle operation is among them
(developer.okta.com, MyAccount API: "doesn't support lifecycle operations")."""

_SCOPES = {
    "apps": "okta.apps",
    "groups": "okta.groups",
    "internal": "okta.apps",
    "meta": "okta.schemas",
    "policies": "okta.policies",
    "users": "okta.users",
}


@dataclass(frozen=True, kw_only=True)
class Caller:
    name: str
    """What rate limits count by."""

    user: User | None = None
    """The person behind the token or session; a service app has none."""

    by_session: bool = False
    """Whether the session cookie is all that the person showed."""


def caller_of(request: Request, org: Org, path: str) -> Caller:
    """The caller of a management request.

    Raises OktaError 401 for no or wrong credentials, 403 for a scope that is lacking.
    """
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme == "SSWS":
        return _token_holder(org, credential.strip())
    if scheme in ("Bearer", "DPoP"):
        return _token_caller(request, org, path, credential.strip(), proved=scheme == "DPoP")
    if not any(path == own for _, own in SELF_OPERATIONS):
        raise invalid_token()
    session = session_of(request, org)
    if session is None:
        raise invalid_session()
    if (request.method, path) not in SELF_OPERATIONS:
        raise forbidden()
    # A form of another site can't send JSON without asking first (CORS).
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if request.method != "GET" and kind != "application/json":
        raise unsupported_media_type()
    return Caller(name=session.user.id, user=session.user, by_session=True)


def session_of(request: Request, org: Org) -> Session | None:
    """The live session that the browser's cookie names."""
    session = org.sessions.get(request.cookies.get(SESSION_COOKIE, ""))
    if session is None or session.expires <= org.clock() or session.user.status != "ACTIVE":
        return None
    return session


def required_scopes(method: str, path: str) -> frozenset[str]:
    """The scopes any one of which lets the request through; none for paths nobody serves."""
    family = _SCOPES.get(path.removeprefix("/api/v1/").split("/")[0])
    if family is None:
        return frozenset()
    manage = f"{family}.manage"
    return frozenset({manage, f"{family}.read"} if method == "GET" else {manage})


def _token_holder(org: Org, token: str) -> Caller:
    if not secrets.compare_digest(token.encode(), org.token.encode()):
        raise invalid_token()
    owner = next((user for user in org.users.values() if user.is_administrator), None)
    return Caller(name="token", user=owner)


def _token_caller(request: Request, org: Org, path: str, token: str, *, proved: bool) -> Caller:
    """Whoever an OAuth access token stands for: a service app, or a person at a command line."""
    grant = org.grants.get(token)
    invalid = invalid_token(_challenge(org, "invalid_token", "The access token is invalid."))
    if grant is None or grant.expires <= org.clock() or proved != bool(grant.key_thumbprint):
        raise invalid
    if proved:
        try:
            thumbprint = dpop.require_proof(request, org, access_token=token)
        except dpop.ProofRefused as refused:
            raise invalid_token({"WWW-Authenticate": f'DPoP error="{refused.error}"'}) from None
        if thumbprint != grant.key_thumbprint:
            raise invalid
    person = grant.session.user if grant.session else None
    required = required_scopes(request.method, path)
    if person and path in {own for _, own in SELF_OPERATIONS}:
        required |= {"okta.users.read.self"} if request.method == "GET" else set()
    elif person and not person.is_administrator:
        raise forbidden()
    if required and not required & grant.scopes:
        text = "The access token provided does not contain the required scopes."
        raise forbidden(_challenge(org, "insufficient_scope", text, " ".join(sorted(required))))
    return Caller(name=grant.client_id, user=person, by_session=person is not None)


def _challenge(org: Org, error: str, description: str, scope: str = "") -> dict[str, str]:
    parts = {
        "authorization_uri": f"{org.url}/oauth2/v1/authorize",
        "realm": org.url,
        "scope": scope,
        "error": error,
        "error_description": description,
    }
    return {"WWW-Authenticate": "Bearer " + ", ".join(f'{k}="{v}"' for k, v in parts.items() if v)}
