"""How the emulated AWS plays a queued fault: AWS's error bodies, or no answer at all.

What a fault is, and the queue, is in `sandbox.faults`. The operation is written `iam:CreateRole`:
the service's signing name and the name of the action in its API reference.
"""

import socket
import time
from collections.abc import Mapping
from typing import Any

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.errors import AuthFailure, AwsError, HttpResponse, auth_error, render
from sandbox.faults import Fault

USUAL: Mapping[int, tuple[str, str]] = {
    400: ("Throttling", "Rate exceeded"),
    403: ("AccessDenied", "Access is denied by a queued fault"),
    404: ("NoSuchEntity", "The entity cannot be found."),
    409: (
        "ConcurrentModification",
        "The request was rejected because multiple requests to change this object were submitted "
        "simultaneously.",
    ),
    429: ("TooManyRequestsException", "Rate exceeded"),
    500: ("InternalFailure", "The request processing has failed because of an unknown error."),
    503: ("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
}
"""Status -> code and message of an `error` that names none ("Common Errors" of IAM's reference)."""


class Disconnected(ConnectionError):
    """The connection was closed on purpose; the server has nothing to answer."""


def operation(call: ApiRequest) -> str:
    """A request as faults name it; `s3:ListBuckets`, `iam:CreateRole`."""
    return f"{call.service}:{call.action or 'Unknown'}"


def response(fault: Fault, call: ApiRequest) -> HttpResponse:
    """The answer of a fault. Raises Disconnected when there is to be none."""
    if fault.effect == "hang":
        time.sleep(fault.seconds)
    if fault.effect in ("hang", "disconnect"):
        close(call.environ)
        raise Disconnected(f"fault {fault.id}: {fault.effect}")
    if fault.effect == "body":
        return HttpResponse(200, {"Content-Type": fault.content_type}, fault.body.encode())
    return _with_retry_after(fault, render(_error(fault, call), call.protocol))


def close(environ: Mapping[str, Any]) -> None:
    """Close the connection of a request, so that its client waits for nothing."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def _error(fault: Fault, call: ApiRequest) -> AwsError:
    if fault.effect == "expired-credentials":
        return auth_error(call.protocol, AuthFailure.EXPIRED)
    code, message = USUAL.get(fault.status, ("InternalFailure", f"Injected {fault.status}"))
    return AwsError(fault.code or code, fault.message or message, fault.status)


def _with_retry_after(fault: Fault, answer: HttpResponse) -> HttpResponse:
    if fault.retry_after is None:
        return answer
    headers = {**answer.headers, "Retry-After": str(fault.retry_after)}
    return HttpResponse(answer.status, headers, answer.body)
