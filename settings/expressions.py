"""Okta's expression language, as far as the form of an expression shows a mistake.

Okta reads an expression when rule or app is made, in the middle of an update. Sources: Okta help,
"Okta Expression Language overview" and "About group rules"; Spring's reference for operators.
"""

import re
from collections.abc import Iterator

from settings.errors import did_you_mean, invalid
from settings.text import one_line

TOKEN = re.compile(
    r"""(?P<value>"(?:[^"]|"")*"|'(?:[^']|'')*'|[a-z_]\w*(?:\.\w+)*|\d[\d.]*)"""
    r"|(?P<operator>[=!<>]=|&&|\|\||\?[.:]|[-+*/%<>?:,.])|(?P<open>[({[])|(?P<close>[)}\]])|(?P<not>!)",
    re.ASCII | re.IGNORECASE,
)
"""A token of Okta's expression language, which is a part of Spring's (SpEL)."""
OPERATORS = "and or eq ne lt le gt ge div mod matches instanceof between"
OPERATOR_WORDS = {"not": "not"} | dict.fromkeys(OPERATORS.split(" "), "operator")
"""Word -> kind of token."""
LITERAL_WORDS = frozenset({"true", "false", "null"})
OBJECTS_AND_FUNCTIONS = (
    "user", "String", "Arrays", "Convert", "Time", "Groups", "isMemberOfGroup",
    "isMemberOfAnyGroup", "isMemberOfGroupName", "isMemberOfGroupNameStartsWith",
    "isMemberOfGroupNameContains", "isMemberOfGroupNameRegex", "getManagerUser",
    "getAssistantUser", "hasDirectoryUser", "findDirectoryUser", "hasWorkdayUser",
    "findWorkdayUser",
)  # fmt: skip
"""Names that an expression begins with. An app's profile has its own name, so others are too."""
CLOSERS = {"(": ")", "{": "}", "[": "]"}


def expression(value: str) -> str:
    """An expression in one line, in which each operator stands between two values."""
    one_line(value)
    closers: list[str] = []
    previous, needs_value = "", True
    for kind, text, following in [*tokens(value)]:  # first what is no token at all
        is_call = text in ("(", "[") and not needs_value
        if kind in ("operator", "close") and needs_value:
            is_empty_call = kind == "close" and CLOSERS.get(previous) == text
            if not is_empty_call and text != "-":
                rule = f"has {text} with nothing before it"
                raise invalid(rule, "write a value on both of its sides")
        elif kind not in ("operator", "close") and not needs_value and not is_call:
            rule = f"has {text} right behind {previous}"
            raise invalid(rule, "write an operator between them, such as ==, and, or")
        if kind == "value" and previous != "." and closers[-1:] in ([], [")"]):
            check_name(text, following)
        if kind == "open":
            closers.append(CLOSERS[text])
        unopened = kind == "close" and (not closers or closers.pop() != text)
        if unopened or (text == "," and not closers):
            raise invalid(f"has {text} where nothing is open", "write parentheses in pairs")
        previous, needs_value = text, kind not in ("value", "close")
    if closers:
        raise invalid("has parentheses that are not in pairs", "close them")
    if needs_value:
        raise invalid(f"ends with {previous}", "write a value behind each operator")
    return value


def tokens(value: str) -> Iterator[tuple[str, str, str]]:
    """Kind of each token of an expression (value, operator, not, open, close), the token, and the
    character behind it."""
    at = 0
    while at < len(value):
        found = TOKEN.match(value, at)
        if found is None:
            if value[at] != " ":
                raise invalid(*foreign_character(value[at]))
            at += 1
            continue
        at = found.end()
        kind = OPERATOR_WORDS.get(found[0].lower(), found.lastgroup or "")
        yield kind, found[0], value[at : at + 1]


def foreign_character(character: str) -> tuple[str, str]:
    """Why a character is no token of an expression, and what to write instead."""
    if character in "\"'":
        return "has a quote that is not closed", "close it"
    if character == "$":
        return "has $, which stands for nothing in an expression", "write user.login alone"
    if character in "=&|":
        return f"has a single {character}", f"write {character}{character}"
    return f"has {character!r} outside of quotes", "take it out, or put the text into quotes"


def check_name(value: str, following: str) -> None:
    """Refuse a name that is no attribute, function or object of Okta, nor one of an app."""
    head, _, attribute = value.partition(".")
    if not head.isidentifier():  # a text or a number
        return
    near = did_you_mean(head, OBJECTS_AND_FUNCTIONS, cutoff=0.8)
    if near and head not in OBJECTS_AND_FUNCTIONS:
        raise invalid(f"has {head}, which means nothing to Okta{near}", "correct it")
    if not attribute and following not in ("(", "[", ".") and head.lower() not in LITERAL_WORDS:
        raise invalid(
            f"has {head}, which is neither an attribute nor a text",
            f'write "{head}" in quotes, or user.{head}',
        )


def group_rule(value: str) -> str:
    """An expression that says whether a person is in a group."""
    parts = [token for _, token, _ in tokens(value)]
    if "user.status" in parts:
        raise invalid("reads user.status, which a group rule can't", "test another attribute")
    if len(parts) == 1 and parts[0][0] in "\"'0123456789":
        raise invalid("is neither true nor false", 'write what to compare, as user.title=="x"')
    return value
