"""Policy documents, compared by what they say and shown compact; and moments."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.plugins.schema import TEXT, ValueType, compact, parsed


def _meaning(text: Any) -> Any:
    return _without_lists_of_one(parsed(text))


def _without_lists_of_one(value: Any) -> Any:
    """To AWS a list of one is the same as its one element, and the order of a list is nothing."""
    if isinstance(value, dict):
        return {key: _without_lists_of_one(inner) for key, inner in value.items()}
    if isinstance(value, list):
        inner = sorted((_without_lists_of_one(one) for one in value), key=repr)
        return inner[0] if len(inner) == 1 else inner
    return value


DOCUMENT = ValueType(
    name="JSON policy", zero="", accept=TEXT.accept, comparison_key=_meaning, canonical=compact
)


def normalized(document: Any) -> str:
    """A document that boto3 has parsed already, or has left as text."""
    text: str = compact(document if isinstance(document, str) else json.dumps(document))
    return text


def rfc3339(value: datetime) -> str:
    """RFC 3339, in seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
