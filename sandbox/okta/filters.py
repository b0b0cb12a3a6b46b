"""Okta's filter language, as in `search=profile.login eq "ada@example.com"`.

Grammar: comparisons `path op "value"` and `path pr`, joined by `and`, `or` and brackets; `and`
binds closer. Source: https://developer.okta.com/docs/api/#filter.
"""

import re
from collections.abc import Callable, Mapping

from sandbox.okta.errors import OktaError
from sandbox.okta.expressions import Reader, Value, value_at

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


def parse(text: str) -> Value:
    """A test over the JSON body of a thing.

    Raises OktaError 400 E0000031 for text that is not a filter. Strings compare without case.
    """
    try:
        reader = _Reader(_TOKEN, text)
        return reader.all(reader.alternatives)
    except ValueError:
        raise OktaError(400, "E0000031", f"Invalid search criteria: {text}") from None


def criteria(query: Mapping[str, str]) -> list[Value]:
    """The tests that a list's parameters `filter` and `search` ask for."""
    return [parse(query[name]) for name in ("filter", "search") if query.get(name)]


class _Reader(Reader):
    def alternatives(self) -> Value:
        return self.joined(self._conjunction, "or", join=any)

    def _conjunction(self) -> Value:
        return self.joined(self._comparison, "and", join=all)

    def _comparison(self) -> Value:
        if self.take("("):
            test = self.alternatives()
            self.expect(")")
            return test
        path, name = self.next(), self.next().lower()
        if name == "pr":
            return lambda thing: value_at(thing, path) not in (None, "")
        operator = _OPERATORS.get(name)
        if operator is None:
            raise ValueError(f"no operator '{name}'")
        want = re.sub(r"\\(.)", r"\1", self.next().strip('"')).lower()
        return lambda thing: operator(str(value_at(thing, path) or "").lower(), want)
