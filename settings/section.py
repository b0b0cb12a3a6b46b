"""What every part of a stack file has in common."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from settings.errors import invalid

T = TypeVar("T")


class Section(BaseModel):
    """A part of the stack file: camelCase there, immutable here, no key that nobody reads."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
    )


def without_repeats(values: tuple[T, ...]) -> tuple[T, ...]:
    """The list as it is. Raises what pydantic takes for a refusal if it has a value twice."""
    for number, value in enumerate(values):
        if value in values[:number]:
            raise invalid("is in the list twice", "take one out", value=value, at=[number])
    return values


YamlList = Annotated[tuple[T, ...], Field(strict=False)]
"""A YAML list."""
YamlSet = Annotated[tuple[T, ...], Field(strict=False), AfterValidator(without_repeats)]
"""A YAML list without a value twice."""
