"""IAM policy documents, read the way IAM reads them.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document, with every one-or-many member as a tuple."""

    label: str
    """The Sid in quotes, or the place in the document: how a message names the statement."""

    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    federated: tuple[str, ...]
    """Identity providers that the principal names; "*" stands for anybody."""

    aws: tuple[str, ...]
    """Accounts, roles and users of AWS that the principal names; "*" stands for everybody."""

    services: tuple[str, ...]
    """Services of AWS that the principal names."""

    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Operator, key and values, as written."""

    @property
    def action_patterns(self) -> tuple[str, ...]:
        """Every action that it names, those of NotAction with the word before them."""
        return (*self.actions, *(f"NotAction {action}" for action in self.not_actions))

    def covers(self, action: str) -> bool:
        """Whether the statement speaks of this action, by name, by wildcard or by NotAction."""
        if self.not_actions:
            return not any(matches(pattern, action) for pattern in self.not_actions)
        return any(matches(pattern, action) for pattern in self.actions)

    def conditions_on(self, key: str) -> list[tuple[str, tuple[str, ...]]]:
        """Operator and values of each condition on the key (IAM ignores the case of keys)."""
        return [
            (operator, values)
            for operator, condition_key, values in self.conditions
            if condition_key.lower() == key.lower()
        ]


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """All statements of a document.

    Raises ValueError when it is not a JSON object, so that the engine refuses the resource: a rule
    that cannot read a document must not wave it through.
    """
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
    except json.JSONDecodeError as error:
        raise ValueError(f"a policy document must be JSON: {error}") from None
    if not isinstance(parsed, Mapping):
        raise ValueError(f"a policy document must be an object, not a {type(parsed).__name__}")
    return [_statement(n, s) for n, s in enumerate(as_list(parsed.get("Statement")), start=1)]


def allows(document: str | Mapping[str, Any]) -> list[Statement]:
    """The statements that allow something."""
    return [statement for statement in statements(document) if statement.effect == "Allow"]


def as_list(value: Any) -> list[Any]:
    """IAM's "one or a list of them" as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str | bool | int | float | Mapping) else list(value)


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern (* any run, ? any one character) takes the text, whatever the case."""
    return _compiled(pattern.lower()).fullmatch(text.lower()) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _statement(number: int, statement: Mapping[str, Any]) -> Statement:
    sid = statement.get("Sid")
    return Statement(
        label=f"'{sid}'" if sid else f"{number}",
        effect=statement.get("Effect", ""),
        actions=_strings(statement.get("Action")),
        not_actions=_strings(statement.get("NotAction")),
        resources=_strings(statement.get("Resource")),
        not_resources=_strings(statement.get("NotResource")),
        federated=_principals(statement, "Federated"),
        aws=_principals(statement, "AWS"),
        services=_principals(statement, "Service"),
        conditions=_conditions(statement.get("Condition") or {}),
    )


def _principals(statement: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return _strings(principal.get(kind))
    # "*" is everybody, and NotPrincipal is everybody but a few.
    return ("*",) if principal == "*" or "NotPrincipal" in statement else ()


def _conditions(
    condition: Mapping[str, Mapping[str, Any]],
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple(
        (operator, key, _strings(values))
        for operator, tests in condition.items()
        for key, values in tests.items()
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in as_list(value))


def _text(item: Any) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def join_words(words: Iterable[str]) -> str:
    """Words as a sentence lists them: "a", "a and b", "a, b and c"."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
