"""The front of the local AWS: reads, authenticates and authorizes each call, then answers it.

What moto does as AWS does it is left to moto, behind this front; what it does otherwise is answered
here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.aws import query_protocol
from sandbox.aws.api_request import ApiRequest, read_request
from sandbox.aws.authorization import authorize
from sandbox.aws.caller import authenticate
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError, HttpResponse, render
from sandbox.aws.handlers import HANDLERS, check, not_implemented
from sandbox.aws.model_limits import check_arguments
from sandbox.aws.saml_sessions import assume_role_with_saml

log = logging.getLogger("sandbox.aws")

StartResponse = Callable[..., Any]
_QUERY_SERVICES = frozenset({"iam", "sts"})


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
        with self._turn:  # moto falls over what another request changes while it reads
            answered = self.answered(call)
            if answered is None:
                return self.from_moto(call, environ, start)
        return send(answered, start)

    def answered(self, call: ApiRequest) -> HttpResponse | None:
        """The same as `answer`, errors included."""
        try:
            return self.answer(call)
        except AwsError as error:
            return render(error, call.protocol)
        except Exception:
            log.exception("%s:%s failed here", call.service, call.action)
            failure = AwsError("InternalFailure", "see the sandbox's log", 500)
            return render(failure, call.protocol)

    def answer(self, call: ApiRequest) -> HttpResponse | None:
        """An answer of our own; None leaves the call to moto."""
        if (call.service, call.action) == ("sts", "AssumeRoleWithSAML"):
            check_arguments(call)
            return _result(call, assume_role_with_saml(self.cloud, call))
        caller = authenticate(self.cloud, call)
        if call.service in _QUERY_SERVICES:
            if not call.action:
                raise AwsError("MissingAction", "The request must contain the parameter Action")
            check_arguments(call)
        authorize(self.cloud, call, caller)
        check(self.cloud, call, caller)
        handler = HANDLERS.get((call.service, call.action or ""))
        if handler is None:
            call.environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
            return None
        return _result(call, handler(self.cloud, call, caller))

    def from_moto(
        self, call: ApiRequest, environ: dict[str, Any], start: StartResponse
    ) -> Iterable[bytes]:
        """moto's answer; a failure inside it in the form that a client of the service reads."""
        response: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: Any
        ) -> Callable[[bytes], None]:
            response.update(status=status, headers=headers)
            return lambda chunk: None

        try:
            body = b"".join(self.moto(environ, start_response))
        except Exception as error:  # moto raises NotImplementedError, and KeyError for much else
            log.warning("moto failed at %s:%s: %r", call.service, call.action, error)
            return send(render(not_implemented(call), call.protocol), start)
        if int(response["status"].split()[0]) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("moto answered %s to %s:%s", response["status"], call.service, call.action)
            return send(render(not_implemented(call), call.protocol), start)
        start(response["status"], response["headers"])
        return [body]


def _result(call: ApiRequest, value: Mapping[str, object]) -> HttpResponse:
    return query_protocol.serialize_result(call.service, call.action or "", value)


def send(answer: HttpResponse, start: StartResponse) -> Iterable[bytes]:
    headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
    start(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    return [answer.body]
