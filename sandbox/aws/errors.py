"""AWS's errors, in the shape that the protocol of each service gives them.

Source: the service models (protocol, error codes) and "Common Errors" of the API references of IAM,
STS, EC2, S3, Systems Manager and Secrets Manager.
"""

import json
import secrets
from collections.abc import Mapping
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


_XML: Mapping[Protocol, str] = {
    Protocol.QUERY: "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code>"
    "<Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
    Protocol.EC2: "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    "</Errors><RequestID>{id}</RequestID></Response>",
    Protocol.S3: "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId>"
    "</Error>",
}


def render(error: AwsError, protocol: Protocol) -> HttpResponse:
    """The error as the protocol writes it."""
    request_id = secrets.token_hex(16)
    if protocol in _XML:
        fields = {"code": escape(error.code), "message": escape(error.message), "id": request_id}
        fault = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
        document = _XML[protocol].format(fault=fault, **fields)
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'
        return HttpResponse(error.status, {"Content-Type": "text/xml"}, body.encode())
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-ErrorType": error.code,
        "x-amzn-RequestId": request_id,
    }
    body = json.dumps({"__type": error.code, "message": error.message})
    return HttpResponse(error.status, headers, body.encode())
