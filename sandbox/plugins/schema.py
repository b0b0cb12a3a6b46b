"""What the engine and a resource type have to agree on: properties, replacements, calls."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]


def as_is(value: Any) -> Any:
    return value


def document(text: Any) -> Any:
    """A policy document by its meaning: spaces, order of keys and lists of one do not count."""
    if not isinstance(text, str):
        return text
    try:
        return _plain(json.loads(text))
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        inner = [_plain(one) for one in value]
        return inner[0] if len(inner) == 1 else inner
    return value


@dataclass(frozen=True)
class Input:
    """An argument of a resource, by the name it has on the wire."""

    name: str
    required: bool = False
    default: Any = None
    replaces: bool = False
    meaning: Callable[[Any], Any] = as_is
    """Two values with the same meaning are no change."""
    check: Callable[[Any], str | None] | None = None
    """What is wrong with a value, in the published plugin's words."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A resource type. The calls get the cloud's client first."""

    type: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    """What only the cloud knows: unknown during a preview."""
    create: Callable[[Any, Values], tuple[str, Values]]
    read: Callable[[Any, str, Values], Values | None]
    """State by id; the old state is empty in an import. None: it is gone."""
    delete: Callable[[Any, str, Values], None]
    update: Callable[[Any, str, Values, Values], Values] | None = None
    secrets: tuple[str, ...] = ()
    longest_name: int | None = None
    """For types that are named after the resource, with a suffix, when they are given no name."""
    known: Callable[[Values], Values] | None = None
    """Outputs that follow from the inputs, shown in a preview already."""

    def input(self, name: str) -> Input:
        return next(one for one in self.inputs if one.name == name)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.inputs}


def inputs_of(kind: Kind, outputs: Mapping[str, Any], old: Mapping[str, Any]) -> Values:
    """The inputs that a program would write to get this state.

    The program's own text stays where it still says the same. Something that the program left out
    shows up when somebody else set it; not so what other resources fill in.
    """
    found: Values = {}
    for one in kind.inputs:
        real = outputs.get(one.name)
        if one.name in old:
            same = one.meaning(real) == one.meaning(old[one.name])
            found[one.name] = old[one.name] if same else real
        elif real not in EMPTY and real != one.default and not (old and one.name in UNMANAGED):
            found[one.name] = real
    return found


EMPTY: tuple[Any, ...] = (None, "", [], {}, False)
# Filled in by other resources; a program that leaves them out means "not here".
UNMANAGED = {"managedPolicyArns", "inlinePolicies", "tagsAll"}
