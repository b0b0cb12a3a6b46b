"""A person's second factor: `/api/v1/users/{user}/factors`, kind `token:software:totp`.

Okta Verify's push has no QR code here: `new` sets it up, and its phone approves each request.

Source: Okta's reference, Factors API (enroll, activate, list, reset, verify).
"""

from __future__ import annotations

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import identifiers, totp
from sandbox.okta.bodies import json_object, text
from sandbox.okta.errors import OktaError, invalid, not_found
from sandbox.okta.models import Factor, User
from sandbox.okta.org import Org, org_of, timestamp
from sandbox.okta.users import user_of

KIND: Literal["token:software:totp"] = "token:software:totp"
PUSH: Literal["push"] = "push"
PROVIDERS = ("OKTA", "GOOGLE")
PHONE = {"deviceType": "SmartPhone_IPhone", "name": "Phone", "platform": "IOS", "version": "9.0"}


def body(org: Org, user: User, factor: Factor) -> dict[str, Any]:
    here = f"{org.url}/api/v1/users/{user.id}/factors/{factor.id}"
    shown: dict[str, Any] = {
        "id": factor.id,
        "factorType": factor.kind,
        "provider": factor.provider,
        "vendorName": factor.provider,
        "status": factor.status,
        "created": timestamp(factor.created),
        "lastUpdated": timestamp(factor.created),
        "profile": {"credentialId": user.login} | (PHONE if factor.kind == PUSH else {}),
        "_links": {"self": {"href": here}, "verify": {"href": f"{here}/verify"}},
    }
    if factor.status == "PENDING_ACTIVATION":
        shown["_links"]["activate"] = {"href": f"{here}/lifecycle/activate"}
        activation = {"timeStep": totp.STEP, "sharedSecret": factor.secret, "encoding": "base32"}
        shown["_embedded"] = {"activation": activation | {"keyLength": 6}}
    return shown


async def enroll(request: Request) -> Response:
    """Answers with the secret, which is never shown again once the factor is active."""
    org, user = org_of(request), user_of(request)
    payload = await json_object(request)
    kind, provider = text(payload, "factorType"), text(payload, "provider", "OKTA")
    if kind != KIND or provider not in PROVIDERS:
        raise invalid("factorType", f"factorType: the sandbox has {KIND} of OKTA or GOOGLE")
    if any(factor.provider == provider for factor in user.factors.values()):
        raise invalid("factorType", "factorType: A factor of this type is already set up.")
    factor = new(org, user, provider)
    if request.query_params.get("activate") == "true":
        factor.status = "ACTIVE"
    return JSONResponse(body(org, user, factor))


def new(
    org: Org, user: User, provider: str, kind: Literal["token:software:totp", "push"] = KIND
) -> Factor:
    """A factor that waits for its activation."""
    factor = Factor(
        id=identifiers.new("opf" if kind == PUSH else "ost"),
        provider=provider,
        kind=kind,
        secret=totp.new_secret(),
        created=org.clock(),
    )
    user.factors[factor.id] = factor
    return factor


async def list_factors(request: Request) -> Response:
    org, user = org_of(request), user_of(request)
    return JSONResponse([body(org, user, factor) for factor in user.factors.values()])


async def read(request: Request) -> Response:
    org, user = org_of(request), user_of(request)
    return JSONResponse(body(org, user, _factor(request, user)))


async def activate(request: Request) -> Response:
    """`{"passCode": "123456"}` shows that the secret has reached the phone."""
    org, user = org_of(request), user_of(request)
    factor = _factor(request, user)
    require_passcode(org, factor, text(await json_object(request), "passCode"))
    factor.status = "ACTIVE"
    return JSONResponse(body(org, user, factor))


async def verify(request: Request) -> Response:
    org, user = org_of(request), user_of(request)
    factor = _factor(request, user)
    require_passcode(org, factor, text(await json_object(request), "passCode"))
    return JSONResponse({"factorResult": "SUCCESS"})


async def reset(request: Request) -> Response:
    user = user_of(request)
    del user.factors[_factor(request, user).id]
    return Response(status_code=204)


def require_passcode(org: Org, factor: Factor, passcode: str) -> None:
    """Raises OktaError 403 unless it is the present code, and one that was not used before."""
    step = totp.matching_step(factor.secret, passcode, org.clock())
    if step is None or step <= factor.last_step:
        cause = "Your passcode doesn't match our records. Please try again."
        raise OktaError(403, "E0000068", "Invalid Passcode/Answer", cause)
    factor.last_step = step


def active_factor(user: User) -> Factor | None:
    """The app that shows codes."""
    return next((one for one in active_factors(user) if one.kind == KIND), None)


def active_factors(user: User) -> list[Factor]:
    return [one for one in user.factors.values() if one.status == "ACTIVE"]


def _factor(request: Request, user: User) -> Factor:
    factor_id = request.path_params["factor"]
    if factor_id not in user.factors:
        raise not_found(factor_id, "UserFactor")
    return user.factors[factor_id]


_FACTORS = "/api/v1/users/{user}/factors"
ROUTES = [
    Route(_FACTORS, list_factors, methods=["GET"]),
    Route(_FACTORS, enroll, methods=["POST"]),
    Route(f"{_FACTORS}/{{factor}}", read, methods=["GET"]),
    Route(f"{_FACTORS}/{{factor}}", reset, methods=["DELETE"]),
    Route(f"{_FACTORS}/{{factor}}/lifecycle/activate", activate, methods=["POST"]),
    Route(f"{_FACTORS}/{{factor}}/verify", verify, methods=["POST"]),
]
