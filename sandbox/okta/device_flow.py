"""The device flow of okta-aws-cli: a code shown on the command line, a person who approves it in a
browser, tokens, and their exchange for the SAML response of the federation app.

Sources: RFC 8628 and RFC 8693; Okta's reference of `/oauth2/v1/device/authorize` and
`/oauth2/v1/token`; the requests that okta-aws-cli makes (github.com/okta/okta-aws-cli).
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import JoseError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.okta import federation, forms, identifiers, policies, roles
from sandbox.okta.models import DeviceCode, Grant, NativeApp, SamlApp, Session, WebSsoToken
from sandbox.okta.oauth import TokenRefused, parameters
from sandbox.okta.org import Org
from sandbox.okta.pages import challenge
from sandbox.okta.rendering import SIGN_IN, PageRefused, page
from sandbox.okta.routing import Routes

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105
WEB_SSO = "urn:okta:oauth:token-type:web_sso_token"
AUDIENCE = "urn:okta:apps:"
CODE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(hours=1)
UNMET = "The application's assurance requirements are not met by the 'subject_token'."
"""As Okta words it (okta-aws-cli, issues 31 and 153)."""
WEB_SSO_LIFETIME = timedelta(minutes=5)
INTERVAL = 5
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"

ROUTES = Routes()


@ROUTES.on("POST", "/oauth2/v1/device/authorize")
async def authorize(request: Request, org: Org) -> dict[str, Any]:
    """A new code, for the parameters `client_id` and `scope`."""
    sent = await parameters(request)
    client = _client(org, sent, DEVICE_CODE)
    code = DeviceCode(
        code=secrets.token_urlsafe(32),
        user_code="".join(secrets.choice(USER_CODE_LETTERS) for _ in range(8)),
        client_id=client.id,
        scopes=frozenset(sent.get("scope", "").split()),
        expires=org.clock() + CODE_LIFETIME,
    )
    org.device_codes[code.code] = code
    here = f"{org.url}/activate"
    return {
        "device_code": code.code,
        "user_code": code.user_code,
        "verification_uri": here,
        "verification_uri_complete": f"{here}?user_code={code.user_code}",
        "expires_in": int(CODE_LIFETIME.total_seconds()),
        "interval": INTERVAL,
    }


@ROUTES.on("GET POST", "/activate")
def activate(request: Request, org: Org, session: Session | None, form: FormData) -> Response:
    """The person signs in, and approves the code."""
    user_code = request.query_params.get("user_code", "")
    if session is None:
        target = quote(f"/activate?user_code={quote(user_code)}")
        return RedirectResponse(f"{SIGN_IN}?fromURI={target}")
    if request.method == "GET":
        return page(request, "activate.html", user_code=user_code, problem="")
    forms.check(org, request, form)
    typed = forms.field(form, "user_code").upper().replace("-", "").strip()
    code = next((c for c in org.device_codes.values() if c.user_code == typed), None)
    if code is None or code.expires <= org.clock() or code.session is not None:
        problem = "Invalid code. Try again."
        return page(request, "activate.html", status=400, user_code=typed, problem=problem)
    client = org.apps.get(code.client_id)
    if client is None or not roles.is_assigned(client, session.user):
        raise PageRefused(403, "App Not Assigned", "You are not assigned the app of this device.")
    decision = policies.decide(org, client, session)
    if decision == "deny":
        raise PageRefused(403, "Access Denied", federation.DENIED)
    if decision == "second factor":
        return challenge(request, session)
    code.session = session
    message = "Your device is signed in. You may close this window."
    return page(request, "notice.html", title="Device activated", message=message)


def device_grant(org: Org, sent: Mapping[str, str]) -> dict[str, Any]:
    """The tokens of an approved code, once. Raises TokenRefused while it is not approved."""
    client = _client(org, sent, DEVICE_CODE)
    code = org.device_codes.get(sent.get("device_code", ""))
    if code is None or code.client_id != client.id:
        raise TokenRefused(400, "invalid_grant", "The device code is invalid.")
    if code.expires <= org.clock():
        raise TokenRefused(400, "expired_token", "The device code is expired.")
    if code.session is None:
        pending = "The device authorization is pending. Please try again later."
        raise TokenRefused(400, "authorization_pending", pending)
    del org.device_codes[code.code]
    access_token = _access_token(org, client, code.scopes, code.session)
    org.grants[access_token] = Grant(
        client_id=client.id,
        scopes=code.scopes,
        expires=org.clock() + TOKEN_LIFETIME,
        session=code.session,
    )
    answer = {
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "access_token": access_token,
        "scope": " ".join(sorted(code.scopes)),
    }
    if "openid" in code.scopes:
        answer["id_token"] = _id_token(org, client, code.session)
    return answer


def exchange_grant(org: Org, sent: Mapping[str, str]) -> dict[str, Any]:
    """A token that opens the federation app, for the tokens of the device flow."""
    client = _client(org, sent, TOKEN_EXCHANGE)
    grant = org.grants.get(sent.get("actor_token", ""))
    if grant is None or grant.expires <= org.clock() or grant.client_id != client.id:
        raise TokenRefused(400, "invalid_request", "The actor_token is invalid.")
    if grant.session is None or "okta.apps.sso" not in grant.scopes:
        raise TokenRefused(400, "invalid_scope", "The actor_token needs the scope okta.apps.sso.")
    if _subject(org, client, sent.get("subject_token", "")) != grant.session.user.id:
        raise TokenRefused(400, "invalid_request", "The subject_token is invalid.")
    if sent.get("requested_token_type") != WEB_SSO:
        raise TokenRefused(400, "invalid_request", "The requested_token_type is not supported.")
    app = _audience(org, client, sent.get("audience", ""))
    if not roles.is_assigned(app, grant.session.user):
        raise TokenRefused(400, "access_denied", "The user is not assigned to the audience.")
    if policies.decide(org, app, grant.session) != "allow":
        raise TokenRefused(400, "invalid_grant", UNMET)
    token = identifiers.new("", 64)
    expires = org.clock() + WEB_SSO_LIFETIME
    org.web_sso_tokens[token] = WebSsoToken(session=grant.session, app_id=app.id, expires=expires)
    return {
        "token_type": "N_A",
        "issued_token_type": WEB_SSO,
        "access_token": token,
        "expires_in": int(WEB_SSO_LIFETIME.total_seconds()),
        "scope": "",
    }


@ROUTES.on("GET", "/login/token/sso")
def token_sign_on(request: Request, org: Org) -> Response:
    """The page with the SAML response, once for a token."""
    token = org.web_sso_tokens.pop(request.query_params.get("token", ""), None)
    app = org.apps.get(token.app_id) if token else None
    if token is None or token.expires <= org.clock() or not isinstance(app, SamlApp):
        raise PageRefused(403, "Access Denied", "The token is invalid, used or expired.")
    federation.refuse_entry(org, app, token.session)
    if policies.decide(org, app, token.session) == "second factor":
        raise PageRefused(403, "Access Denied", "The app asks for a second factor.")
    return federation.post_page(request, org, app, token.session.user)


def _client(org: Org, sent: Mapping[str, str], grant_type: str) -> NativeApp:
    client = org.apps.get(sent.get("client_id", ""))
    if not isinstance(client, NativeApp) or client.status != "ACTIVE":
        raise TokenRefused(401, "invalid_client", "Invalid value for 'client_id' parameter.")
    if grant_type not in client.client["grant_types"]:
        raise TokenRefused(400, "unauthorized_client", "The client may not use this grant type.")
    return client


def _audience(org: Org, client: NativeApp, audience: str) -> SamlApp:
    app = org.apps.get(audience.removeprefix(AUDIENCE))
    if not audience.startswith(AUDIENCE) or not isinstance(app, SamlApp):
        raise TokenRefused(400, "invalid_target", "The audience is no app of this org.")
    if app.settings["webSSOAllowedClient"] != client.id:
        reason = "The audience does not allow this client (Allowed Web SSO Client)."
        raise TokenRefused(400, "invalid_target", reason)
    return app


def _access_token(org: Org, client: NativeApp, scopes: frozenset[str], session: Session) -> str:
    """A JWT as Okta's are, because gimme-aws-creds reads the login in it."""
    named = {"sub": session.user.login, "uid": session.user.id, "cid": client.id}
    return _signed(
        org, named | {"aud": org.url, "scp": sorted(scopes), "jti": identifiers.new("AT.")}
    )


def _id_token(org: Org, client: NativeApp, session: Session) -> str:
    user = session.user
    claims = {
        "aud": client.id,
        "sub": user.id,
        "preferred_username": user.login,
        "name": user.name,
        "email": user.profile["email"],
        "amr": ["pwd", "otp", "mfa"] if session.factor_verified else ["pwd"],
    }
    return _signed(org, claims)


def _signed(org: Org, claims: dict[str, Any]) -> str:
    now = int(org.clock().timestamp())
    lived = {"iss": org.url, "iat": now, "exp": now + int(TOKEN_LIFETIME.total_seconds())}
    header = {"alg": "RS256", "kid": org.token_key.thumbprint()}
    return jwt.encode(header, lived | claims, org.token_key)


def _subject(org: Org, client: NativeApp, id_token: str) -> str | None:
    """The user's id in an ID token of this org for this client."""
    try:
        claims = jwt.decode(id_token, org.token_key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return None
    fresh = claims["exp"] > org.clock().timestamp()
    return str(claims["sub"]) if fresh and claims["aud"] == client.id else None
