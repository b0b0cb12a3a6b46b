"""Values as they travel: protobuf structs, with marks for what is secret and what is unknown."""

from collections.abc import Collection
from typing import Any

from google.protobuf import json_format, struct_pb2

from sandbox.plugins.schema import Values

# Constants of the protocol: `sdk/go/common/resource` of Pulumi.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (tells a secret, is none)


def unpack(struct: struct_pb2.Struct) -> Values:
    """Plain values: nulls and marks of secrets are gone, whole numbers are integers again."""
    values: Values = _plain(json_format.MessageToDict(struct))
    return values


def pack(values: Values, secrets: Collection[str] = ()) -> struct_pb2.Struct:
    """The values for the engine, those named in `secrets` marked as such."""
    struct = struct_pb2.Struct()
    struct.update(
        {
            name: {SIGNATURE: SECRET, "value": value} if name in secrets else value
            for name, value in values.items()
            if value is not None
        }
    )
    return struct


def has_unknown(value: Any) -> bool:
    """Whether the value, or anything in it, will only be known once something else exists."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return bool(value == UNKNOWN)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return _plain(value.get("value"))
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
