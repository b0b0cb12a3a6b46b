"""Errors of calls to Okta, worded as the published plugin words them."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from sandbox.plugins.schema import CloudError


class OktaError(CloudError):
    """Okta's refusal; `status` is the HTTP status, 0 where there was no answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def error_context(what: str) -> Iterator[None]:
    """Errors inside begin with what failed, as in "failed to create group"."""
    try:
        yield
    except OktaError as error:
        raise OktaError(f"{what}: {error}", error.status) from error


def error_text(answer: httpx.Response) -> str:
    """What the API says against a request; `ErrorSummary` and causes as the SDK joins them."""
    try:
        body = answer.json()
        causes = ", ".join(
            f"errorSummary: {cause['errorSummary']}" for cause in body.get("errorCauses", [])
        )
        message = f"the API returned an error: {body['errorSummary']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        request_id = answer.headers.get("X-Okta-Request-Id", "")
        return (
            f"the API returned an unknown error: {answer.status_code} {answer.reason_phrase}, "
            f"X-Okta-Request-Id={request_id}"
        )
    return f"{message}. Causes: {causes}" if causes else message
