"""Signature Version 4: is this request really from the holder of the secret key?

Source: "Create a signed AWS API request" and "Signature calculations for the Authorization header"
(S3, whose paths are encoded once only). Signatures of a request's header and of its query string.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from sandbox.aws.call import Call, Scope
from sandbox.aws.errors import AwsError, Refusal, refuse

_ALGORITHM = "AWS4-HMAC-SHA256"
_TOLERANCE = timedelta(minutes=15)
_HEADER = re.compile(r"SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})\s*$")
_UNHASHED = ("UNSIGNED-PAYLOAD", "STREAMING-")


@dataclass(frozen=True, slots=True)
class _Claim:
    """What the request says about its signature."""

    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    query: list[tuple[str, str]]


def check_signature(call: Call, scope: Scope, secret: str, now: datetime) -> None:
    """Refuse a request that was not signed with the secret, was altered, or is too old."""
    claim = _claim(call)
    wrong = refuse(call.protocol, Refusal.WRONG_SIGNATURE)
    if claim is None or not {"host"} <= set(claim.signed_headers):
        raise wrong
    _check_age(call, claim, now, wrong)
    if not claim.moment.startswith(scope.day):
        raise wrong
    canonical = "\n".join(
        (
            call.method,
            _path(call, scope),
            _query(claim.query),
            *(f"{name}:{_squeeze(call.headers.get(name, ''))}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            _payload_hash(call, wrong),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope_text = f"{scope.day}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join((_ALGORITHM, claim.moment, scope_text, digest))
    key = _signing_key(secret, scope.day, scope.region, scope.service)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, claim.signature):
        raise wrong


def _claim(call: Call) -> _Claim | None:
    query = parse_qsl(call.query, keep_blank_values=True)
    authorization = call.headers.get("authorization", "")
    if authorization:
        found = _HEADER.search(authorization)
        if found is None or not authorization.startswith(_ALGORITHM):
            return None
        moment = call.headers.get("x-amz-date", "")
        return _Claim(tuple(found[1].split(";")), found[2], moment, query)
    values = dict(query)
    if values.get("X-Amz-Algorithm") != _ALGORITHM or "X-Amz-Signature" not in values:
        return None
    return _Claim(
        signed_headers=tuple(values.get("X-Amz-SignedHeaders", "").split(";")),
        signature=values["X-Amz-Signature"],
        moment=values.get("X-Amz-Date", ""),
        query=[(name, value) for name, value in query if name != "X-Amz-Signature"],
    )


def _check_age(call: Call, claim: _Claim, now: datetime, wrong: AwsError) -> None:
    try:
        signed = datetime.strptime(claim.moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise wrong from None
    lifetime = _TOLERANCE
    expires = dict(claim.query).get("X-Amz-Expires")
    if expires is not None and expires.isdigit():
        lifetime = timedelta(seconds=int(expires))
    if not -_TOLERANCE <= now - signed <= lifetime:
        raise refuse(
            call.protocol,
            Refusal.WRONG_SIGNATURE,
            f"Signature expired: {claim.moment} is not within {lifetime} of {now:%Y%m%dT%H%M%SZ}",
        )


def _path(call: Call, scope: Scope) -> str:
    path = call.path or "/"
    once = quote(unquote(path), safe="/-_.~")
    return once if scope.service == "s3" else quote(path, safe="/-_.~")


def _query(pairs: list[tuple[str, str]]) -> str:
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _squeeze(value: str) -> str:
    return " ".join(value.split())


def _payload_hash(call: Call, wrong: AwsError) -> str:
    actual = hashlib.sha256(call.body).hexdigest()
    claimed = call.headers.get("x-amz-content-sha256")
    if claimed is None:
        presigned_object = call.service == "s3" and "authorization" not in call.headers
        return "UNSIGNED-PAYLOAD" if presigned_object else actual
    if claimed.startswith(_UNHASHED):
        return claimed
    if claimed != actual:
        raise wrong
    return claimed


@lru_cache(maxsize=256)
def _signing_key(secret: str, *scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
