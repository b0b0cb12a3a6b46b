"""What a person reads when a stack file can't be deployed: one line a mistake, key, value, fix."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import pydantic
from pydantic_core import PydanticCustomError

PROJECT = "okta-aws-federation"


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


class SettingsError(ValueError):
    """A stack file that can't be deployed: one line for each of its mistakes."""

    def __init__(self, message: str, errors: Sequence[ConfigError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        """The mistakes, for programs. None if the file could not be read at all."""

    @classmethod
    def of(cls, errors: Sequence[ConfigError]) -> Self:
        """The error of a stack file with these mistakes."""
        return cls("\n".join(map(format_error, errors)), errors)


def invalid(rule: str, fix: str) -> PydanticCustomError:
    """A refusal of one value. Key and value are added by `to_config_errors`."""
    return PydanticCustomError("invalid", "{rule}", {"rule": rule, "fix": fix})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def to_config_errors(
    error: pydantic.ValidationError, schema: Mapping[str, Any]
) -> list[ConfigError]:
    """The mistakes that pydantic found, in the words of the stack file.

    `schema` is the JSON Schema of the settings: what a misspelt key may have meant.
    """
    return [to_config_error(each, schema) for each in error.errors()]


def format_error(error: ConfigError) -> str:
    """One line: key, value, rule, fix."""
    subject = f"{PROJECT}:{error.key}"
    if error.value is not None:
        subject += f" = {error.value!r}"
    return f"{subject}: {error.rule}; {error.fix}"


def to_config_error(error: Mapping[str, Any], schema: Mapping[str, Any]) -> ConfigError:
    path = [str(part) for part in error["loc"] if part != "[key]"]
    key = ".".join(path)
    if error["type"] == "extra_forbidden":
        near = did_you_mean(path[-1], sibling_keys(path, schema))
        return ConfigError(key, f"is not a key that anything reads{near}", "correct it")
    if error["type"] == "missing":
        return ConfigError(key, "is missing", "add it")
    rule, fix = describe(error, error.get("ctx", {}))
    value = error["input"]
    return ConfigError(key, rule, fix, value if isinstance(value, str | int | float) else None)


def describe(error: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, str]:
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


def sibling_keys(loc: list[str], schema: Mapping[str, Any]) -> list[str]:
    """The keys that the schema knows where `loc` ends."""
    here: Mapping[str, Any] = schema
    for part in loc[:-1]:
        here = resolve_ref(here, schema)
        if part in here.get("properties", {}):
            here = here["properties"][part]
        else:
            [here] = [
                *here.get("patternProperties", {}).values(),
                *filter(None, (here.get("additionalProperties"), here.get("items"))),
            ] or [{}]
    return list(resolve_ref(here, schema).get("properties", {}))


def resolve_ref(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, behind its reference; of an optional one, what it is if it is given."""
    for choice in part.get("anyOf", ()):
        if choice.get("type") != "null":
            return resolve_ref(choice, schema)
    reference = part.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else part
