"""The types of the components' arguments, as their dataclasses declare them."""

from collections.abc import Awaitable
from dataclasses import is_dataclass
from typing import Any, NamedTuple, get_args, get_origin

from pulumi import Resource
from pulumi.provider.experimental.analyzer import is_union


class Alternatives(NamedTuple):
    """What an argument takes, without None and without resources."""

    nested: type | None
    """The argument class, if it takes one."""

    others: tuple[Any, ...]

    @property
    def takes_output(self) -> bool:
        """Whether the value may be one that only the update knows: `Input`."""
        return any(get_origin(each) is Awaitable for each in self.others)

    @property
    def plain(self) -> Any:
        """The type of a known value that is no object of an argument class."""
        return next(each for each in self.others if isinstance(each, type) or get_args(each))


def is_resource(hint: Any) -> bool:
    """Whether the values are components or other resources."""
    return isinstance(hint, type) and issubclass(hint, Resource)


def alternatives(hint: Any) -> Alternatives:
    """The members of a union; of anything else, itself."""
    members = get_args(hint) if is_union(hint) else (hint,)
    members = tuple(each for each in members if each is not type(None) and not is_resource(each))
    nested = [each for each in members if isinstance(each, type) and is_dataclass(each)]
    others = tuple(each for each in members if each not in nested)
    return Alternatives(next(iter(nested), None), others)
