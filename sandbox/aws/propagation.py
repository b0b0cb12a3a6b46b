"""Eventual consistency as a switch: a new principal is not seen by other calls for a while.

Source: IAM User Guide, "Changes that I make are not always immediately visible". Counted in calls
rather than in seconds, so that a test of it repeats.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Propagation:
    """For how many looks a new principal stays unseen; 0, the default, is at once."""

    calls: int = 0
    _unseen: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def created(self, arn: str) -> None:
        """Remember a principal that was made just now."""
        if self.calls:
            with self._lock:
                self._unseen[arn] = self.calls

    def visible(self, arn: str) -> bool:
        """Whether the principal is seen by now; each look brings that nearer."""
        with self._lock:
            left = self._unseen.get(arn, 0)
            if not left:
                return True
            if left > 1:
                self._unseen[arn] = left - 1
            else:
                del self._unseen[arn]
            return False
