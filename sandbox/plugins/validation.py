"""Checks of single arguments, in the words of the published plugins."""

import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.plugins.schema import Check


def _check(accepts: Callable[[Any], bool], message: Callable[[str, Any], str]) -> Check:
    return lambda name, value: None if accepts(value) else message(name, value)


def between(low: int, high: int) -> Check:
    return _check(
        lambda value: low <= value <= high,
        lambda name, value: f"expected {name} to be in the range ({low} - {high}), got {value}",
    )


def length(low: int, high: int) -> Check:
    measured = f"in the range ({low} - {high})"
    return _check(
        lambda value: low <= len(value) <= high,
        lambda name, value: f"expected length of {name} to be {measured}, got {value}",
    )


def max_length(most: int) -> Check:
    """Okta's own check of a text's length, in characters; its words name no argument."""
    return _check(
        lambda value: len(value) <= most,
        lambda name, value: f"[{{{{}} {name}}}] cannot be longer than {most} runes",
    )


def matching(characters: str) -> Check:
    """One or more of the characters of a class such as `[a-z]`."""
    pattern = re.compile(f"{characters}+", re.ASCII)
    return _check(
        lambda value: bool(pattern.fullmatch(value)),
        lambda name, value: f"invalid value for {name} (must match {characters})",
    )


def one_of(*allowed: str) -> Check:
    shown = " ".join(f'"{one}"' for one in allowed)
    return _check(
        lambda value: value in allowed,
        lambda name, value: f"expected {name} to be one of [{shown}], got {value}",
    )


def policy_document(name: str, value: Any) -> str | None:
    """An IAM policy: a JSON object, written from the first character on."""
    failure = None
    if value[:1].isspace():
        failure = "leading space characters are not allowed"
    elif not value.startswith("{"):
        failure = "not a JSON object"
    else:
        try:
            json.loads(value)
        except ValueError as error:
            failure = f"contains invalid JSON: {error}"
    return failure and f'"{name}" contains an invalid JSON policy: {failure}'


def json_text(name: str, value: Any) -> str | None:
    if not value:
        return f'expected "{name}" JSON to not be empty, got {value}'
    try:
        json.loads(value)
    except ValueError as error:
        return f'"{name}" contains an invalid JSON: {error}'
    return None
