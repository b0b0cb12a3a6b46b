"""The classic way in for programs: `/api/v1/authn`, `/api/v1/sessions`, and the redirect
that turns a session token into a cookie.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sandbox.okta import factors, identifiers, sign_in
from sandbox.okta.authentication import SESSION_COOKIE
from sandbox.okta.errors import OktaError, forbidden, not_found, unauthenticated
from sandbox.okta.models import Factor, Session, User
from sandbox.okta.org import Org, by_name, lookup, timestamp
from sandbox.okta.routing import Routes, text

DEVICE_COOKIE = "DT"
PHONE = {"deviceType": "SmartPhone_IPhone", "name": "Phone", "platform": "IOS", "version": "9.0"}

ROUTES = Routes()


@ROUTES.on("POST", "/api/v1/authn")
def authn(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    """A session token for a login and its password.

    Wrong password, unknown login and (unless the switch shows it) a locked account answer alike.
    """
    if "stateToken" in payload:
        raise OktaError(401, "E0000011", "Invalid token provided")
    login, password = text(payload, "username"), text(payload, "password")
    try:
        user = sign_in.authenticate(org, login, password)
    except sign_in.SignInRefused as refused:
        if refused.locked and org.switches.show_lockout:
            return {"status": "LOCKED_OUT", "_links": {}}
        raise unauthenticated() from None
    if user.factors and org.switches.factor_at_sign_in:
        return _factor_required(org, user)
    return _success(org, user, factor_shown=False)


@ROUTES.on("POST", "/api/v1/authn/factors/{factor_id}/verify")
def verify_factor(org: Org, factor_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    """A session token for the `stateToken` and a `passCode`.

    Without a code it begins the challenge, as saml2aws does; asked again, a push is approved. The
    code may also be called `answer`, as okta-awscli calls it.
    """
    state = org.state_tokens.get(text(payload, "stateToken"))
    if state is None or state.expires <= org.clock():
        raise OktaError(401, "E0000011", "Invalid token provided")
    factor = lookup(state.user.factors, factor_id, "UserFactor")
    code = text(payload, "passCode", text(payload, "answer", ""))
    if factor.kind == factors.PUSH or not code:
        if factor.kind != factors.PUSH or not state.challenged:
            state.challenged = True
            return _challenge(org, state, factor)
        del org.state_tokens[state.id]
        return _success(org, state.user, factor_shown=True)
    try:
        factors.require_passcode(org, factor, code)
    except OktaError:
        sign_in.count_wrong_code(org, state.user)
        raise
    state.user.failed_codes = 0
    del org.state_tokens[state.id]
    return _success(org, state.user, factor_shown=True)


def _factor_required(org: Org, user: User) -> dict[str, Any]:
    choices = [_choice(org, user, factor) for factor in user.factors.values()]
    return _waiting(org, sign_in.new_state_token(org, user)) | {
        "status": "MFA_REQUIRED",
        "_embedded": {"user": _person(user), "factors": choices, "policy": {}},
        "_links": {},
    }


def _challenge(org: Org, state: Session, factor: Factor) -> dict[str, Any]:
    choice = _choice(org, state.user, factor)
    pushed = factor.kind == factors.PUSH
    return _waiting(org, state.id) | {
        "status": "MFA_CHALLENGE",
        **({"factorResult": "WAITING"} if pushed else {}),
        "_embedded": {"user": _person(state.user), "factor": choice, "policy": {}},
        "_links": {"next": choice["_links"]["verify"] | {"name": "poll" if pushed else "verify"}},
    }


def _choice(org: Org, user: User, factor: Factor) -> dict[str, Any]:
    href = f"{org.url}/api/v1/authn/factors/{factor.id}/verify"
    return {
        "id": factor.id,
        "factorType": factor.kind,
        "provider": factor.provider,
        "vendorName": factor.provider,
        "profile": {"credentialId": user.login} | (PHONE if factor.kind == factors.PUSH else {}),
        "_links": {"verify": {"href": href, "hints": {"allow": ["POST"]}}},
    }


def _waiting(org: Org, state_token: str) -> dict[str, Any]:
    expires = timestamp(org.clock() + sign_in.TOKEN_LIFETIME)
    return {"stateToken": state_token, "expiresAt": expires}


def _success(org: Org, user: User, *, factor_shown: bool) -> dict[str, Any]:
    return {
        "expiresAt": timestamp(org.clock() + sign_in.TOKEN_LIFETIME),
        "status": "SUCCESS",
        "sessionToken": sign_in.new_session_token(org, user, factor_shown=factor_shown),
        "_embedded": {"user": _person(user)},
        "_links": {},
    }


def _person(user: User) -> dict[str, Any]:
    names = ("login", "firstName", "lastName")
    profile = {name: user.profile[name] for name in names}
    locale = {"locale": "en", "timeZone": "America/Los_Angeles"}
    return {"id": user.id, "profile": profile | locale}


@ROUTES.on("POST", "/api/v1/sessions")
def create(org: Org, payload: dict[str, Any]) -> Response:
    """The session that a session token begins."""
    session = sign_in.redeem(org, text(payload, "sessionToken"))
    if session is None:
        raise unauthenticated()
    return with_cookie(JSONResponse(body(session)), session)


@ROUTES.on("GET", "/api/v1/sessions/me")
def read(session: Session | None) -> dict[str, Any]:
    if session is None:
        raise not_found("me", "Session")
    return body(session)


@ROUTES.on("POST", "/api/v1/sessions/me/lifecycle/refresh")
def refresh(org: Org, session: Session | None) -> Response:
    """The session lives on from now."""
    if session is None:
        raise not_found("me", "Session")
    session.expires = org.clock() + sign_in.SESSION_LIFETIME
    return with_cookie(JSONResponse(body(session)), session)


@ROUTES.on("DELETE", "/api/v1/sessions/me")
def end(org: Org, session: Session | None) -> Response:
    if session is None:
        raise not_found("me", "Session")
    sign_in.end(org, session)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE)
    return response


@ROUTES.on("GET", "/login/sessionCookieRedirect")
def cookie_redirect(request: Request, org: Org) -> Response:
    """Sets the cookie, then sends on.

    Okta sends on to addresses of the org and of trusted origins; there are none of the latter.
    """
    target = request.query_params.get("redirectUrl", "")
    if not _is_own(org, target):
        raise forbidden()
    session = sign_in.redeem(org, request.query_params.get("token", ""))
    if session is None:
        raise unauthenticated()
    return with_cookie(RedirectResponse(target, 302), session)


def body(session: Session) -> dict[str, Any]:
    verified = session.factor_verified
    return {
        "id": session.id,
        "userId": session.user.id,
        "login": session.user.login,
        "createdAt": timestamp(session.created),
        "expiresAt": timestamp(session.expires),
        "status": "ACTIVE",
        "lastPasswordVerification": timestamp(session.created),
        "lastFactorVerification": timestamp(verified) if verified else None,
        "amr": ["pwd", "otp", "mfa"] if verified else ["pwd"],
        "mfaActive": factors.passcode_factor(session.user) is not None,
    }


def with_cookie(response: Response, session: Session) -> Response:
    """The response with the session's cookie, and the device cookie that clients look for."""
    # Lax, not strict: the app's link is followed from other places, as in real life.
    for name, value in ((SESSION_COOKIE, session.id), (DEVICE_COOKIE, identifiers.new("DI0", 25))):
        response.set_cookie(name, value, httponly=True, samesite="lax", secure=by_name.get())
    return response


def _is_own(org: Org, target: str) -> bool:
    parts = urlsplit(target)
    return f"{parts.scheme}://{parts.netloc}" in (org.local_url, org.public_url)
