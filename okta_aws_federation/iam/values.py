"""Values of conditions: which texts are numbers, dates, networks and booleans to IAM.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators": numbers are integers or
decimals, dates one of W3C's ISO 8601 forms or epoch seconds, addresses CIDR. Not documented, and
refused here because two readers could differ: a year alone (epoch seconds, or a year), a year with
a month, numbers with an exponent.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_EPOCH = re.compile(r"\d+(\.\d+)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_OPERATOR = re.compile(r"(?:ForAllValues:|ForAnyValue:)?([A-Za-z]+?)(?:IfExists)?")


def read_number(text: str) -> float:
    """An integer or a decimal. Raises ValueError for all else, `inf` and `1_000` too."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("is no number; write digits, with a decimal point if need be")
    return float(text)


@lru_cache(maxsize=4096)
def read_date(text: str) -> float:
    """Seconds since 1970 of a date or of epoch seconds; a date without zone is UTC."""
    if _EPOCH.fullmatch(text) and not _YEAR.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text) is None:
        raise ValueError("is no date that IAM reads; write it as 2026-12-31T00:00:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day or time of the calendar") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=4096)
def read_network(text: str) -> Network:
    """An address or a CIDR range; bits of the host may be set."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is no address and no range; write it as 203.0.113.0/24") from None


def read_boolean(text: str) -> bool:
    """`true` or `false`, whatever their case."""
    if text.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text.lower() == "true"


def read_binary(text: str) -> bytes:
    """The bytes of a base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None


_READERS: Mapping[str, Callable[[str], object]] = {
    "Numeric": read_number,
    "Date": read_date,
    "IpAddress": read_network,
    "NotIpAddress": read_network,
    "Bool": read_boolean,
    "Null": read_boolean,
    "Binary": read_binary,
}


def value_error(operator: str, value: str) -> str | None:
    """Why a condition operator, such as `DateLessThan`, can't read a value of the policy.

    The rest of a sentence that begins with the value; None when it can. A value with a policy
    variable is not judged, because the request completes it.
    """
    match = _OPERATOR.fullmatch(operator)
    if match is None or "${" in value:
        return None
    for beginning, read in _READERS.items():
        if match[1].startswith(beginning):
            try:
                read(value)
            except ValueError as error:
                return str(error)
    return None
