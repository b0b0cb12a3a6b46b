"""What a resource type is: a table of its properties, the calls behind it, and how they can fail.

Each argument has one row, with everything that the published plugin's schema says about it. A test
holds the tables against the SDK's own classes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Values = dict[str, Any]
"""Properties by the names that they have on the wire."""


class CloudError(Exception):
    """What the cloud said, in one line for the user."""


class NilState(CloudError):
    """A creation's answer had no id: the bridge has nothing to remember, whatever was made."""


class PartlyCreated(CloudError):
    """It exists, but could not be finished: the engine has to remember it, or it is made twice."""

    def __init__(self, identifier: str, outputs: Mapping[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.identifier, self.outputs = identifier, dict(outputs)


def as_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class ValueType:
    """The form of a value: how it is read, when two are the same, how the cloud's is shown."""

    name: str
    zero: Any
    """What "not set" means to the provider, which cannot tell the two apart."""
    accept: Callable[[Any], Any]
    """The value that a program's stands for. Raises ValueError for one of another form."""
    comparison_key: Callable[[Any], Any] = as_is
    """Two values with one meaning are no change."""
    canonical: Callable[[Any], Any] = as_is
    """How an output shows what an input says."""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError("expected a string")


def _flag(value: Any) -> bool:
    known = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return known[value]
    raise ValueError("expected true or false")


def _number(value: Any) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    raise ValueError("expected a number")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError("expected a list")


def _map(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("expected a map")


def parsed(text: Any) -> Any:
    """JSON by what it says; text that is no JSON stands for itself."""
    try:
        return json.loads(text) if text else text
    except ValueError:
        return text


def compact(text: Any) -> Any:
    """JSON as the published plugins show it: no spaces, keys sorted."""
    value = parsed(text)
    if value == text:
        return text
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _unordered(values: list[Any]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)


TEXT = ValueType(name="string", zero="", accept=_text)
FLAG = ValueType(name="bool", zero=False, accept=_flag)
NUMBER = ValueType(name="number", zero=0, accept=_number)
LIST = ValueType(name="list", zero=[], accept=_list)
SET = ValueType(name="set", zero=[], accept=_list, comparison_key=_unordered)
MAP = ValueType(name="map", zero={}, accept=_map)
JSON = ValueType(name="JSON", zero="", accept=_text, comparison_key=parsed, canonical=compact)


Check = Callable[[str, Any], str | None]
"""The argument's name, as messages have it, and its value -> what is wrong with it, if anything."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """One argument of a resource type."""

    value_type: ValueType = TEXT
    required: bool = False
    default: Any = None
    """Filled in when the program leaves it out."""
    generated: int | None = None
    """A name of at most this length is made from the resource's when the program gives none."""
    replaces: bool = False
    """A change of it needs a new resource."""
    computed: bool = False
    """Left out by the program, it stays whatever the cloud has."""
    suppressed: bool = False
    """Left out by the program, a difference is not shown (`DiffSuppressFunc`)."""
    valid: tuple[Check, ...] = ()
    """What the published plugin checks."""
    conflicts: tuple[str, ...] = ()
    """Arguments that exclude this one, whatever the values (`ConflictsWith`)."""
    required_with: tuple[str, ...] = ()
    """Arguments that must be there if this one is (`RequiredWith`)."""
    supported: bool | tuple[Any, ...] = True
    """Whether the emulated plugin implements it, or with which values. Others are refused by
    Check."""

    @property
    def stays(self) -> bool:
        """Whether the cloud's value is left alone where the program has none."""
        return self.computed or self.suppressed

    def supports(self, value: Any) -> bool:
        """Whether the emulated plugin does what the value asks for."""
        if isinstance(self.supported, tuple):
            return value in self.supported
        return self.supported or value == self.value_type.zero


Changed = frozenset[str]
"""Names of the inputs that changed."""


class Calls(NamedTuple):
    """The calls behind a resource type.

    They get the cloud first, as the provider was configured for it, and raise CloudError with what
    the cloud said against it.
    """

    create: Callable[[Any, Values], tuple[str, Values]]
    """Inputs -> id, and outputs that can be had only now. May raise PartlyCreated."""
    read: Callable[[Any, str, Values], Values | None]
    """Id and state, which is empty in an import -> outputs; with `id` if that becomes another.
    None: it is gone."""
    update: Callable[[Any, str, Values, Values, Changed], None] | None
    """Id, state, new inputs, and which changed. None: every input replaces."""
    delete: Callable[[Any, str, Values], None]
    """Id and state. What is gone already counts as deleted, where the published plugin says so."""


Arguments = Mapping[str, str]
"""Name -> the kind of its values, as `ValueType.name` has it; `!` at its end: required."""


class LookUp(NamedTuple):
    """A function such as `okta.user.get_user`, by Pulumi's word an invoke."""

    call: Callable[[Any, Values], Values]
    """The cloud and the arguments -> the results. Raises CloudError."""
    inputs: Arguments
    outputs: Arguments


def always(inputs: Values, changed: Changed) -> bool:
    """Each creation and update of most types ends with reading the outputs."""
    return True


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource type."""

    type: str
    inputs: Mapping[str, Input]
    """By the names that they have on the wire."""
    outputs: tuple[str, ...] = ()
    """What only the cloud knows: unknown in the preview of a creation."""
    secrets: tuple[str, ...] = ()
    """Properties to be kept encrypted wherever they appear."""
    calls: Calls
    read_created: Callable[[Any, str, Values], Values | None] | None = None
    """Reads what was created just now, and waits until it can be seen. None: as `calls.read`."""
    reads_after: Callable[[Values, Changed], bool] = always
    """Whether a creation (nothing has changed) or an update ends with reading the outputs."""
    derived: Callable[[Any, Values], Values] = lambda cloud, inputs: {}
    """Inputs that the plugin adds from the provider's configuration: `tagsAll`, `region`."""
    valid: Callable[[Values], list[str]] = lambda inputs: []
    """What is wrong with the arguments together."""
    delete_before_replace: bool = False
    """Two of them cannot exist at once."""
