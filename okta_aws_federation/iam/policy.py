"""Policies as data: a JSON document is read once into statements that can be asked quickly.

Source: IAM User Guide, "Grammar of the IAM JSON policy language". What the grammar forbids is
refused here with MalformedPolicy, so the evaluator never meets it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from okta_aws_federation.iam.conditions import Condition, MalformedPolicy, parse_conditions
from okta_aws_federation.iam.matching import Context, Kind, Resolved, Template, matches

__all__ = ["MalformedPolicy", "Policy", "Principals", "Statement"]

_NEGATABLE = ("Action", "Resource", "Principal")
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Condition", *_NEGATABLE, *(f"Not{element}" for element in _NEGATABLE)}
)
_PRINCIPAL_KINDS = frozenset({"AWS", "Federated", "Service", "CanonicalUser"})
_ACCOUNT_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
_ACTION = re.compile(r"\*|[\w*?-]+:[\w*?-]+")
_VARIABLES_SINCE = "2012-10-17"
EVERY_RESOURCE = Template.of("*", variables=False, resource=True)


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal element: who is named, by kind. Accounts are kept as their twelve digits."""

    everyone: bool
    named: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, element: Any) -> Principals:
        """Read `"*"` or `{"AWS": ..., "Federated": ..., "Service": ...}`."""
        if element == "*":
            return cls(True, frozenset())
        if not isinstance(element, Mapping) or not element:
            raise MalformedPolicy('Principal must be "*" or an object such as {"AWS": "..."}')
        unknown = element.keys() - _PRINCIPAL_KINDS
        if unknown:
            raise MalformedPolicy(f"unknown kind of principal {min(unknown)!r}")
        named = {
            (kind, _account_or_arn(value))
            for kind, values in element.items()
            for value in _strings(values, f"Principal {kind}")
        }
        return cls(("AWS", "*") in named, frozenset(named - {("AWS", "*")}))


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `number` counts from 1, as messages do."""

    number: int
    sid: str | None
    allows: bool
    actions: tuple[Resolved, ...]
    except_actions: bool
    resources: tuple[Template, ...]
    except_resources: bool
    conditions: tuple[Condition, ...]
    principals: Principals | None
    except_principals: bool
    keys: frozenset[str]
    """The condition keys, in lower case, that it asks of a request."""

    @property
    def everywhere(self) -> bool:
        """Whether all resources are meant."""
        return self.resources in ((), (EVERY_RESOURCE,)) and not self.except_resources

    def covers_action(self, action: str) -> bool:
        """Whether the action, such as `ec2:RunInstances`, is meant; case does not matter."""
        named = any(matches(pattern, action, Kind.ACTION) for pattern in self.actions)
        return named != self.except_actions

    def covers_resource(self, resource: str, context: Context) -> bool:
        """Whether the resource is meant; a trust policy names none and means its own role."""
        if not self.resources:
            return True
        found = [template.resolve(context) for template in self.resources]
        if self.except_resources and None in found:
            return False  # a variable without a value makes the statement invalid
        named = any(
            pattern is not None and matches(pattern, resource, Kind.RESOURCE) for pattern in found
        )
        return named != self.except_resources

    def conditions_hold(self, context: Context) -> bool:
        """Whether every condition holds."""
        return all(condition.is_met(context) for condition in self.conditions)


@dataclass(frozen=True)
class Policy:
    """A policy document with a name for messages. Equal documents compile once."""

    name: str
    version: str
    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def parse(cls, document: str | Mapping[str, Any], *, name: str = "policy") -> Policy:
        """Read a JSON document (text or already decoded). Raises MalformedPolicy."""
        text = document if isinstance(document, str) else json.dumps(document)
        return _parse(text, name)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The condition keys, in lower case, that its statements ask of a request."""
        return frozenset[str]().union(*(statement.keys for statement in self.statements))

    def statements_for(self, action: str) -> tuple[Statement, ...]:
        """The statements that mean this action; remembered, because actions come back."""
        found = self._by_action.get(action)
        if found is None:
            found = tuple(s for s in self.statements if s.covers_action(action))
            self._by_action[action] = found
        return found


@lru_cache(maxsize=16384)
def _parse(text: str, name: str) -> Policy:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise MalformedPolicy(f"{name}: not JSON: {error}") from None
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise MalformedPolicy(f"{name}: a policy is an object with a Statement")
    version = document.get("Version", "2008-10-17")
    if version not in ("2008-10-17", _VARIABLES_SINCE):
        raise MalformedPolicy(f"{name}: unknown Version {version!r}")
    raw = document["Statement"]
    statements = raw if isinstance(raw, list) else [raw]
    try:
        parsed = tuple(
            _statement(statement, number, variables=version == _VARIABLES_SINCE)
            for number, statement in enumerate(statements, start=1)
        )
    except MalformedPolicy as error:
        raise MalformedPolicy(f"{name}: {error}") from None
    return Policy(name, version, parsed)


def _statement(raw: Any, number: int, *, variables: bool) -> Statement:
    where = f"statement {number}"
    if not isinstance(raw, Mapping):
        raise MalformedPolicy(f"{where} is not an object")
    unknown = raw.keys() - _ELEMENTS
    if unknown:
        raise MalformedPolicy(f"{where} has an unknown element {min(unknown)!r}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{where}: Effect must be Allow or Deny")
    actions = _one_of(raw, "Action", "NotAction", where)
    if actions is None:
        raise MalformedPolicy(f"{where} has neither Action nor NotAction")
    resources = _one_of(raw, "Resource", "NotResource", where)
    templates = tuple(
        Template.of(text, variables=variables, resource=True)
        for text in (_strings(raw[resources], f"{where} {resources}") if resources else ())
    )
    principal = _one_of(raw, "Principal", "NotPrincipal", where)
    conditions = parse_conditions(raw.get("Condition", {}), variables=variables)
    return Statement(
        number=number,
        sid=raw.get("Sid"),
        allows=raw["Effect"] == "Allow",
        actions=tuple((text,) for text in _actions(raw[actions], f"{where} {actions}")),
        except_actions=actions == "NotAction",
        resources=templates,
        except_resources=resources == "NotResource",
        conditions=conditions,
        principals=Principals.of(raw[principal]) if principal else None,
        except_principals=principal == "NotPrincipal",
        keys=frozenset[str]().union(
            *(each.keys for each in conditions), *(each.keys for each in templates)
        ),
    )


def _one_of(raw: Mapping[str, Any], name: str, negation: str, where: str) -> str | None:
    if name in raw and negation in raw:
        raise MalformedPolicy(f"{where} has both {name} and {negation}")
    return name if name in raw else negation if negation in raw else None


def _strings(value: Any, where: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise MalformedPolicy(f"{where} must be a string or a list of strings")
    if not values:
        raise MalformedPolicy(f"{where} is an empty list")
    return values


def _actions(value: Any, where: str) -> list[str]:
    """Actions as IAM's grammar has them: `*`, or a service and a name, wildcards in the name."""
    values = _strings(value, where)
    for text in values:
        if _ACTION.fullmatch(text) is None:
            raise MalformedPolicy(f"{where} {text!r} must be * or a service and an action")
    return values


def _account_or_arn(value: str) -> str:
    root = _ACCOUNT_ROOT.fullmatch(value)
    return root[1] if root else value
