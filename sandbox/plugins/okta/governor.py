"""`max_api_capacity`: calls sleep before a rate limit is reached.

As terraform-provider-okta 6.12 does it (`okta/internal/apimutex`, `okta/internal/transport`): what
is known of a limit is what the last answers of its class said; beyond the capacity a call sleeps
until the window's reset and then goes, without asking again, so all sleepers go at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import httpx

WINDOW_SECONDS = 60
CLASSES = (
    ("app by id", r"/api/v1/apps/[^/]+", "GET POST PUT DELETE"),
    ("apps", r"/api/v1/apps.*", ""),
    ("group by id", r"/api/v1/groups/[^/]+", "GET PUT DELETE"),
    ("groups", r"/api/v1/groups.*", ""),
    ("me", r"/api/v1/users/me", "GET"),
    ("user by id, writing", r"/api/v1/users/[^/]+", "POST PUT DELETE"),
    ("user by id, reading", r"/api/v1/users/[^/]+", "GET"),
    ("users", r"/api/v1/users.*", ""),
)
"""Name, path and methods (all, if empty) of the classes that limits are counted for; the first that
fits. Anything else is one class of its own."""


@dataclass
class Status:
    """The last that was heard of one class's limit."""

    limit: int = 0
    remaining: int = 0
    reset: int = 0
    """Seconds since 1970."""


class Governor:
    """Keeps calls below `capacity` percent of each limit. For many threads."""

    def __init__(self, capacity: int, now: Callable[[], float]) -> None:
        self._capacity = capacity
        self._now = now
        self._lock = Lock()
        self._status: dict[str, Status] = {}

    @property
    def is_on(self) -> bool:
        """100 percent, the default, means no governor."""
        return 0 < self._capacity < 100

    def pause(self, method: str, path: str) -> float:
        """Seconds to sleep before the call."""
        with self._lock:
            status = self._status.get(class_of(method, path))
            if not self.is_on or status is None or status.reset + WINDOW_SECONDS < self._now():
                return 0.0
            used = 100.0 * (status.limit - status.remaining) / max(status.limit, 1)
            return max(0.0, status.reset - self._now()) if used > self._capacity else 0.0

    def update(self, method: str, path: str, answer: httpx.Response) -> None:
        """Remember what an answer says of its limit; one without all three headers says nothing."""
        try:
            limit, remaining, reset = (
                int(answer.headers[f"X-Rate-Limit-{name}"])
                for name in ("Limit", "Remaining", "Reset")
            )
        except (KeyError, ValueError):
            return
        with self._lock:
            status = self._status.setdefault(class_of(method, path), Status())
            if reset > status.reset:
                status.limit, status.remaining, status.reset = limit, remaining, reset
            elif reset > status.reset - WINDOW_SECONDS:
                status.remaining = min(status.remaining, remaining)


def class_of(method: str, path: str) -> str:
    """The name of the class that a request counts for."""
    for name, pattern, methods in CLASSES:
        if re.fullmatch(pattern, path) and (not methods or method in methods.split()):
            return name
    return "other"
