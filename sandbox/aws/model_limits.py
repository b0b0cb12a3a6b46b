"""The limits that the service models themselves state: lengths, patterns, ranges, enumerations.

Source: the models of IAM and STS, which are what their API references are made from. moto reads the
models for names and types only.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.utils import get_service_model

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.errors import AwsError

_SHOWN = 8


def check_arguments(call: ApiRequest) -> None:
    """Refuse what the model of the call forbids. Raises AwsError ValidationError."""
    shape = _input_shape(call.service, call.action or "")
    violations = list(_violations(shape, call.arguments, ""))[:_SHOWN] if shape is not None else []
    if violations:
        noun = "error" if len(violations) == 1 else "errors"
        message = f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
        raise AwsError("ValidationError", message)


@lru_cache(maxsize=512)
def _input_shape(service: str, action: str) -> Any:
    try:
        return get_service_model(service).operation_model(action).input_shape
    except UnknownServiceError:
        return None
    except OperationNotFoundError:
        message = f"Could not find operation {action} of {service}"
        raise AwsError("InvalidAction", message) from None


def _violations(shape: Any, value: Any, where: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name in shape.required_members:
            if value.get(name) is None:
                yield _violation("null", f"{where}{name}", "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _violations(member, value[name], f"{where}{name}.")
        return
    path = where.removesuffix(".")
    if shape.type_name == "list" and isinstance(value, list):
        yield from _length(shape.metadata, value, path)
        for number, item in enumerate(value, start=1):
            yield from _violations(shape.member, item, f"{path}.{number}.member.")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _text(shape.metadata, value, path)
    elif shape.type_name in ("integer", "long") and isinstance(value, int):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and value < low:
            yield _violation(value, path, f"Member must have value greater than or equal to {low}")
        if high is not None and value > high:
            yield _violation(value, path, f"Member must have value less than or equal to {high}")


def _text(limits: Mapping[str, Any], value: str, path: str) -> Iterator[str]:
    yield from _length(limits, value, path)
    pattern, allowed = limits.get("pattern"), limits.get("enum")
    if pattern is not None and not _expression(pattern).fullmatch(value):
        constraint = f"Member must satisfy regular expression pattern: {pattern}"
        yield _violation(value, path, constraint)
    if allowed and value not in allowed:
        yield _violation(value, path, f"Member must satisfy enum value set: {allowed}")


def _length(limits: Mapping[str, Any], value: str | list[Any], path: str) -> Iterator[str]:
    low, high = limits.get("min"), limits.get("max")
    if low is not None and len(value) < low:
        yield _violation(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _violation(value, path, f"Member must have length less than or equal to {high}")


def _violation(value: object, path: str, constraint: str) -> str:
    name = path[:1].lower() + path[1:]
    shown = str(value) if len(str(value)) <= 200 else f"{str(value)[:200]}..."
    return f"Value '{shown}' at '{name}' failed to satisfy constraint: {constraint}"


@lru_cache(maxsize=256)
def _expression(pattern: str) -> Any:
    """The models' patterns are Java's, which name Unicode categories."""
    return regex.compile(pattern)
