"""Errors as Okta words them: status, code, summary and causes.

Codes: https://developer.okta.com/docs/reference/error-codes/. The published provider shows a
user only the summary and the causes, so what helps stands there.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from sandbox.okta import identifiers


class OktaError(Exception):
    """A refusal that goes to the client as Okta's error body."""

    def __init__(
        self,
        status: int,
        code: str,
        summary: str,
        *causes: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(summary)
        self.status = status
        self.code = code
        self.summary = summary
        self.causes = causes
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": identifiers.new("oae"),
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, headers=self.headers)


def not_found(what: str, kind: str) -> OktaError:
    return OktaError(404, "E0000007", f"Not found: Resource not found: {what} ({kind})")


def invalid(field: str, *causes: str) -> OktaError:
    """The body was well formed but `field` breaks a rule."""
    return OktaError(400, "E0000001", f"Api validation failed: {field}", *causes)


def malformed() -> OktaError:
    return OktaError(400, "E0000003", "The request body was not well-formed.")


def unauthenticated() -> OktaError:
    return OktaError(401, "E0000004", "Authentication failed")


def invalid_session() -> OktaError:
    return OktaError(401, "E0000005", "Invalid session")


def forbidden(headers: Mapping[str, str] | None = None) -> OktaError:
    summary = "You do not have permission to perform the requested action"
    return OktaError(403, "E0000006", summary, headers=headers)


def invalid_token(headers: Mapping[str, str] | None = None) -> OktaError:
    return OktaError(401, "E0000011", "Invalid token provided", headers=headers)


def wrong_state(summary: str) -> OktaError:
    """The thing exists, but is not in the state that the request needs."""
    return OktaError(403, "E0000016", summary)


def too_many_requests(headers: Mapping[str, str] | None = None) -> OktaError:
    summary = "API call exceeded rate limit due to too many requests."
    return OktaError(429, "E0000047", summary, headers=headers)


def unsupported_media_type() -> OktaError:
    summary = (
        "Bad request. Accept and/or Content-Type headers likely do not match supported values."
    )
    return OktaError(415, "E0000021", summary)


def internal() -> OktaError:
    return OktaError(500, "E0000009", "Internal Server Error")
