"""A person's second factor: one-time passwords by time (RFC 6238), and Okta Verify's push.

Okta's and Google's apps on a phone show the passwords. There is no phone here: `new` sets a factor
up (`python -m sandbox factor`), and a push is approved. Okta's Factors API, which neither the
provider nor a client of the sandbox calls, is not served.
"""

import base64
import secrets
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from sandbox.okta import identifiers
from sandbox.okta.errors import OktaError
from sandbox.okta.models import Factor, User
from sandbox.okta.org import Org

KIND: Literal["token:software:totp"] = "token:software:totp"
PUSH: Literal["push"] = "push"
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


def new(
    org: Org, user: User, provider: str, kind: Literal["token:software:totp", "push"] = KIND
) -> Factor:
    """Set a factor up."""
    factor = Factor(
        id=identifiers.new("opf" if kind == PUSH else "ost"),
        provider=provider,
        kind=kind,
        secret=new_secret(),
        created=org.clock(),
    )
    user.factors[factor.id] = factor
    return factor


def require_passcode(org: Org, factor: Factor, passcode: str) -> None:
    """Raises OktaError 403 unless it is the present code, and one that was not used before."""
    step = matching_step(factor.secret, passcode, org.clock())
    if step is None or step <= factor.last_step:
        cause = "Your passcode doesn't match our records. Please try again."
        raise OktaError(403, "E0000068", "Invalid Passcode/Answer", cause)
    factor.last_step = step


def passcode_factor(user: User) -> Factor | None:
    """The app that shows codes."""
    return next((one for one in user.factors.values() if one.kind == KIND), None)
