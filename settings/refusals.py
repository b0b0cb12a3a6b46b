"""What a person reads when a stack file can't be deployed: one line a mistake, key, value, fix."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pydantic
from pydantic_core import PydanticCustomError

PROJECT = "okta-aws-federation"


class SettingsError(ValueError):
    """A stack file that can't be deployed; the message holds one line per mistake."""


class Mistake(NamedTuple):
    """Something that does not hold between two places of a stack file."""

    key: str
    rule: str
    fix: str
    value: str | float | None = None


def wrong(rule: str, fix: str) -> PydanticCustomError:
    """A refusal of one value. Key and value are added by `refusals`."""
    return PydanticCustomError("wrong", "{rule}", {"rule": rule, "fix": fix})


def mistaken(mistakes: Iterable[Mistake]) -> PydanticCustomError:
    return PydanticCustomError("mistaken", "", {"mistakes": list(mistakes)})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def refusals(error: pydantic.ValidationError, schema: Mapping[str, Any]) -> str:
    """The mistakes of a stack file, one line each: key, value, rule, fix.

    `schema` is the JSON Schema of the settings: what a misspelt key may have meant.
    """
    return "\n".join(line(mistake) for one in error.errors() for mistake in mistakes(one, schema))


def line(mistake: Mistake) -> str:
    subject = f"{PROJECT}:{mistake.key}"
    if mistake.value is not None:
        subject += f" = {mistake.value!r}"
    return f"{subject}: {mistake.rule}; {mistake.fix}"


def mistakes(error: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mistake]:
    """What one of pydantic's errors says, in our words."""
    context = error.get("ctx", {})
    if error["type"] == "mistaken":
        return list(context["mistakes"])
    loc = [str(part) for part in error["loc"] if part != "[key]"]
    given = error["input"]
    value = given if isinstance(given, str | int | float) else None
    if error["type"] == "extra_forbidden":
        near = did_you_mean(loc[-1], keys_beside(loc, schema))
        return [Mistake(".".join(loc), f"is not a key that anything reads{near}", "correct it")]
    if error["type"] == "missing":
        return [Mistake(".".join(loc), "is missing", "add it")]
    rule, fix = in_words(error, context)
    return [Mistake(".".join(loc), rule, fix, value)]


def in_words(error: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, str]:
    if error["type"] == "wrong":
        return context["rule"], context["fix"]
    words = WORDS.get(error["type"])
    if words is None:
        return error["msg"][0].lower() + error["msg"][1:], "correct it"
    return words(context)


WORDS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
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


def keys_beside(loc: list[str], schema: Mapping[str, Any]) -> list[str]:
    """The keys that the schema knows where `loc` ends."""
    here: Mapping[str, Any] = schema
    for part in loc[:-1]:
        here = resolved(here, schema)
        if part in here.get("properties", {}):
            here = here["properties"][part]
        else:
            [here] = [
                *here.get("patternProperties", {}).values(),
                *filter(None, (here.get("additionalProperties"), here.get("items"))),
            ] or [{}]
    return list(resolved(here, schema).get("properties", {}))


def resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, behind its reference; of an optional one, what it is if it is given."""
    for choice in part.get("anyOf", ()):
        if choice.get("type") != "null":
            return resolved(choice, schema)
    reference = part.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else part
