"""What a person reads when a stack file can't be deployed: one line a mistake, key, value, fix."""

import difflib
import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import pydantic
from pydantic_core import PydanticCustomError

PROJECT = "okta-aws-federation"
MOST_LINES = 20
LONGEST_VALUE = 100


class ConfigError(NamedTuple):
    """One mistake in a stack file."""

    key: str
    """Where it is, such as `roles.Developer.path`, without the project's prefix."""
    rule: str
    """What is wrong with it, such as `must begin with /`."""
    fix: str
    """What to write instead."""
    value: str | float | None = None
    """The value that is refused, if one is."""
    line: int | None = None
    """The line of the file, from 1."""
    file: str | None = None
    """The file's name."""
    in_project: bool = True
    """Whether the key is one of the project's, so that the prefix belongs before it."""


class SettingsError(ValueError):
    """A stack file that can't be deployed: one line for each of its mistakes."""

    def __init__(self, message: str, errors: Sequence[ConfigError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        """The mistakes, for programs. None if the file could not be read at all."""

    @classmethod
    def of(cls, errors: Sequence[ConfigError]) -> Self:
        """The error of a stack file with these mistakes."""
        lines = [*dict.fromkeys(map(format_error, errors))]
        more = len(lines) - MOST_LINES
        if more > 0:
            lines = [*lines[:MOST_LINES], f"... and {more:,} more"]
        return cls("\n".join(lines), errors)


def disk_error(error: OSError) -> str:
    """One line for a disk that is full or can't be written to. Raises any other error again."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM):
        raise error
    if error.filename:
        return f"{error.filename}: {error.strerror}; let this user write there"
    return f"{error.strerror}; `df -h` shows which disk is full"


def invalid(
    rule: str, fix: str, *, value: object = None, at: Iterable[str | int] = ()
) -> PydanticCustomError:
    """A refusal inside of a validator. Key and value are added by `to_config_errors`.

    `at` leads from the validated value to the part that is refused, and `value` is that part.
    """
    context = {"rule": rule, "fix": fix, "value": value, "at": [str(each) for each in at]}
    return PydanticCustomError("invalid", "{rule}", context)


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """` (did you mean ...?)` for a known word that is close; else nothing."""
    near = difflib.get_close_matches(word, list(known), cutoff=cutoff)
    return f" (did you mean {near[0]!r}?)" if near else ""


def to_config_errors(
    error: pydantic.ValidationError, schema: Mapping[str, Any]
) -> list[ConfigError]:
    """The mistakes that pydantic found, in the words of the stack file.

    `schema` is the JSON Schema of the settings: what a misspelt key may have meant.
    """
    errors = error.errors()
    inner = {each["loc"][:depth] for each in errors for depth in range(len(each["loc"]))}
    # A list whose items are refused counts as too short: a second line for one mistake.
    return [
        to_config_error(each, schema)
        for each in errors
        if each["type"] != "too_short" or each["loc"] not in inner
    ]


def format_error(error: ConfigError) -> str:
    """One line: file and line where they are known, key, value, rule, fix."""
    location = f"{error.file}:{error.line}: " if error.file and error.line else ""
    subject = f"{PROJECT}:{error.key}" if error.in_project else error.key
    if error.value is not None:
        subject += f" = {shown(error.value)}"
    return location + printable(f"{subject}: {error.rule}; {error.fix}")


def shown(value: str | float) -> str:
    """A value as it is written in YAML, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    return repr(value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}...")


def printable(text: str) -> str:
    """The text in one line: line breaks and invisible characters as escapes."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def to_config_error(error: Mapping[str, Any], schema: Mapping[str, Any]) -> ConfigError:
    """One mistake, of pydantic's error."""
    context = error.get("ctx", {})
    path = [str(part) for part in error["loc"] if part != "[key]"] + context.get("at", [])
    key = ".".join(path)
    if error["type"] == "extra_forbidden":
        near = did_you_mean(path[-1], sibling_keys(path, schema))
        return ConfigError(key, f"is not a key that anything reads{near}", "correct it")
    if error["type"] == "missing":
        return ConfigError(key, "is missing", "add it")
    value = context.get("value")
    if value is None and not context.get("at"):
        value = error["input"]
        if value is None:
            return ConfigError(key, "has no value", "write one, or take the key out")
    rule, fix = describe(error, context)
    return ConfigError(key, rule, fix, value if isinstance(value, str | int | float) else None)


def describe(error: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, str]:
    """Rule and fix of an error."""
    if error["type"] == "invalid":
        return context["rule"], context["fix"]
    message = MESSAGES.get(error["type"])
    if message is None:
        return error["msg"][0].lower() + error["msg"][1:], "correct it"
    return message(context)


MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "less_than_equal": lambda c: (f"must be at most {c['le']}", "lower it"),
    "greater_than_equal": lambda c: (f"must be at least {c['ge']}", "raise it"),
    "string_too_long": lambda c: (f"must be at most {c['max_length']} characters", "shorten it"),
    "string_too_short": lambda c: ("must not be empty", "write something, or take it out"),
    "too_short": lambda c: (f"must hold at least {c['min_length']}", "add what is missing"),
    "too_long": lambda c: (f"must hold at most {c['max_length']}", "take some out"),
    "literal_error": lambda c: (f"must be {c['expected']}", "choose one of them"),
    "string_type": lambda c: ("must be a text", "put it in quotes"),
    "int_type": lambda c: ("must be a whole number", "write it without quotes"),
    "bool_type": lambda c: ("must be true or false", "write it without quotes"),
    "tuple_type": lambda c: ("must be a list", "write it as [one, two]"),
    "dict_type": lambda c: ("must be a mapping", "write it as {key: value}"),
    "model_type": lambda c: ("must be a mapping", "write it as {key: value}"),
}


def sibling_keys(path: Sequence[str], schema: Mapping[str, Any]) -> list[str]:
    """The keys that the schema knows where `path` ends."""
    return list(schema_at(path[:-1], schema).get("properties", {}))


def schema_at(path: Sequence[str], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of the schema that describes the value at `path`; empty where it knows none."""
    here = resolve_ref(schema, schema)
    for part in path:
        if part in here.get("properties", {}):
            here = here["properties"][part]
        else:
            [here] = [
                *here.get("patternProperties", {}).values(),
                *filter(None, (here.get("additionalProperties"), here.get("items"))),
            ] or [{}]
        here = resolve_ref(here, schema)
    return here


def resolve_ref(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, behind its reference; of alternatives the first: null is the last."""
    if choices := part.get("anyOf"):
        return resolve_ref(choices[0], schema)
    reference = part.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else part
