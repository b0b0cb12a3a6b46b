"""The front of the local AWS: reads, authenticates and authorizes each call, then answers it.

What moto does as AWS does it is left to moto, behind this front; what it does otherwise is answered
here. A queued fault (`sandbox.faults`) comes before all: AWS's error bodies, or no answer at all.
Its operation is written `iam:CreateRole`: the service's signing name and the name of the action in
its API reference.
"""

import logging
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any

from moto.core.serialize import SERIALIZERS, SerializationContext
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.aws import identities, identity_providers, security_tokens, simulation, users
from sandbox.aws.api_request import ApiRequest, read_request
from sandbox.aws.authorization import authorize
from sandbox.aws.caller import Caller, authenticate
from sandbox.aws.cloud import Cloud
from sandbox.aws.consistency import is_read
from sandbox.aws.errors import AuthFailure, AwsError, HttpResponse, auth_error, render
from sandbox.aws.model_limits import check_arguments
from sandbox.aws.saml_sessions import assume_role_with_saml
from sandbox.faults import Fault

log = logging.getLogger("sandbox.aws")

StartResponse = Callable[..., Any]
Handler = Callable[[Cloud, ApiRequest, Caller], Mapping[str, object]]
_QUERY_SERVICES = frozenset({"iam", "sts"})

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("iam", "CreateSAMLProvider"): identity_providers.create,
    ("iam", "UpdateSAMLProvider"): identity_providers.update,
    ("iam", "GetSAMLProvider"): identity_providers.read,
    ("iam", "ListSAMLProviders"): identity_providers.list_all,
    ("iam", "DeleteSAMLProvider"): identity_providers.delete,
    ("iam", "TagSAMLProvider"): identity_providers.tag,
    ("iam", "UntagSAMLProvider"): identity_providers.untag,
    ("iam", "ListSAMLProviderTags"): identity_providers.list_tags,
    ("iam", "UpdateRole"): identities.update_role,
    ("iam", "UpdateAssumeRolePolicy"): identities.update_trust,
    ("iam", "CreateUser"): users.create,
    ("iam", "GetUser"): users.read,
    ("iam", "PutUserPermissionsBoundary"): users.put_boundary,
    ("iam", "DeleteUserPermissionsBoundary"): users.delete_boundary,
    ("iam", "SimulatePrincipalPolicy"): simulation.simulate_principal,
    ("iam", "SimulateCustomPolicy"): simulation.simulate_custom,
    ("sts", "GetCallerIdentity"): security_tokens.get_caller_identity,
    ("sts", "AssumeRole"): security_tokens.assume_role,
}
"""The calls that are answered here and not by moto."""

# moto answers these with credentials that nobody checked.
_MADE_UP = frozenset(
    ("sts", action)
    for action in ("GetFederationToken", "GetSessionToken", "AssumeRoleWithWebIdentity")
)


class Moto(DomainDispatcherApplication):
    """moto, which otherwise looks through its folders for the service behind every request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._services: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The name of moto's backend; the host says service and region, so there are few."""
        if host not in self._services:
            self._services[host] = super().get_backend_for_host(host)
        return self._services[host]


