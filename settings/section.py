"""What every part of a stack file has in common."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from settings.errors import invalid


class Section(BaseModel):
    """A part of the stack file: camelCase there, immutable here, no key that nobody reads."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
    )


def refuse_repeats(field: str, values: Sequence[str]) -> None:
    """Raise what pydantic takes for a refusal if the list of a field has a value twice."""
    for number, value in enumerate(values):
        if value in values[:number]:
            raise invalid("is in the list twice", "take one out", value=value, at=[field, number])


T = TypeVar("T")
YamlList = Annotated[tuple[T, ...], Field(strict=False)]
"""A YAML list."""
