"""Okta's limits of requests per minute, by bucket.

Numbers: the Enterprise column of Okta's last published table (developer documentation before
2025); today an org's own dashboard has them.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Bucket:
    """Requests that share one limit."""

    name: str
    """As the dashboard of an org calls it."""
    method: str
    """Regular expression of the methods."""
    path: str
    """Regular expression of the paths."""
    per_minute: int
    """How many requests an org answers in a minute."""

    def matches(self, method: str, path: str) -> bool:
        """Whether a request counts here, if no bucket before does."""
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


def bucket_of(method: str, path: str) -> Bucket:
    """The bucket that counts a request."""
    return next(bucket for bucket in BUCKETS if bucket.matches(method, path))
