"""One thing in a cloud that is not as the stack file says."""

from dataclasses import asdict, dataclass
from typing import Literal

REPAIR = "`pulumi up --refresh` makes it so again"
UNMANAGED = "take it away, or add it to the stack file"


@dataclass(frozen=True, order=True)
class Drift:
    cloud: Literal["AWS", "Okta"]
    where: str
    """What deviates: a role, a group, the app."""
    what: str
    """Which of its properties."""
    expected: str
    observed: str
    fix: str = REPAIR

    def __str__(self) -> str:
        return (
            f"{self.cloud}: {self.where}: {self.what}: expected {self.expected}, "
            f"found {self.observed}; {self.fix}"
        )

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def join_words(values: object) -> str:
    """Names in order, or that there are none."""
    names = sorted(map(str, values)) if isinstance(values, set | frozenset | list | tuple) else []
    return ", ".join(names) or "none"
