"""Signature Version 4: is this request really from the owner of the secret key?

botocore computes the signature again, from the headers that the request names. A signature in the
query string (a presigned URL) is none here. Source: "Create a signed AWS API request", "Signature
calculations for the Authorization header" (S3).
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.aws.api_request import ApiRequest, Scope
from sandbox.aws.errors import AuthFailure, AwsError, auth_error

TOLERANCE = timedelta(minutes=15)
"""How far the clocks may be apart: "Troubleshoot Signature Version 4", "Signature has expired"."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(r"SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})\s*$")
_UNHASHED = ("UNSIGNED-PAYLOAD", "STREAMING-")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class _Claim:
    """The signature of a request and what it covers."""

    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str


class _Verifier(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """botocore's signer, told which headers are signed instead of choosing them."""

    signed: Iterable[str] = ()

    def headers_to_sign(self, request: AWSRequest) -> HTTPMessage:
        """The headers of the claim, in lower case."""
        headers = HTTPMessage()
        for name in self.signed:
            headers[name] = request.headers.get(name, "")
        return headers


class _S3Verifier(_Verifier, S3SigV4Auth):  # type: ignore[misc]
    """The same for S3, whose paths are encoded once only."""


def check_signature(call: ApiRequest, scope: Scope, secret: str, now: datetime) -> None:
    """Refuse a request that was not signed with the secret, was altered, or is too old."""
    claim = _claim(call)
    mismatch = auth_error(call.protocol, AuthFailure.WRONG_SIGNATURE)
    if claim is None or "host" not in claim.signed_headers:
        raise mismatch
    _check_age(call, claim, now, mismatch)
    if not claim.timestamp.startswith(scope.day):
        raise mismatch
    expected = _signature(call, claim, scope, secret, _payload_hash(call, mismatch))
    if not hmac.compare_digest(expected, claim.signature):
        raise mismatch


def _signature(
    call: ApiRequest, claim: _Claim, scope: Scope, secret: str, payload_hash: str
) -> str:
    kind = _S3Verifier if scope.service == "s3" else _Verifier
    verifier = kind(Credentials(scope.access_key_id, secret), scope.service, scope.region)
    verifier.signed = claim.signed_headers
    request = AWSRequest(
        method=call.method,
        url=f"http://{call.headers.get('host', '')}{call.path or '/'}",
        headers=dict(call.headers),
        params=parse_qsl(call.query, keep_blank_values=True),
    )
    request.context["timestamp"] = claim.timestamp
    del request.headers["x-amz-content-sha256"]
    request.headers["x-amz-content-sha256"] = payload_hash  # what canonical_request() takes
    text = verifier.string_to_sign(request, verifier.canonical_request(request))
    return str(verifier.signature(text, request))


def _claim(call: ApiRequest) -> _Claim | None:
    authorization = call.headers.get("authorization", "")
    match = _HEADER.search(authorization)
    if match is None or not authorization.startswith(_ALGORITHM):
        return None
    return _Claim(tuple(match[1].split(";")), match[2], call.headers.get("x-amz-date", ""))


def _check_age(call: ApiRequest, claim: _Claim, now: datetime, mismatch: AwsError) -> None:
    try:
        signed = datetime.strptime(claim.timestamp, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        raise mismatch from None
    if not -TOLERANCE <= now - signed <= TOLERANCE:
        raise auth_error(call.protocol, AuthFailure.WRONG_SIGNATURE, _age_message(signed, now))


def _age_message(signed: datetime, now: datetime) -> str:
    """In the words of IAM and STS, with the clock's limit that was passed."""
    then, here = signed.strftime(_TIMESTAMP), now.strftime(_TIMESTAMP)
    if signed > now:
        limit = (now + TOLERANCE).strftime(_TIMESTAMP)
        return f"Signature not yet current: {then} is still later than {limit} ({here} + 15 min.)"
    limit = (now - TOLERANCE).strftime(_TIMESTAMP)
    return f"Signature expired: {then} is now earlier than {limit} ({here} - 15 min.)"


def _payload_hash(call: ApiRequest, mismatch: AwsError) -> str:
    actual = hashlib.sha256(call.body).hexdigest()
    claimed = call.headers.get("x-amz-content-sha256")
    if claimed is None:
        return actual
    if claimed.startswith(_UNHASHED):
        return claimed
    if claimed != actual:
        raise mismatch
    return claimed
