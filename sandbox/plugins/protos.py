"""The provider protocol's generated modules, without the rest of the SDK."""

from typing import Any, NamedTuple

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

import sandbox.engine.protos  # noqa: F401  (enters the SDK's packages without importing them)

__all__ = ["Failure", "failure", "plugin_pb2", "provider_pb2", "provider_pb2_grpc"]


class Failure(NamedTuple):
    """A call's failure, in the shape that gRPC's `abort_with_status` takes."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


def failure(message: str, detail: Any) -> Failure:
    """A failure with a message of the protocol as its detail."""
    packed = AnyMessage()
    packed.Pack(detail)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
    return Failure(code, message, (("grpc-status-details-bin", status.SerializeToString()),))
