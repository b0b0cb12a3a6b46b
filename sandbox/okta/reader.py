"""Reading Okta's small languages: tokens from left to right, operators that bind by level."""

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
