"""Faults that the emulated clouds play on purpose: one model and one queue for both.

A cloud asks `Faults.take(operation)` once for each request, with the operation written as its own
documents write it: `iam:CreateRole` for AWS, `POST /api/v1/groups` for Okta. What a fault does is
its `effect`:

- `error`: answered with `status` (and `code`, `message`) instead of the answer
- `disconnect`: the connection is closed without an answer
- `hang`: no answer for `seconds`, then the connection is closed
- `delay`: answered, but `seconds` late
- `body`: status 200 with `body` instead of the answer (an HTML page, half a JSON document)
- `lag`: what the request writes stays unseen by the next `reads` reads (eventual consistency)
- `expired-credentials`: refused as a caller whose token or key has expired
- `clock-skew`: the cloud's clock is `seconds` ahead (negative: behind) while the fault is queued
- `rate-limit`: the cloud's own limits are multiplied by `scale` while the fault is queued

With `after`, an `error`, `disconnect`, `hang` or `body` comes when the request has taken effect:
the answer is lost, the change is not.
"""

import dataclasses
import fnmatch
import threading
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self

Effect = Literal[
    "error",
    "disconnect",
    "hang",
    "delay",
    "body",
    "lag",
    "expired-credentials",
    "clock-skew",
    "rate-limit",
]
STANDING: tuple[Effect, ...] = ("clock-skew", "rate-limit")
"""Effects that last while the fault is queued, whatever is requested."""

HTML_PAGE = "<!DOCTYPE html><html><body><h1>Service Unavailable</h1></body></html>"


@dataclass(kw_only=True)
class Fault:
    """One fault, and how often it strikes. Raises ValueError naming the field that is invalid."""

    effect: Effect
    operation: str = "*"
    """`iam:CreateRole`, `POST /api/v1/groups`; `*` is any text, letter case does not count."""

    times: int | None = 1
    """How many requests it strikes; None: every one until it is cleared."""

    skip: int = 0
    """How many matching requests pass before it strikes for the first time."""

    after: bool = False
    status: int = 500
    """HTTP status of an `error`."""

    code: str = ""
    """The cloud's error code: `Throttling`, `E0000009`; empty: the usual one for the status."""

    message: str = ""
    seconds: float = 0.0
    reads: int = 1
    scale: float = 1.0
    body: str = HTML_PAGE
    content_type: str = "text/html"
    retry_after: int | None = None
    """Seconds, for a `Retry-After` header."""

    reset_in: int = 1
    """Okta, status 429: seconds until `X-Rate-Limit-Reset`; negative is in the past."""

    bare: bool = False
    """Okta, status 429: without `Date` and the rate limit headers."""

    id: int = 0
    """Set by the queue."""

    def __post_init__(self) -> None:
        for name, hint in typing.get_type_hints(type(self)).items():
            _check_type(name, getattr(self, name), hint)
        if self.times is not None and self.times < 1:
            raise ValueError(f"times = {self.times}: must be at least 1, or null for every request")
        if self.effect in STANDING and self.operation != "*":
            raise ValueError(
                f"operation = '{self.operation}': '{self.effect}' counts for all; omit it"
            )
        if self.effect == "error" and not 400 <= self.status <= 599:
            raise ValueError(f"status = {self.status}: an error is 400 to 599")
        if self.effect != "clock-skew" and self.seconds < 0:
            raise ValueError(f"seconds = {self.seconds}: must be at least 0")
        if self.effect in ("hang", "delay") and not self.seconds:
            raise ValueError(f"seconds = 0: '{self.effect}' needs a number above 0")
        if self.effect == "rate-limit" and self.scale <= 0:
            raise ValueError(f"scale = {self.scale}: must be above 0")
        if self.reads < 1 or self.skip < 0:
            raise ValueError("reads must be at least 1, skip at least 0")

    def matches(self, operation: str) -> bool:
        return fnmatch.fnmatchcase(operation.lower(), self.operation.lower())

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The fault that a JSON object describes. Raises ValueError in one line."""
        known = [field.name for field in dataclasses.fields(cls) if field.name != "id"]
        for name in document:
            if name not in known:
                raise ValueError(f"'{name}' is no field of a fault; there are: {', '.join(known)}")
        if "effect" not in document:
            raise ValueError(f"a fault needs an effect: {', '.join(typing.get_args(Effect))}")
        return cls(**document)

    def to_json(self) -> dict[str, Any]:
        """The fields that are not at their defaults, and always id, effect and operation."""
        shown = {"id": self.id, "effect": self.effect, "operation": self.operation}
        return shown | {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        }


@dataclass(frozen=True, kw_only=True)
class Struck:
    """What happens to one request."""

    delay: float = 0.0
    """Seconds to wait before anything else."""

    fault: Fault | None = None
    """The fault that strikes; None: the request is answered."""


class Faults:
    """The queue of one cloud. Its methods may be called from any thread."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._queue: list[Fault] = []
        self._lock = threading.Lock()
        self._next_id = 1
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> Fault:
        """Queue a fault; it strikes after those that match the same request and came before."""
        with self._lock:
            fault.id = self._next_id
            self._next_id += 1
            self._queue.append(fault)
        return fault

    def pending(self) -> list[Fault]:
        """What is queued still, oldest first."""
        with self._lock:
            return [dataclasses.replace(fault) for fault in self._queue]

    def clear(self, fault_id: int | None = None) -> int:
        """Take one fault, or all, out of the queue; returns how many that were."""
        with self._lock:
            before = len(self._queue)
            self._queue = [f for f in self._queue if fault_id is not None and f.id != fault_id]
            return before - len(self._queue)

    def take(self, operation: str) -> Struck:
        """What happens to this request: every delay that matches, and the first other fault.

        Counts: a fault that has struck `times` times leaves the queue.
        """
        delay, first = 0.0, None
        with self._lock:
            for fault in list(self._queue):
                if fault.effect in STANDING or not fault.matches(operation):
                    continue
                if fault.effect != "delay" and first is not None:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.effect == "delay":
                    delay += fault.seconds
                else:
                    first = dataclasses.replace(fault)
                self._count_down(fault)
        return Struck(delay=delay, fault=first)

    def _count_down(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._queue.remove(fault)

    @property
    def clock_skew(self) -> timedelta:
        """How far the cloud's clock is ahead of this machine's."""
        with self._lock:
            skews = [fault.seconds for fault in self._queue if fault.effect == "clock-skew"]
        return timedelta(seconds=sum(skews))

    @property
    def rate_limit_scale(self) -> float:
        """What multiplies the cloud's own limits."""
        scale = 1.0
        with self._lock:
            for fault in self._queue:
                scale *= fault.scale if fault.effect == "rate-limit" else 1
        return scale


def _check_type(name: str, value: Any, hint: Any) -> None:
    if typing.get_origin(hint) is Literal:
        if value not in typing.get_args(hint):
            allowed = ", ".join(typing.get_args(hint))
            raise ValueError(f"{name} = {value!r}: must be one of {allowed}")
        return
    kinds = typing.get_args(hint) or (hint,)
    if float in kinds:
        kinds = (*kinds, int)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join("null" if kind is type(None) else kind.__name__ for kind in kinds)
        raise ValueError(f"{name} = {value!r}: must be {names}")
