"""Time, as waits for rate limits see it: the machine's, or a faster one for tests.

The emulated Okta and the emulated Okta plugin are several processes that compare moments with each
other (`X-Rate-Limit-Reset`, `Date`), so a faster clock has to be the same one in all of them: the
variable SANDBOX_CLOCK hands it down as `SPEED@START`, both numbers.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sandbox.errors import SandboxError

VARIABLE = "SANDBOX_CLOCK"


@dataclass(frozen=True)
class Clock:
    """A clock that runs `speed` times as fast as the machine's, and agreed with it at `start`."""

    speed: float = 1.0
    start: float = 0.0
    """Seconds since 1970, UTC. Without meaning at speed 1."""

    @classmethod
    def from_environment(cls) -> Self:
        """The clock of SANDBOX_CLOCK; the machine's without it. Raises SandboxError."""
        text = os.environ.get(VARIABLE, "")
        if not text:
            return cls()
        speed, _, start = text.partition("@")
        try:
            clock = cls(float(speed), float(start))
        except ValueError:
            clock = cls(0)
        if clock.speed < 1:
            raise SandboxError(f"{VARIABLE} = '{text}': must be SPEED@START, SPEED 1 or more")
        return clock

    @classmethod
    def running(cls, speed: float) -> Self:
        """A clock that is right now and runs ahead from here on."""
        return cls(speed, time.time())

    @property
    def text(self) -> str:
        """The value of SANDBOX_CLOCK for another process."""
        return f"{self.speed}@{self.start}"

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self.start + (time.time() - self.start) * self.speed

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep until this clock shows so many seconds more; not at all for a negative number."""
        time.sleep(max(0.0, seconds) / self.speed)
