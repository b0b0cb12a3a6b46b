"""What a person has to know besides the stack file."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Remark:
    """Something of the federation that the stack file does not have, or not as it is."""

    where: str
    """A role, a group, the app."""
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.reason}"
