"""One-time passwords by time (RFC 6238), as Okta's and Google's apps on a phone show them."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30
DIGITS = 6
DRIFT_STEPS = 1
"""How many steps a phone's clock may be off."""


def new_secret() -> str:
    """Base32, as it is typed into an app on a phone."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, now: datetime) -> str:
    """What the phone shows at this moment."""
    return _totp(secret).generate(int(now.timestamp())).decode()


def matching_step(secret: str, passcode: str, now: datetime) -> int | None:
    """The time step whose code this is, if it is of now or of a step beside it."""
    present = int(now.timestamp()) // STEP
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        try:
            _totp(secret).verify(passcode.encode(), step * STEP)
        except InvalidToken:
            continue
        return step
    return None


def _totp(secret: str) -> TOTP:
    # SHA-1 is what the apps on phones compute (RFC 6238, section 1.2).
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303
