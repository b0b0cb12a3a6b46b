"""Answers that go wrong on purpose, a counted number of times."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.responses import Response

from sandbox.okta.errors import OktaError, internal, too_many_requests


@dataclass(kw_only=True)
class Fault:
    """Which requests get `status` instead of an answer, and how often."""

    method: str
    """An HTTP method, or `*`."""

    path: str
    """A path with `*` for any text, as in `/api/v1/apps/*/groups/*`."""

    status: int
    times: int = 1
    reset_in: int = 1
    """For a 429: seconds until `X-Rate-Limit-Reset`; negative is in the past."""

    retry_after: int | None = None
    """For a 429 or 503: the `Retry-After` header, which Okta itself does not send."""

    bare: bool = False
    """A 429 without `Date` and the rate limit headers, which clients give up on."""

    def strikes(self, method: str, path: str) -> bool:
        if self.times < 1 or self.method not in ("*", method):
            return False
        return fnmatch.fnmatchcase(path, self.path)

    def answer(self) -> Response:
        known = {429: too_many_requests(), 500: internal()}
        other = OktaError(self.status, "E0000009", f"Injected answer {self.status}")
        return known.get(self.status, other).response()

    def headers(self, now: datetime) -> dict[str, str]:
        """What a 429 says of time; `Date` included, because clients subtract it from the reset."""
        extra = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status != 429 or self.bare:
            return extra
        reset = now + timedelta(seconds=self.reset_in)
        return extra | {
            "Date": format_datetime(now, usegmt=True),
            "X-Rate-Limit-Remaining": "0",
            "X-Rate-Limit-Reset": str(int(reset.timestamp())),
        }


@dataclass
class Faults:
    pending: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, used up by one."""
        for fault in self.pending:
            if fault.strikes(method, path):
                fault.times -= 1
                return fault
        return None
