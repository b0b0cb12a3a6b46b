"""What a person reads when a stack file can't be deployed: one line a mistake, key, value, fix."""

import difflib
from collections.abc import Mapping
from typing import Any

import pydantic
from pydantic_core import PydanticCustomError

PROJECT = "okta-aws-federation"


class SettingsError(ValueError):
    """A stack file that can't be deployed; the message holds one line per mistake."""


def wrong(rule: str, fix: str) -> PydanticCustomError:
    """A refusal: what must hold, and what to do. Key and value are added by `refusals`."""
    return PydanticCustomError("wrong", "{rule}", {"rule": rule, "fix": fix})


def did_you_mean(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def refusals(error: pydantic.ValidationError) -> str:
    """The mistakes of a stack file, one line each: key, value, rule, fix."""
    return "\n".join(refusal(one) for one in error.errors())


FIXES = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not a key that anything reads", "remove it, or correct its name"),
}


def refusal(mistake: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in mistake["loc"] if part != "[key]")
    context = mistake.get("ctx", {})
    rule, fix = FIXES.get(
        mistake["type"], (mistake["msg"][0].lower() + mistake["msg"][1:], "correct the value")
    )
    if mistake["type"] == "wrong":
        rule, fix = context["rule"], context["fix"]
    given = mistake["input"]
    shown = isinstance(given, str | int | float) and mistake["type"] != "missing"
    subject = f"{path} = {given!r}" if shown else path
    return (
        " ".join(filter(None, [f"{PROJECT}:{subject}" if subject else f"{PROJECT}:", rule]))
        + f"; {fix}"
    )