class Gateway:
    """The WSGI application."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.moto = Moto()
        self._turn = Lock()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        call = read_request(environ)
        struck = self.cloud.faults.take(operation(call))
        time.sleep(struck.delay)
        fault = struck.fault
        if fault is not None and fault.effect != "lag":
            log.info("fault %d: %s on %s", fault.id, fault.effect, operation(call))
            if fault.after:
                self.serve(call)
            return send(faulty_response(fault, call), start)
        return send(self.serve(call, looks=fault.reads if fault is not None else 0), start)

    def serve(self, call: ApiRequest, *, looks: int = 0) -> HttpResponse:
        """The answer, errors included; `looks` at what it writes see the account as it was."""
        with self._turn:  # moto falls over what another request changes while it reads
            try:
                answer = self.answer(call, looks)
                if not is_read(call):
                    self.cloud.written()
                return answer
            except AwsError as error:
                return render(error, call.protocol)
            except Exception:
                log.exception("%s:%s failed here", call.service, call.action)
                failure = AwsError("InternalFailure", "see the sandbox's log", 500)
                return render(failure, call.protocol)

    def answer(self, call: ApiRequest, looks: int) -> HttpResponse:
        """Authenticate, authorize and check, then answer here or let moto. Raises AwsError."""
        if (call.service, call.action) == ("sts", "AssumeRoleWithSAML"):
            check_arguments(call)
            return _result(call, assume_role_with_saml(self.cloud, call))
        caller = authenticate(self.cloud, call)
        if call.service in _QUERY_SERVICES:
            if not call.action:
                raise AwsError("MissingAction", "The request must contain the parameter Action")
            check_arguments(call)
        authorize(self.cloud, call, caller)
        with self.cloud.unseen.applied(caller.account, call):
            if not looks:
                return self._dispatch(call, caller)
            with self.cloud.unseen.lagging(caller.account, call, looks):
                return self._dispatch(call, caller)

    def _dispatch(self, call: ApiRequest, caller: Caller) -> HttpResponse:
        """Answer here or let moto; what AWS refuses and moto would take is refused before."""
        name = (call.service, call.action or "")
        if name in _MADE_UP:
            raise not_implemented(call)
        if call.service == "iam" and name[1] in identities.CHECKS:
            identities.CHECKS[name[1]](self.cloud, call, caller)
        handler = HANDLERS.get(name)
        if handler is not None:
            return _result(call, handler(self.cloud, call, caller))
        call.environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
        return self.from_moto(call)

    def from_moto(self, call: ApiRequest) -> HttpResponse:
        """moto's answer; a failure inside it in the form that a client of the service reads."""
        head: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: Any
        ) -> Callable[[bytes], None]:
            head.update(status=int(status.split()[0]), headers=dict(headers))
            return lambda chunk: None

        try:
            body = b"".join(self.moto(call.environ, start_response))
        except Exception as error:  # moto raises NotImplementedError, and KeyError for much else
            log.warning("moto failed at %s:%s: %r", call.service, call.action, error)
            raise not_implemented(call) from None
        if head["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("moto answered %s to %s:%s", head["status"], call.service, call.action)
            raise not_implemented(call)
        return HttpResponse(head["status"], head["headers"], body)


def _result(call: ApiRequest, value: Mapping[str, object]) -> HttpResponse:
    """A result as the service's model serializes it; None among the values is left out."""
    model = get_service_model(call.service).operation_model(call.action)
    context = SerializationContext(secrets.token_hex(16))
    answer = SERIALIZERS["query"](model, context).serialize(value)
    return HttpResponse(200, {"Content-Type": "text/xml"}, str(answer["body"]).encode())


def send(answer: HttpResponse, start: StartResponse) -> Iterable[bytes]:
    """A response as WSGI has it."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    start(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
    return [answer.body]


def not_implemented(call: ApiRequest) -> AwsError:
    """The answer to what neither moto nor this sandbox does; no SDK tries it again."""
    message = f"{call.service}:{call.action} is not implemented in this sandbox"
    return AwsError("NotImplemented", message, 501)


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


def faulty_response(fault: Fault, call: ApiRequest) -> HttpResponse:
    """The answer of a fault. Raises Disconnected when there is to be none."""
    if fault.effect == "hang":
        time.sleep(fault.seconds)
    if fault.effect in ("hang", "disconnect"):
        close(call.environ)
        raise Disconnected(f"fault {fault.id}: {fault.effect}")
    if fault.effect == "body":
        return HttpResponse(200, {"Content-Type": fault.content_type}, fault.body.encode())
    return _with_retry_after(fault, render(_fault_error(fault, call), call.protocol))


def close(environ: Mapping[str, Any]) -> None:
    """Close the connection of a request, so that its client waits for nothing."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def _fault_error(fault: Fault, call: ApiRequest) -> AwsError:
    if fault.effect == "expired-credentials":
        return auth_error(call.protocol, AuthFailure.EXPIRED)
    code, message = USUAL.get(fault.status, ("InternalFailure", f"Injected {fault.status}"))
    return AwsError(fault.code or code, fault.message or message, fault.status)


def _with_retry_after(fault: Fault, answer: HttpResponse) -> HttpResponse:
    if fault.retry_after is None:
        return answer
    headers = {**answer.headers, "Retry-After": str(fault.retry_after)}
    return HttpResponse(answer.status, headers, answer.body)
