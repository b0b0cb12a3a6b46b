"""Passwords, kept as salted scrypt digests: nothing in memory tells what was typed."""

import hashlib
import secrets

from sandbox.okta.models import Password

# Light on purpose: a sign-in has to answer in well under 100 ms, and nothing here outlives
# the process.
_COST, _BLOCK, _PARALLEL = 2**11, 8, 1


def generate() -> str:
    """A password that is random, and typed by hand without trouble."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def protect(password: str) -> Password:
    salt = secrets.token_bytes(16)
    return Password(salt=salt, digest=_digest(password, salt))


def matches(password: str, stored: Password) -> bool:
    return secrets.compare_digest(_digest(password, stored.salt), stored.digest)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
