"""Access tokens for programs that prove themselves with a private key.

`POST /oauth2/v1/token`, grant `client_credentials`, a signed JWT as the client's word (RFC 7523).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.okta import dpop, identifiers
from sandbox.okta.models import Grant, ServiceClient
from sandbox.okta.org import Org
from sandbox.okta.routing import Routes

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(hours=1)

ROUTES = Routes()


class TokenRefused(Exception):
    """The token endpoint's refusal, in OAuth's own form."""

    def __init__(self, status: int, error: str, description: str, **headers: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.headers = headers

    def response(self) -> JSONResponse:
        answer = {"error": self.error, "error_description": str(self)}
        return JSONResponse(answer, self.status, self.headers)


@ROUTES.on("POST", "/oauth2/v1/token")
async def token(request: Request, org: Org) -> dict[str, Any]:
    """For every grant type that is served."""
    from sandbox.okta import device_flow  # it needs this module's errors

    sent = await parameters(request)
    grant_type = sent.get("grant_type")
    if grant_type == device_flow.DEVICE_CODE:
        return device_flow.device_grant(org, sent)
    if grant_type == device_flow.TOKEN_EXCHANGE:
        return device_flow.exchange_grant(org, sent)
    if grant_type != "client_credentials":
        raise TokenRefused(400, "unsupported_grant_type", "The grant type is not supported.")
    try:
        thumbprint = dpop.require_proof(request, org) if org.switches.require_dpop else None
    except dpop.ProofRefused as refused:
        nonce = {"DPoP-Nonce": org.dpop_nonce}
        raise TokenRefused(400, refused.error, str(refused), **nonce) from None
    return _service_grant(org, sent, thumbprint)


async def parameters(request: Request) -> dict[str, str]:
    """From the form and from the query: there are clients of either kind."""
    form = await request.form()
    return dict(request.query_params) | {k: v for k, v in form.items() if isinstance(v, str)}


def _service_grant(org: Org, payload: Mapping[str, str], thumbprint: str | None) -> dict[str, Any]:
    if payload.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused(401, "invalid_client", "The client_assertion_type is invalid.")
    client = _proven(org, payload.get("client_assertion", ""))
    scopes = frozenset(payload.get("scope", "").split())
    if not scopes:
        raise TokenRefused(400, "invalid_scope", "The scope is required.")
    if not scopes <= client.scopes:
        names = " ".join(sorted(scopes - client.scopes))
        raise TokenRefused(400, "invalid_scope", f"Scopes not granted to the client: {names}")
    access_token = identifiers.new("", 64)
    org.grants[access_token] = Grant(
        client_id=client.client_id,
        scopes=scopes,
        expires=org.clock() + LIFETIME,
        key_thumbprint=thumbprint,
    )
    return {
        "token_type": "DPoP" if thumbprint else "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "access_token": access_token,
        "scope": " ".join(sorted(scopes)),
    }


def _proven(org: Org, assertion: str) -> ServiceClient:
    """The client that signed the assertion, which must be fresh and meant for this org."""
    refused = TokenRefused(401, "invalid_client", "The client assertion is invalid.")
    for client in org.services.values():
        key = RSAKey.import_key(client.public_key)
        try:
            claims = jwt.decode(assertion, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            continue
        named = claims.get("iss") == claims.get("sub") == client.client_id
        meant = _is_token_url(str(claims.get("aud")))
        expires, now = claims.get("exp"), org.clock().timestamp()
        # Okta lets an assertion live for an hour at most.
        timely = isinstance(expires, int | float) and now < expires <= now + 3660
        if named and meant and timely:
            return client
    raise refused


def _is_token_url(audience: str) -> bool:
    """Reached through a proxy the org has another host name, so the path alone is compared."""
    return audience.startswith("http") and audience.endswith("/oauth2/v1/token")
