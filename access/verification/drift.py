"""One thing in a cloud that is not as the stack file says."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

REPAIR = "`pulumi up --refresh` makes it so again"
NEXT_UPDATE = "the next `pulumi up` does it"
UNMANAGED = "take it away, or add it to the stack file"
MendedBy = Literal["up", "up --refresh", "person"]


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
    """What mends it; no update does, unless this says so."""

    @property
    def mended_by(self) -> MendedBy:
        """What mends it: an update that reads the clouds first, the next update, or a person."""
        if self.fix == NEXT_UPDATE:
            return "up"
        return "up --refresh" if self.fix.startswith("`pulumi up --refresh`") else "person"

    def __str__(self) -> str:
        return (
            f"{self.cloud}: {self.where}: {self.what}: expected {self.expected}, "
            f"found {self.observed}; {self.fix}"
        )

    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "mended_by": self.mended_by}


def join_words(values: Iterable[str]) -> str:
    """Names in order, or that there are none."""
    return ", ".join(sorted(values)) or "none"
