"""What every part of a stack file has in common."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A part of the stack file: camelCase there, immutable here, no key that nobody reads."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        strict=True,
        use_attribute_docstrings=True,
    )


T = TypeVar("T")
YamlList = Annotated[tuple[T, ...], Field(strict=False)]
"""A YAML list."""
