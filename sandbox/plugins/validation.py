"""Checks of single arguments, in the words of the published plugins."""

import json
import re
from typing import Any

from sandbox.plugins.schema import Check


def between(low: int, high: int) -> Check:
    def check(name: str, value: Any) -> str | None:
        if low <= value <= high:
            return None
        return f"expected {name} to be in the range ({low} - {high}), got {value}"

    return check


def length(low: int, high: int) -> Check:
    def check(name: str, value: Any) -> str | None:
        if low <= len(value) <= high:
            return None
        return f"expected length of {name} to be in the range ({low} - {high}), got {value}"

    return check


def max_length(most: int) -> Check:
    """Okta's own check of a text's length, in characters; its words name no argument."""

    def check(name: str, value: Any) -> str | None:
        if len(value) <= most:
            return None
        return f"[{{{{}} {name}}}] cannot be longer than {most} runes"

    return check


def matching(characters: str) -> Check:
    """One or more of the characters of a class such as `[a-z]`."""
    pattern = re.compile(f"{characters}+", re.ASCII)

    def check(name: str, value: Any) -> str | None:
        if pattern.fullmatch(value):
            return None
        return f"invalid value for {name} (must match {characters})"

    return check


def one_of(*allowed: str) -> Check:
    def check(name: str, value: Any) -> str | None:
        if value in allowed:
            return None
        shown = " ".join(f'"{one}"' for one in allowed)
        return f"expected {name} to be one of [{shown}], got {value}"

    return check


def policy_document(name: str, value: Any) -> str | None:
    """An IAM policy: a JSON object, written from the first character on."""
    failure = _not_an_object(value)
    return failure and f'"{name}" contains an invalid JSON policy: {failure}'


def json_text(name: str, value: Any) -> str | None:
    if not value:
        return f'expected "{name}" JSON to not be empty, got {value}'
    try:
        json.loads(value)
    except ValueError as error:
        return f'"{name}" contains an invalid JSON: {error}'
    return None


def _not_an_object(value: str) -> str | None:
    if value[:1].isspace():
        return "leading space characters are not allowed"
    if not value.startswith("{"):
        return "not a JSON object"
    try:
        json.loads(value)
    except ValueError as error:
        return f"contains invalid JSON: {error}"
    return None
