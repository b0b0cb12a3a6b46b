"""What the published plugins refuse at preview already, in their words."""

import json
import re
from typing import Any


def session_seconds(value: Any) -> str | None:
    if not 3600 <= value <= 43200:
        return f"expected max_session_duration to be in the range (3600 - 43200), got {value}"
    return None


def metadata_length(value: Any) -> str | None:
    if not 1000 <= len(value) <= 10_000_000:
        return (
            "expected length of saml_metadata_document to be in the range (1000 - 10000000), "
            f"got {value}"
        )
    return None


def iam_name(value: Any) -> str | None:
    if not re.fullmatch(r"[\w+=,.@-]+", value, re.ASCII):
        return r"invalid value for name (must match [\w+=,.@-])"
    return None


def policy(name: str) -> Any:
    """A check that the argument `name` (as the provider spells it) is a JSON object."""

    def check(value: Any) -> str | None:
        try:
            parsed = json.loads(value)
        except ValueError as error:
            return f'"{name}" contains an invalid JSON policy: {error}'
        if not isinstance(parsed, dict):
            return f'"{name}" contains an invalid JSON policy: not a JSON object'
        return None

    return check
