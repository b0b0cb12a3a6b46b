"""The Condition element of a policy: operators, set operators, missing keys.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Creating a condition
that tests multiple key values". A key that the request lacks makes a condition false, and a negated
one true; `...IfExists` makes it true; `Null` tests for just that.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from okta_aws_federation.iam.matching import (
    Context,
    Kind,
    Resolved,
    Template,
    arn_matches,
    matches,
    plain,
)


class MalformedPolicy(ValueError):
    """A policy that IAM would not store; the message says where and why."""


Compare = Callable[[Resolved, str], bool]
"""Whether one value of the policy fits one value of the request; ValueError: it cannot be read."""

_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_W3C_DATE = re.compile(
    r"(\d{4})(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?",
    re.ASCII,
)
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator, ready to be tested against requests."""

    operator: str
    quantifier: str | None
    negated: bool
    if_exists: bool
    compare: Compare
    key: str
    values: tuple[Template, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys, in lower case, that decide it."""
        return frozenset((self.key,)).union(*(value.keys for value in self.values))

    def holds(self, context: Context) -> bool:
        """Whether the request meets this condition."""
        found = context.get(self.key)
        if self.operator == "Null":
            absent = found is None
            return any((plain(v.resolved or ()).lower() == "true") == absent for v in self.values)
        present = (found,) if isinstance(found, str) else (found or ())
        if self.quantifier is not None and present in ((), ("",)):
            return self.quantifier == "ForAllValues" or (self.if_exists and found is None)
        if not present:
            return self.if_exists or self.negated
        wanted = [value.resolve(context) for value in self.values]
        if self.negated and None in wanted:
            return False  # a variable without a value makes the statement invalid
        usable = [value for value in wanted if value is not None]
        hits = (self._fits_any(usable, value) != self.negated for value in present)
        every = self.quantifier == "ForAllValues" or (self.quantifier is None and self.negated)
        return all(hits) if every else any(hits)

    def _fits_any(self, wanted: Sequence[Resolved], found: str) -> bool:
        return any(_fits(self.compare, value, found) for value in wanted)


def parse_conditions(block: Mapping[str, Any], *, variables: bool) -> tuple[Condition, ...]:
    """Compile a Condition element; `variables` as in `Template.of`. Raises MalformedPolicy."""
    if not isinstance(block, Mapping):
        raise MalformedPolicy("Condition must be an object of operators")
    return tuple(_parse(block, variables))


def _parse(block: Mapping[str, Any], variables: bool) -> Iterator[Condition]:
    for operator, keys in block.items():
        quantifier, name, if_exists = _parse_operator(operator)
        if not isinstance(keys, Mapping):
            raise MalformedPolicy(f"Condition {operator} must be an object of condition keys")
        base = _NEGATED.get(name, name)
        replaces = variables and base in _WITH_VARIABLES
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            templates = tuple(Template.of(_text(v, operator), variables=replaces) for v in values)
            for template in templates:
                if template.resolved is not None and not readable(name, plain(template.resolved)):
                    raise MalformedPolicy(
                        f"Condition {operator} {key}: {template.text!r} is {_EXPECTED_FORMS[base]}"
                    )
            yield Condition(
                operator=name,
                quantifier=quantifier,
                negated=name in _NEGATED,
                if_exists=if_exists,
                compare=_COMPARE[base],
                key=key.lower(),
                values=templates,
            )


def _parse_operator(operator: str) -> tuple[str | None, str, bool]:
    found = _OPERATOR.fullmatch(operator)
    if found is None or _NEGATED.get(found[2], found[2]) not in _COMPARE:
        raise MalformedPolicy(f"unknown condition operator {operator!r}")
    if found[2] == "Null" and (found[1] or found[3]):
        raise MalformedPolicy(f"Null takes neither a set operator nor IfExists: {operator!r}")
    return found[1], found[2], found[3] is not None


def _text(value: object, operator: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedPolicy(f"Condition {operator} compares with strings, numbers or booleans only")


def _fits(compare: Compare, wanted: Resolved, found: str) -> bool:
    try:
        return compare(wanted, found)
    except ValueError:
        return False  # a request's value of the wrong form, or a variable's, matches nothing


def readable(operator: str, value: str) -> bool:
    """Whether IAM can compare by this value, which holds no variable.

    `operator`: such as DateLessThan, without ForAllValues, ForAnyValue and IfExists.
    """
    try:
        _READ.get(_NEGATED.get(operator, operator), str)(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _moment(text: str) -> float:
    """Seconds since 1970 of a W3C date (`2026`, `2026-06`, `2026-06-01`, ...) or epoch seconds.

    Four digits are a year. Source: IAM User Guide, "Date condition operators"; W3C NOTE-datetime.
    """
    found = _W3C_DATE.fullmatch(text)
    if found is None:
        if _NUMBER.fullmatch(text):
            return float(text)
        raise ValueError(f"{text!r} is no date")
    whole = text if found[3] else f"{text}-01" if found[2] else f"{text}-01-01"
    moment = datetime.fromisoformat(whole)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address, or a range in CIDR notation; a mask written as an address is none."""
    if _NETWORK.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no network")
    return ipaddress.ip_network(text, strict=False)


def _number(text: str) -> float:
    """An integer or a decimal. Python reads more: inf, nan, 1_000, 1e3."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no number")
    return float(text)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def _numbers(test: Callable[[float, float], bool]) -> Compare:
    return lambda wanted, found: test(_number(found), _number(plain(wanted)))


def _moments(test: Callable[[float, float], bool]) -> Compare:
    return lambda wanted, found: test(_moment(found), _moment(plain(wanted)))


def _binary(wanted: Resolved, found: str) -> bool:
    try:
        return base64.b64decode(plain(wanted), validate=True) == base64.b64decode(
            found, validate=True
        )
    except binascii.Error as error:
        raise ValueError("not base64") from error


_COMPARE: Mapping[str, Compare] = {
    "StringEquals": lambda wanted, found: plain(wanted) == found,
    "StringEqualsIgnoreCase": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "StringLike": lambda wanted, found: matches(wanted, found, Kind.TEXT),
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "BinaryEquals": _binary,
    "IpAddress": lambda wanted, found: ipaddress.ip_address(found) in _network(plain(wanted)),
    "NumericEquals": _numbers(lambda found, wanted: found == wanted),
    "NumericLessThan": _numbers(lambda found, wanted: found < wanted),
    "NumericLessThanEquals": _numbers(lambda found, wanted: found <= wanted),
    "NumericGreaterThan": _numbers(lambda found, wanted: found > wanted),
    "NumericGreaterThanEquals": _numbers(lambda found, wanted: found >= wanted),
    "DateEquals": _moments(lambda found, wanted: found == wanted),
    "DateLessThan": _moments(lambda found, wanted: found < wanted),
    "DateLessThanEquals": _moments(lambda found, wanted: found <= wanted),
    "DateGreaterThan": _moments(lambda found, wanted: found > wanted),
    "DateGreaterThanEquals": _moments(lambda found, wanted: found >= wanted),
    "Null": lambda wanted, found: False,
}
_READ: Mapping[str, Callable[[str], object]] = {
    "Bool": _boolean,
    "Null": _boolean,
    "IpAddress": _network,
    "BinaryEquals": lambda text: base64.b64decode(text, validate=True),
    **{operator: _number for operator in _COMPARE if operator.startswith("Numeric")},
    **{operator: _moment for operator in _COMPARE if operator.startswith("Date")},
}
"""Base operators that compare by more than text -> what reads a value, or raises ValueError."""
_NEGATED: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
_EXPECTED_FORMS = {
    operator: {
        "Bool": "neither true nor false",
        "Null": "neither true nor false",
        "IpAddress": "no address and no network such as 203.0.113.0/24",
        "BinaryEquals": "not base64",
    }.get(operator, "no date such as 2026-06-01T12:00:00Z" if "Date" in operator else "no number")
    for operator in _READ
}
_WITH_VARIABLES = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool"}
)
