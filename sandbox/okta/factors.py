"""A person's second factor: `/api/v1/users/{user}/factors`, kind `token:software:totp`.

One-time passwords by time (RFC 6238), as Okta's and Google's apps on a phone show them. Okta
Verify's push has no QR code here: `new` sets it up, and its phone approves each request.

Source: Okta's reference, Factors API (enroll, activate, list, reset, verify).
"""

import base64
import secrets
from datetime import datetime
from typing import Any, Literal

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from starlette.requests import Request

from sandbox.okta import identifiers
from sandbox.okta.errors import OktaError, invalid
from sandbox.okta.models import Factor, User
from sandbox.okta.org import Org, lookup, timestamp
from sandbox.okta.routing import Routes, text

STEP = 30
DIGITS = 6
DRIFT_STEPS = 1
"""How many steps a phone's clock may be off."""


def new_secret() -> str:
    """Base32, as it is typed into an app on a phone."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def passcode(secret: str, now: datetime) -> str:
    """What the phone shows at this moment."""
    return _generator(secret).generate(int(now.timestamp())).decode()


def matching_step(secret: str, passcode: str, now: datetime) -> int | None:
    """The time step whose code this is, if it is of now or of a step beside it."""
    present = int(now.timestamp()) // STEP
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        try:
            _generator(secret).verify(passcode.encode(), step * STEP)
        except InvalidToken:
            continue
        return step
    return None


def _generator(secret: str) -> TOTP:
    # SHA-1 is what the apps on phones compute (RFC 6238, section 1.2).
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303


KIND: Literal["token:software:totp"] = "token:software:totp"
PUSH: Literal["push"] = "push"
PROVIDERS = ("OKTA", "GOOGLE")
PHONE = {"deviceType": "SmartPhone_IPhone", "name": "Phone", "platform": "IOS", "version": "9.0"}

_FACTORS = "/api/v1/users/{user}/factors"
ROUTES = Routes()


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
        activation = {"timeStep": STEP, "sharedSecret": factor.secret, "encoding": "base32"}
        shown["_embedded"] = {"activation": activation | {"keyLength": 6}}
    return shown


@ROUTES.on("POST", _FACTORS)
def enroll(request: Request, org: Org, user: User, payload: dict[str, Any]) -> dict[str, Any]:
    """Answers with the secret, which is never shown again once the factor is active."""
    kind, provider = text(payload, "factorType"), text(payload, "provider", "OKTA")
    if kind != KIND or provider not in PROVIDERS:
        raise invalid("factorType", f"factorType: the sandbox has {KIND} of OKTA or GOOGLE")
    if any(factor.provider == provider for factor in user.factors.values()):
        raise invalid("factorType", "factorType: A factor of this type is already set up.")
    factor = new(org, user, provider)
    if request.query_params.get("activate") == "true":
        factor.status = "ACTIVE"
    return body(org, user, factor)


def new(
    org: Org, user: User, provider: str, kind: Literal["token:software:totp", "push"] = KIND
) -> Factor:
    """A factor that waits for its activation."""
    factor = Factor(
        id=identifiers.new("opf" if kind == PUSH else "ost"),
        provider=provider,
        kind=kind,
        secret=new_secret(),
        created=org.clock(),
    )
    user.factors[factor.id] = factor
    return factor


@ROUTES.on("GET", _FACTORS)
def list_factors(org: Org, user: User) -> list[dict[str, Any]]:
    return [body(org, user, factor) for factor in user.factors.values()]


@ROUTES.on("GET", f"{_FACTORS}/{{factor_id}}")
def read(org: Org, user: User, factor_id: str) -> dict[str, Any]:
    return body(org, user, lookup(user.factors, factor_id, "UserFactor"))


@ROUTES.on("POST", f"{_FACTORS}/{{factor_id}}/lifecycle/activate")
def activate(org: Org, user: User, factor_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    """`{"passCode": "123456"}` shows that the secret has reached the phone."""
    factor = lookup(user.factors, factor_id, "UserFactor")
    require_passcode(org, factor, text(payload, "passCode"))
    factor.status = "ACTIVE"
    return body(org, user, factor)


@ROUTES.on("POST", f"{_FACTORS}/{{factor_id}}/verify")
def verify(org: Org, user: User, factor_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    require_passcode(org, lookup(user.factors, factor_id, "UserFactor"), text(payload, "passCode"))
    return {"factorResult": "SUCCESS"}


@ROUTES.on("DELETE", f"{_FACTORS}/{{factor_id}}")
def reset(user: User, factor_id: str) -> None:
    del user.factors[lookup(user.factors, factor_id, "UserFactor").id]


def require_passcode(org: Org, factor: Factor, passcode: str) -> None:
    """Raises OktaError 403 unless it is the present code, and one that was not used before."""
    step = matching_step(factor.secret, passcode, org.clock())
    if step is None or step <= factor.last_step:
        cause = "Your passcode doesn't match our records. Please try again."
        raise OktaError(403, "E0000068", "Invalid Passcode/Answer", cause)
    factor.last_step = step


def active_factor(user: User) -> Factor | None:
    """The app that shows codes."""
    return next((one for one in active_factors(user) if one.kind == KIND), None)


def active_factors(user: User) -> list[Factor]:
    return [one for one in user.factors.values() if one.status == "ACTIVE"]
