"""The part of Okta's expression language that group rules and attribute statements use.

Values: strings, numbers, `true`, `false`, `null`, dotted names such as `user.department`, the
functions below; operators `==`, `!=`, `+`, `!`, `and`, `or` (also `&&`, `||`), `? :` and brackets.
Source: https://developer.okta.com/docs/reference/okta-expression-language/.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Context = Mapping[str, Any]
Value = Callable[[Context], Any]
"""What a text stands for, once it is known what its names are of."""


class Reader:
    """The tokens of a text. Its methods raise ValueError that says what is not understood."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            match = pattern.match(text, at)
            if match is None:
                raise ValueError(f"unexpected '{text[at:].strip()}'")
            self.tokens.append(match.group(1))
            at = match.end()

    def all(self, read: Callable[[], Value]) -> Value:
        """What `read` makes of the tokens, after which there are none."""
        value = read()
        if self.tokens:
            raise ValueError(f"unexpected '{self.tokens[0]}'")
        return value

    def joined(
        self, read: Callable[[], Value], *operators: str, join: Callable[[Iterator[Any]], Any]
    ) -> Value:
        """Values with one of the operators between them; a single one stays as it is."""
        values = [read()]
        while self.take(*operators):
            values.append(read())
        if len(values) == 1:
            return values[0]
        return lambda context: join(value(context) for value in values)

    def take(self, *tokens: str) -> bool:
        """Go past the next token if it is one of these."""
        if self.tokens and self.tokens[0].lower() in tokens:
            self.tokens.pop(0)
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise ValueError(f"missing '{token}'")

    def next(self) -> str:
        if not self.tokens:
            raise ValueError("it ends too early")
        return self.tokens.pop(0)


def value_at(thing: Context, path: str) -> Any:
    """The value under a dotted path, or None."""
    value: Any = thing
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


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
    reader = _Reader(_TOKEN, text)
    return reader.all(reader.whole)


class _Reader(Reader):
    def whole(self) -> Value:
        condition = self._alternatives()
        if not self.take("?"):
            return condition
        positive = self.whole()
        self.expect(":")
        negative = self.whole()
        return lambda context: positive(context) if condition(context) else negative(context)

    def _alternatives(self) -> Value:
        return self.joined(self._conjunction, "or", "||", join=any)

    def _conjunction(self) -> Value:
        return self.joined(self._comparison, "and", "&&", join=all)

    def _comparison(self) -> Value:
        left = self._sum()
        if self.take("=="):
            right = self._sum()
            return lambda context: left(context) == right(context)
        if self.take("!="):
            right = self._sum()
            return lambda context: left(context) != right(context)
        return left

    def _sum(self) -> Value:
        return self.joined(
            self._single, "+", join=lambda parts: "".join(str(part or "") for part in parts)
        )

    def _single(self) -> Value:
        if self.take("!"):
            negated = self._single()
            return lambda context: not negated(context)
        if self.take("("):
            inner = self.whole()
            self.expect(")")
            return inner
        token = self.next()
        if token[0] in "\"'":
            literal = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda context: literal
        if token.isdigit():
            return lambda context: int(token)
        if token in _WORDS:
            return lambda context: _WORDS[token]
        return self._call(token) if self.take("(") else self._name(token)

    def _name(self, token: str) -> Value:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.\w+)+", token):
            raise ValueError(f"unexpected '{token}'")
        return lambda context: value_at(context, token)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self.take(")"):
            arguments.append(self.whole())
            if not self.take(","):
                self.expect(")")
                break
        if name == "isMemberOfGroupName" and len(arguments) == 1:
            return lambda context: arguments[0](context) in context["groups"]
        function = _FUNCTIONS.get(name)
        if function is None or function.__code__.co_argcount != len(arguments):
            raise ValueError(f"no function '{name}' of {len(arguments)} arguments")
        return lambda context: function(*(argument(context) for argument in arguments))
