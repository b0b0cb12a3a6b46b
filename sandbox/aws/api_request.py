"""One HTTP request read as a call of an AWS service: service, action, parameters, body.

Source: the service models for where each protocol puts the action; "Signing AWS API requests" for
where the service's signing name stands.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.datastructures import EnvironHeaders, Headers, MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import get_input_stream

from sandbox.aws.errors import AwsError, Protocol

_RPC_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
_SCOPE = re.compile(r"Credential=([^/\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature says about itself: key, day, region and service."""

    access_key_id: str
    day: str
    region: str
    service: str


@dataclass
class ApiRequest:
    """A request on its way in. `parameters` are those of the query protocol, flat and as text."""

    environ: dict[str, Any]
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    scope: Scope | None
    service: str
    protocol: Protocol
    action: str | None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether it came over TLS."""
        return bool(self.environ.get("wsgi.url_scheme") == "https")

    @property
    def source_ip(self) -> str:
        """The caller's address."""
        return str(self.environ.get("REMOTE_ADDR", "127.0.0.1"))

    def json(self) -> Mapping[str, Any]:
        """The body of a JSON protocol; empty when it is no object."""
        try:
            decoded = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """The parameters of the query protocol as the service's model types them."""
        model = get_service_model(self.service).operation_model(self.action)
        parser = PROTOCOL_PARSERS["query"](model, map_type=dict)
        try:
            parsed: dict[str, Any] | None = parser.parse(
                {
                    "method": self.method,
                    "values": MultiDict(self.parameters),
                    "headers": Headers(),
                    "body": b"",
                    "url_path": self.path,
                    "url_params": {},
                }
            )
        except ValueError as error:
            raise AwsError("MalformedInput", f"a parameter has another type: {error}") from None
        return parsed or {}


def read_request(environ: dict[str, Any]) -> ApiRequest:
    """Read a WSGI request whole; its body can be read again from `environ` afterwards."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    target = urlsplit(
        raw if raw.startswith("/") else "/" + raw.split("//", 1)[-1].partition("/")[2]
    )
    headers = {name.lower(): value for name, value in EnvironHeaders(environ)}
    body = get_input_stream(environ).read()
    environ["wsgi.input"] = io.BytesIO(body)
    scope = _scope(headers)
    parameters = _parameters(headers, body, target.query)
    service, protocol = _service(scope, headers, parameters)
    call = ApiRequest(
        environ=environ,
        method=environ["REQUEST_METHOD"],
        path=target.path,
        query=target.query,
        headers=headers,
        body=body,
        scope=scope,
        service=service,
        protocol=protocol,
        action=None,
        parameters=parameters,
    )
    call.action = _action(call)
    return call


def _scope(headers: Mapping[str, str]) -> Scope | None:
    match = _SCOPE.search(headers.get("authorization", ""))
    return Scope(*match.groups()) if match else None


def _parameters(headers: Mapping[str, str], body: bytes, query: str) -> dict[str, str]:
    values = parse_qs(query, keep_blank_values=True)
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        values |= parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {key: value[0] for key, value in values.items()}


def _service(
    scope: Scope | None, headers: Mapping[str, str], parameters: Mapping[str, str]
) -> tuple[str, Protocol]:
    action = parameters.get("Action")
    if scope is None:
        if "x-amz-target" in headers:
            return headers["x-amz-target"].partition(".")[0], Protocol.JSON
        return ("sts", Protocol.QUERY) if action else ("s3", Protocol.S3)
    if scope.service in ("ec2", "s3"):
        return scope.service, Protocol(scope.service)
    if "x-amz-target" in headers or "smithy-protocol" in headers:
        return scope.service, Protocol.JSON
    return scope.service, Protocol.QUERY if action else Protocol.REST


def _action(call: ApiRequest) -> str | None:
    if call.protocol in (Protocol.QUERY, Protocol.EC2):
        return call.parameters.get("Action")
    if "x-amz-target" in call.headers:
        return call.headers["x-amz-target"].rpartition(".")[2]
    rpc = _RPC_PATH.fullmatch(call.path)
    if rpc is not None:
        return rpc[1]
    router = _router(call.service)
    if router is None:
        return None
    try:
        operation, _ = router.match(Request(dict(call.environ)))
    except (NotFound, NotImplementedError):
        return None
    return str(operation.name)


@lru_cache(maxsize=64)
def _router(service: str) -> Any:
    try:
        return get_service_router(service)
    except UnknownServiceError:
        return None
