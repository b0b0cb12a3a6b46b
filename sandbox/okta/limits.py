"""Requests per minute, by bucket, with Okta's three headers.

Numbers: the Enterprise column of Okta's last published table (developer documentation before
2025); today an org's own dashboard has them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Bucket:
    name: str
    method: str
    path: str
    per_minute: int

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))


BUCKETS = (
    Bucket("/api/v1/apps/{id}", ".*", r"/api/v1/apps/[^/]+", 600),
    Bucket("/api/v1/apps", ".*", r"/api/v1/apps(/.*)?", 100),
    Bucket("/api/v1/groups/{id}", ".*", r"/api/v1/groups/.+", 600),
    Bucket("/api/v1/groups", ".*", r"/api/v1/groups", 600),
    Bucket("/api/v1/users/{id} read", "GET", r"/api/v1/users/[^/]+", 1000),
    Bucket("/api/v1/users/{id} write", ".*", r"/api/v1/users/[^/]+", 600),
    Bucket("/api/v1/users", ".*", r"/api/v1/users(/.*)?", 600),
    Bucket("/api/v1/authn", ".*", r"/api/v1/authn", 600),
    Bucket("other", ".*", r".*", 600),
)
"""The first that matches a request counts it."""


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
        bucket = next(bucket for bucket in BUCKETS if bucket.matches(method, path))
        limit = max(1, int(bucket.per_minute * scale))
        began, used = self._windows.get((bucket.name, caller), (now, 0))
        if now >= began + WINDOW:
            began, used = now, 0
        used += 1
        self._windows[bucket.name, caller] = began, used
        return Standing(limit, max(0, limit - used), began + WINDOW, used > limit)
