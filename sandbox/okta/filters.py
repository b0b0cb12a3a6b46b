"""Okta's filter language, as in `search=profile.login eq "ada@example.com"`.

Grammar: comparisons `path op "value"` and `path pr`, joined by `and`, `or` and brackets; `and`
binds closer. Source: https://developer.okta.com/docs/api/#filter.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.okta.errors import OktaError

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r'\s*(\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+)')
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda have, want: have == want,
    "ne": lambda have, want: have != want,
    "sw": lambda have, want: have.startswith(want),
    "ew": lambda have, want: have.endswith(want),
    "co": lambda have, want: want in have,
    "gt": lambda have, want: have > want,
    "ge": lambda have, want: have >= want,
    "lt": lambda have, want: have < want,
    "le": lambda have, want: have <= want,
}


def parse(text: str) -> Test:
    """A test over the JSON body of a thing.

    Raises OktaError 400 E0000031 for text that is not a filter. Strings compare without case.
    """
    reader = _Reader(_tokens(text), text)
    test = reader.alternatives()
    if reader.tokens:
        raise reader.refusal()
    return test


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Reader([], text).refusal()
        tokens.append(match.group(1))
        at = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], text: str) -> None:
        self.tokens = tokens
        self.text = text

    def refusal(self) -> OktaError:
        return OktaError(400, "E0000031", f"Invalid search criteria: {self.text}")

    def alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._take("or"):
            tests.append(self._conjunction())
        return lambda thing: any(test(thing) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._comparison()]
        while self._take("and"):
            tests.append(self._comparison())
        return lambda thing: all(test(thing) for test in tests)

    def _comparison(self) -> Test:
        if self._take("("):
            test = self.alternatives()
            if not self._take(")"):
                raise self.refusal()
            return test
        path, name = self._next(), self._next().lower()
        if name == "pr":
            return lambda thing: value_at(thing, path) not in (None, "")
        operator = _OPERATORS.get(name)
        if operator is None:
            raise self.refusal()
        want = re.sub(r"\\(.)", r"\1", self._next().strip('"')).lower()
        return lambda thing: operator(str(value_at(thing, path) or "").lower(), want)

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0].lower() == token:
            self.tokens.pop(0)
            return True
        return False

    def _next(self) -> str:
        if not self.tokens:
            raise self.refusal()
        return self.tokens.pop(0)


def value_at(thing: Mapping[str, Any], path: str) -> Any:
    """The value under a dotted path, or None."""
    value: Any = thing
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
