"""What a role asks of the people who enter it, besides the word of its SAML providers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What a role asks of people, beyond: vouched for by its providers, at its sign-in pages."""

    session_tags: Sequence[str] = ()
    """Session tags that the providers may set; none, unless they are listed."""

    source_identities: Sequence[str] = ()
    """Patterns of source identities that the providers may set; none, unless they are listed."""

    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What else an assertion must say: operator -> key -> value or values."""

    opens: date | None = None
    """The first day (UTC) on which people may enter."""

    closes: date | None = None
    """The last day (UTC) on which people may enter."""

    source_ips: Sequence[str] = ()
    """The networks from which people may enter."""

    statements: Sequence[Mapping[str, Any]] = ()
    """Further statements, in AWS's words: other principals, such as a service."""

    def __post_init__(self) -> None:
        if any("saml:aud" in (key.lower() for key in keys) for keys in self.conditions.values()):
            raise Refusal("conditions must not name SAML:aud; it follows from audiences")
        if self.opens and self.closes and self.closes < self.opens:
            raise Refusal(f"closes must not be before opens, not {self.closes} < {self.opens}")
        for statement in self.statements:
            if lets_anybody_in(statement):
                raise Refusal(
                    "statements must put a SAML:aud on what a SAML provider may do, not "
                    f"{json.dumps(statement, default=str)}"
                )


def lets_anybody_in(statement: Mapping[str, Any]) -> bool:
    """Whether a statement would take an assertion that was made for another service."""
    federated = statement.get("Principal", {})
    federated = federated.get("Federated", ()) if isinstance(federated, Mapping) else federated
    asked = {
        key
        for operator, keys in statement.get("Condition", {}).items()
        if operator in ("StringEquals", "StringLike")
        for key in keys
    }
    return (
        statement["Effect"] == "Allow"
        and any(":saml-provider/" in arn or arn == "*" for arn in listed(federated))
        and "SAML:aud" not in asked
    )


def listed(values: str | Sequence[str]) -> Sequence[str]:
    return (values,) if isinstance(values, str) else values
