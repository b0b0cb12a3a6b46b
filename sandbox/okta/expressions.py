"""The part of Okta's expression language that group rules and attribute statements use.

Values: strings, numbers, `true`, `false`, `null`, dotted names such as `user.department`, the
functions below; operators `==`, `!=`, `+`, `!`, `and`, `or` (also `&&`, `||`), `? :` and brackets.
Source: https://developer.okta.com/docs/reference/okta-expression-language/.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.okta.filters import value_at

Context = Mapping[str, Any]
Value = Callable[[Context], Any]

_TOKEN = re.compile(
    r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+|[A-Za-z_][\w.]*|==|!=|&&|\|\||[()+,!?:])"""
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


def _before(text: str, mark: str) -> str:
    return text.partition(mark)[0] if mark in text else ""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "String.startsWith": lambda text, start: str(text or "").startswith(start),
    "String.stringContains": lambda text, part: part in str(text or ""),
    "String.substringBefore": lambda text, mark: _before(str(text or ""), mark),
    "String.substringAfter": lambda text, mark: str(text or "").partition(mark)[2],
    "String.toLowerCase": lambda text: str(text or "").lower(),
    "String.toUpperCase": lambda text: str(text or "").upper(),
    "String.replace": lambda text, old, new: str(text or "").replace(old, new),
    "String.replaceFirst": lambda text, old, new: str(text or "").replace(old, new, 1),
    "String.substring": lambda text, start, end: str(text or "")[start:end],
    "String.append": lambda first, second: f"{first or ''}{second or ''}",
}


def parse(text: str) -> Value:
    """A function from a context (`{"user": profile, "groups": names}`) to the value.

    Raises ValueError that says what is not understood.
    """
    reader = _Reader(_tokens(text))
    value = reader.whole()
    if reader.tokens:
        raise ValueError(f"unexpected '{reader.tokens[0]}'")
    return value


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected '{text[at:].strip()}'")
        tokens.append(match.group(1))
        at = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def whole(self) -> Value:
        condition = self.alternatives()
        if not self._take("?"):
            return condition
        positive = self.whole()
        self._expect(":")
        negative = self.whole()
        return lambda context: positive(context) if condition(context) else negative(context)

    def alternatives(self) -> Value:
        values = [self._conjunction()]
        while self._take("or", "||"):
            values.append(self._conjunction())
        if len(values) == 1:
            return values[0]
        return lambda context: any(value(context) for value in values)

    def _conjunction(self) -> Value:
        values = [self._comparison()]
        while self._take("and", "&&"):
            values.append(self._comparison())
        if len(values) == 1:
            return values[0]
        return lambda context: all(value(context) for value in values)

    def _comparison(self) -> Value:
        left = self._sum()
        if self._take("=="):
            right = self._sum()
            return lambda context: left(context) == right(context)
        if self._take("!="):
            right = self._sum()
            return lambda context: left(context) != right(context)
        return left

    def _sum(self) -> Value:
        parts = [self._single()]
        while self._take("+"):
            parts.append(self._single())
        if len(parts) == 1:
            return parts[0]
        return lambda context: "".join(str(part(context) or "") for part in parts)

    def _single(self) -> Value:
        if self._take("!"):
            negated = self._single()
            return lambda context: not negated(context)
        if self._take("("):
            inner = self.whole()
            self._expect(")")
            return inner
        token = self._next()
        if token[0] in "\"'":
            literal = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda context: literal
        if token.isdigit():
            return lambda context: int(token)
        if token in _WORDS:
            return lambda context: _WORDS[token]
        return self._call(token) if self._take("(") else self._name(token)

    def _name(self, token: str) -> Value:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.\w+)+", token):
            raise ValueError(f"unexpected '{token}'")
        return lambda context: value_at(context, token)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self._take(")"):
            arguments.append(self.whole())
            if not self._take(","):
                self._expect(")")
                break
        if name == "isMemberOfGroupName" and len(arguments) == 1:
            return lambda context: arguments[0](context) in context["groups"]
        function = _FUNCTIONS.get(name)
        if function is None or function.__code__.co_argcount != len(arguments):
            raise ValueError(f"no function '{name}' of {len(arguments)} arguments")
        return lambda context: function(*(argument(context) for argument in arguments))

    def _take(self, *tokens: str) -> bool:
        if self.tokens and self.tokens[0].lower() in tokens:
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise ValueError(f"missing '{token}'")

    def _next(self) -> str:
        if not self.tokens:
            raise ValueError("it ends too early")
        return self.tokens.pop(0)
