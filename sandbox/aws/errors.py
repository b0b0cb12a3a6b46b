"""AWS's errors, in the shape that the protocol of each service gives them.

Source: the service models (protocol, error codes) and "Common Errors" of the API references of IAM,
STS, EC2, S3, Systems Manager and Secrets Manager.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from xml.sax.saxutils import escape


class AwsError(Exception):
    """An answer of AWS instead of a result: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = int(status)


class Protocol(Enum):
    """The wire protocols; they differ in how a call names its action and how errors look."""

    QUERY = "query"
    EC2 = "ec2"
    S3 = "s3"
    JSON = "json"
    REST = "rest"


class AuthFailure(Enum):
    """Why a call is not let in; each protocol has a code of its own for it."""

    NOT_SIGNED = "not signed"
    UNKNOWN_KEY = "unknown key"
    WRONG_SIGNATURE = "signature does not match"
    EXPIRED = "expired"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_XML_CODES: dict[AuthFailure, tuple[str, int]] = {
    AuthFailure.NOT_SIGNED: ("MissingAuthenticationToken", 403),
    AuthFailure.UNKNOWN_KEY: ("InvalidClientTokenId", 403),
    AuthFailure.WRONG_SIGNATURE: ("SignatureDoesNotMatch", 403),
    AuthFailure.EXPIRED: ("ExpiredToken", 403),
    AuthFailure.DENIED: ("AccessDenied", 403),
}
_JSON_CODES: Mapping[AuthFailure, tuple[str, int]] = {
    AuthFailure.NOT_SIGNED: ("MissingAuthenticationTokenException", 400),
    AuthFailure.UNKNOWN_KEY: ("UnrecognizedClientException", 400),
    AuthFailure.WRONG_SIGNATURE: ("InvalidSignatureException", 400),
    AuthFailure.EXPIRED: ("ExpiredTokenException", 400),
    AuthFailure.DENIED: ("AccessDeniedException", 400),
}
_CODES: Mapping[Protocol, Mapping[AuthFailure, tuple[str, int]]] = {
    Protocol.QUERY: _XML_CODES,
    Protocol.EC2: {
        AuthFailure.NOT_SIGNED: ("AuthFailure", 401),
        AuthFailure.UNKNOWN_KEY: ("AuthFailure", 401),
        AuthFailure.WRONG_SIGNATURE: ("AuthFailure", 401),
        AuthFailure.EXPIRED: ("RequestExpired", 400),
        AuthFailure.DENIED: ("UnauthorizedOperation", 403),
    },
    Protocol.S3: _XML_CODES
    | {
        AuthFailure.NOT_SIGNED: ("AccessDenied", 403),
        AuthFailure.UNKNOWN_KEY: ("InvalidAccessKeyId", 403),
        AuthFailure.EXPIRED: ("ExpiredToken", 400),
    },
    Protocol.JSON: _JSON_CODES,
    Protocol.REST: {failure: (code, 403) for failure, (code, _) in _JSON_CODES.items()},
}
_MESSAGES: Mapping[AuthFailure, str] = {
    AuthFailure.NOT_SIGNED: "Request is missing Authentication Token",
    AuthFailure.UNKNOWN_KEY: "The security token included in the request is invalid.",
    AuthFailure.WRONG_SIGNATURE: (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    ),
    AuthFailure.EXPIRED: "The security token included in the request is expired",
}


def auth_error(protocol: Protocol, failure: AuthFailure, message: str | None = None) -> AwsError:
    """The error with which a service of that protocol turns a caller away."""
    code, status = _CODES[protocol][failure]
    return AwsError(code, message or _MESSAGES[failure], status)


def render(error: AwsError, protocol: Protocol) -> HttpResponse:
    """The error as the protocol writes it."""
    return _RENDERERS[protocol](error, secrets.token_hex(16))


def _query(error: AwsError, request_id: str) -> HttpResponse:
    fault = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    return _xml(
        error,
        f"<ErrorResponse><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>",
    )


def _ec2(error: AwsError, request_id: str) -> HttpResponse:
    return _xml(
        error,
        f"<Response><Errors><Error><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>",
    )


def _s3(error: AwsError, request_id: str) -> HttpResponse:
    return _xml(
        error,
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>",
    )


def _xml(error: AwsError, document: str) -> HttpResponse:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()
    return HttpResponse(error.status, {"Content-Type": "text/xml"}, body)


def _json(error: AwsError, request_id: str) -> HttpResponse:
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-ErrorType": error.code,
        "x-amzn-RequestId": request_id,
    }
    return HttpResponse(error.status, headers, body)


_RENDERERS: Mapping[Protocol, Callable[[AwsError, str], HttpResponse]] = {
    Protocol.QUERY: _query,
    Protocol.EC2: _ec2,
    Protocol.S3: _s3,
    Protocol.JSON: _json,
    Protocol.REST: _json,
}
