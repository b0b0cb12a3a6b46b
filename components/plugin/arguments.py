"""The components' argument classes, made from properties as the engine sends them."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, TypeVar, get_args

from pulumi import Output
from pulumi.provider.experimental.analyzer import is_dict, is_list
from pulumi.provider.experimental.util import camel_case

from components.errors import InvalidArgs

from .hints import alternatives

T = TypeVar("T")


def build(kind: type[T], properties: Mapping[str, Any], where: str = "") -> T:
    """An instance of a dataclass; names are in camel case. Raises InvalidArgs, with the path.

    What is null is left out, as the engine does it in all languages.
    """
    fields = {camel_case(each.name): each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for name, value in properties.items():
        if name not in fields:
            raise InvalidArgs(f"{where}{name} is no argument; there are {', '.join(fields)}")
        if value is not None:
            values[fields[name].name] = convert(fields[name].type, value, f"{where}{name}")
    for name, each in fields.items():
        required = each.default is each.default_factory is dataclasses.MISSING
        if required and each.name not in values:
            if type(None) not in get_args(each.type):
                raise InvalidArgs(f"{where}{name} is required")
            values[each.name] = None
    return kind(**values)


def convert(hint: Any, value: Any, where: str) -> Any:
    """A value as the type `hint` wants it. Raises InvalidArgs."""
    taken = alternatives(hint)
    if taken.takes_output and isinstance(value, Output):
        # Nothing but an id is known as late as that.
        return value
    if not taken.takes_output:
        value = known(value, where)
    if taken.nested and isinstance(value, Mapping):
        return build(taken.nested, value, f"{where}.")
    if not taken.others:
        raise InvalidArgs(f"{where} must be an object, not {value!r}")
    return convert_plain(taken.plain, value, where)


def convert_plain(kind: Any, value: Any, where: str) -> Any:
    """The same for a value that is known, but for its elements."""
    if is_list(kind):
        require(list, value, where, "a list")
        [element] = get_args(kind)
        return [convert(element, each, f"{where}[{index}]") for index, each in enumerate(value)]
    if is_dict(kind):
        require(dict, value, where, "an object")
        element = get_args(kind)[1]
        return {name: convert(element, each, f"{where}.{name}") for name, each in value.items()}
    if kind is Any:
        return converted_any(value, where)
    if kind is date:
        return as_date(value, where)
    if issubclass(kind, Enum):
        names = [member.value for member in kind]
        if value not in names:
            raise InvalidArgs(f"{where} must be {' or '.join(names)}, not {value!r}")
        return kind(value)
    if kind is str and isinstance(value, float) and value.is_integer():
        return str(int(value))  # Pulumi YAML takes configuration such as an account id for a number
    if kind is int:
        # The engine's protocol has one kind of number.
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise InvalidArgs(f"{where} must be a whole number, not {value!r}")
        return int(value)
    require(kind, value, where, {str: "a string", bool: "true or false"}[kind])
    return value


def converted_any(value: Any, where: str) -> Any:
    """Any JSON, with whole numbers as such."""
    if isinstance(value, Mapping):
        return {name: convert(Any, each, f"{where}.{name}") for name, each in value.items()}
    if isinstance(value, list):
        return [convert(Any, each, f"{where}[{index}]") for index, each in enumerate(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_date(value: Any, where: str) -> date:
    """A day, such as `2026-12-31`."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidArgs(f"{where} must be a day such as 2026-12-31, not {value!r}") from None


def require(kind: type, value: Any, where: str, wanted: str) -> None:
    """Raises InvalidArgs for a value of another kind."""
    if not isinstance(value, kind):
        raise InvalidArgs(f"{where} must be {wanted}, not {value!r}")


def known(value: Any, where: str) -> Any:
    """The value of an output that is known and no secret; anything else unchanged.

    The engine sends outputs with their value, so that their coroutines end at their first step.
    Raises InvalidArgs: names and numbers are checked before anything is created, and a secret among
    them would be in clear in what is made of it.
    """
    if not isinstance(value, Output):
        return value
    if not first_step(value.is_known()):
        raise InvalidArgs(f"{where} must be known before the update: it is an output of a resource")
    if first_step(value.is_secret()):
        raise InvalidArgs(f"{where} must not be a secret: it is stored and shown in clear")
    return first_step(value.future())


def first_step(coroutine: Any) -> Any:
    """What a coroutine that waits for nothing returns; None for one that waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    return None
