"""The provider protocol's generated modules, without the rest of the SDK."""

import sandbox.engine.protos  # noqa: F401  (enters the SDK's packages without importing them)

# isort: split
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
