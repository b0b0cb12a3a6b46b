"""The engine's protocols, without the SDK that carries them.

The package `pulumi` ships the generated modules but takes a second to import as a whole. Here its
parents are entered as empty packages first, so that only the generated modules are read. A process
that imports this module can therefore not use the rest of `pulumi`.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def _enter_empty(name: str, folder: Path) -> None:
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


_spec = find_spec("pulumi")
if _spec is None or _spec.origin is None:
    raise ModuleNotFoundError(
        "the package 'pulumi' is not installed: pip install -r requirements.txt"
    )
_home = Path(_spec.origin).parent
_enter_empty("pulumi", _home)
_enter_empty("pulumi.runtime", _home / "runtime")
_enter_empty("pulumi.runtime.proto", _home / "runtime" / "proto")

from pulumi.runtime.proto import (  # noqa: E402
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
