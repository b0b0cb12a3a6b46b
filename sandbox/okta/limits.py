"""Requests per minute, by bucket, with Okta's three headers."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from okta_aws_federation.okta_limits import bucket_of

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """Where a caller stands in a bucket after this request."""

    limit: int
    remaining: int
    reset: datetime
    exceeded: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(self.remaining),
            "X-Rate-Limit-Reset": str(math.ceil(self.reset.timestamp())),
        }


@dataclass
class Limits:
    _windows: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)

    def count(
        self, *, method: str, path: str, caller: str, now: datetime, scale: float
    ) -> Standing:
        """Count one request of `caller` and say where that leaves it.

        `scale` multiplies the bucket's number; at least one request a minute is always let in.
        """
        bucket = bucket_of(method, path)
        limit = max(1, int(bucket.per_minute * scale))
        began, used = self._windows.get((bucket.name, caller), (now, 0))
        if now >= began + WINDOW:
            began, used = now, 0
        used += 1
        self._windows[bucket.name, caller] = began, used
        return Standing(limit, max(0, limit - used), began + WINDOW, used > limit)
