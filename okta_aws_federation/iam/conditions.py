"""The Condition element of a policy: operators, set operators, missing keys.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Creating a condition
that tests multiple key values". A key that the request lacks makes a condition false, and a negated
one true; `...IfExists` makes it true; `Null` tests for just that.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from okta_aws_federation.iam.values import (
    read_binary,
    read_date,
    read_network,
    read_number,
    value_error,
)


class MalformedPolicy(ValueError):
    """A policy that IAM would not store; the message says where and why."""


Compare = Callable[[Resolved, str], bool]
"""Whether one value of the policy fits one value of the request; ValueError: it cannot be read."""

_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")


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

    def is_met(self, context: Context) -> bool:
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
            texts = [_text(each, operator) for each in values]
            for text in texts:
                if problem := value_error(operator, text):
                    raise MalformedPolicy(f"Condition {operator} {key}: {text!r} {problem}")
            templates = tuple(Template.of(text, variables=replaces) for text in texts)
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
        return False  # a value of the request, or of a variable, that has the wrong form


def _numbers(test: Callable[[float, float], bool]) -> Compare:
    return lambda wanted, found: test(read_number(found), read_number(plain(wanted)))


def _moments(test: Callable[[float, float], bool]) -> Compare:
    return lambda wanted, found: test(read_date(found), read_date(plain(wanted)))


_COMPARE: Mapping[str, Compare] = {
    "StringEquals": lambda wanted, found: plain(wanted) == found,
    "StringEqualsIgnoreCase": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "StringLike": lambda wanted, found: matches(wanted, found, Kind.TEXT),
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "BinaryEquals": lambda wanted, found: read_binary(plain(wanted)) == read_binary(found),
    "IpAddress": lambda wanted, found: ipaddress.ip_address(found) in read_network(plain(wanted)),
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
_WITH_VARIABLES = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool"}
)
