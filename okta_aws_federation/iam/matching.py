"""How a value in a policy is compared with a value in a request: wildcards and policy variables.

Sources, all in the IAM User Guide: "IAM JSON policy elements: Resource" (wildcards in the segments
of an ARN), "IAM JSON policy elements: Action" (case) and "IAM policy elements: Variables and tags"
(variables, defaults, the three escapes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

ContextValue = str | tuple[str, ...]
Context = Mapping[str, ContextValue]
"""Condition keys in lower case with their values; a tuple is a multivalued key."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_BODY = re.compile(r"\s*([^,']+?)\s*(?:,\s*'([^']*)'\s*)?")
_ESCAPES = ("*", "?", "$")
_RESOURCE_SEGMENT = 5


class Kind(Enum):
    """What a pattern stands for; it decides about case and how far a `*` reaches."""

    ACTION = "action"
    TEXT = "text"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text in which `*` and `?` are plain characters: an escape, or the value of a variable."""

    text: str


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    default: str | None


Resolved = tuple[str | Literal, ...]
"""A value of a policy without variables; a plain string in it may hold wildcards."""


@dataclass(frozen=True, slots=True)
class Template:
    """A value as it stands in a policy, split once into text, escapes and variables."""

    text: str
    """As it stands in the policy."""
    parts: tuple[str | Literal | _Variable, ...]
    resolved: Resolved | None
    """The parts when none of them is a variable, so that they need no request."""

    @classmethod
    def of(cls, text: str, *, variables: bool, resource: bool = False) -> Template:
        """Split `text`.

        `variables`: false in policy language 2008-10-17, where `${...}` is plain text.
        `resource`: an ARN of a Resource element, in which IAM replaces variables only after the
        fifth colon.
        """
        parts = _split(text, resource) if variables and "${" in text else ((text,) if text else ())
        constant = tuple(part for part in parts if not isinstance(part, _Variable))
        return cls(text, parts, constant if len(constant) == len(parts) else None)

    @property
    def keys(self) -> frozenset[str]:
        """The condition keys, in lower case, that stand in it as variables."""
        return frozenset(part.key for part in self.parts if isinstance(part, _Variable))

    @property
    def required_keys(self) -> frozenset[str]:
        """Those of them without a default: it means nothing where one has no value."""
        variables = (part for part in self.parts if isinstance(part, _Variable))
        return frozenset(each.key for each in variables if each.default is None)

    def resolve(self, context: Context) -> Resolved | None:
        """Replace every variable, or give None when one has no single value and no default."""
        if self.resolved is not None:
            return self.resolved
        resolved: list[str | Literal] = []
        for part in self.parts:
            if isinstance(part, _Variable):
                value = context.get(part.key, part.default)
                if not isinstance(value, str):
                    return None
                resolved.append(Literal(value))
            else:
                resolved.append(part)
        return tuple(resolved)


def plain(value: Resolved) -> str:
    """The text of a value for operators without wildcards."""
    return "".join(part.text if isinstance(part, Literal) else part for part in value)


def matches(pattern: Resolved, value: str, kind: Kind) -> bool:
    """Whether the whole value fits the pattern."""
    return pattern == ("*",) or _expression(pattern, kind).fullmatch(value) is not None


def arn_matches(pattern: Resolved, value: str) -> bool:
    """ArnLike and ArnEquals: each of the six parts of the ARN is compared by itself."""
    wanted = _segments(pattern)
    found = value.split(":", _RESOURCE_SEGMENT)
    return len(wanted) == len(found) == _RESOURCE_SEGMENT + 1 and all(
        matches(w, f, Kind.TEXT) for w, f in zip(wanted, found, strict=True)
    )


def _split(text: str, resource: bool) -> tuple[str | Literal | _Variable, ...]:
    parts: list[str | Literal | _Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        end = found.end()
        body = _VARIABLE_BODY.fullmatch(found[1])
        if found[1] in _ESCAPES:
            parts.append(Literal(found[1]))
        elif body is None or (resource and text.count(":", 0, found.start()) < _RESOURCE_SEGMENT):
            parts.append(Literal(found[0]))
        else:
            parts.append(_Variable(body[1].lower(), body[2]))
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


@lru_cache(maxsize=65536)
def _expression(pattern: Resolved, kind: Kind) -> re.Pattern[str]:
    out: list[str] = []
    colons = 0
    for part in pattern:
        if isinstance(part, Literal):
            out.append(re.escape(part.text))
            colons += part.text.count(":")
            continue
        for offset, character in enumerate(part):
            if character == "*":
                # A `*` crosses a colon only at the end of its segment; the resource, which
                # is the sixth segment, may hold colons of its own.
                ends_segment = part[offset + 1 : offset + 2] in (":", "")
                bounded = kind is Kind.RESOURCE and colons < _RESOURCE_SEGMENT and not ends_segment
                out.append("[^:]*" if bounded else ".*")
            elif character == "?":
                out.append("[^:]" if kind is Kind.RESOURCE and colons < _RESOURCE_SEGMENT else ".")
            else:
                out.append(re.escape(character))
                colons += character == ":"
    flags = re.DOTALL | (re.IGNORECASE if kind is Kind.ACTION else re.NOFLAG)
    return re.compile("".join(out), flags)


@lru_cache(maxsize=65536)
def _segments(pattern: Resolved) -> Sequence[Resolved]:
    segments: list[list[str | Literal]] = [[]]
    for part in pattern:
        text = part.text if isinstance(part, Literal) else part
        pieces = text.split(":", _RESOURCE_SEGMENT + 1 - len(segments))
        for number, piece in enumerate(pieces):
            if number:
                segments.append([])
            if piece:
                segments[-1].append(Literal(piece) if isinstance(part, Literal) else piece)
    return tuple(tuple(segment) for segment in segments)
