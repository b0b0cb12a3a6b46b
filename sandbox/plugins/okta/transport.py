"""One call to Okta, with its tries, its waits and its deadline: as the published plugin makes it.

Read in terraform-provider-okta 6.12 and its copy of the Okta SDK (`okta/api`, `sdk`), and seen with
the real plugin. There are two ways:

- `PacedTransport`: with an API token or an access token, over HTTPS. Connection errors, 429 and 5xx
  (but 500 and 501) are tried again after `min_wait_seconds`, twice that and so on up to
  `max_wait_seconds`, or after what `Retry-After` says. Before it, the governor.
- `SdkTransport`: for a service app, and under `http_proxy`. The SDK brings a client of its own and
  takes the place of pacing and governor: only 429 is tried again, after the window's reset.

`request_timeout` is one deadline over a call with all its tries and waits. Under `http_proxy` it
cancels the call before the answer's body is read: seen in 47 of 60 and in 37 of 40 calls.
"""

import itertools
import threading
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from sandbox.clock import Clock
from sandbox.plugins.okta.arguments import Arguments
from sandbox.plugins.okta.errors import OktaError, error_text
from sandbox.plugins.okta.governor import Governor

# The provider's own defaults.
MAX_RETRIES = 5
MIN_WAIT, MAX_WAIT = 30, 300
MAX_API_CAPACITY = 100

BODIES_READ = 5
"""Under `http_proxy` with a timeout, one answer in so many is read before the call is cancelled."""
DISCONNECTS = 100
"""The published plugin never stops asking anew when the connection ends; a sandbox does."""


@dataclass(frozen=True)
class Call:
    """A request, and what httpx needs besides."""

    method: str
    url: str
    path: str
    options: dict[str, Any]

    def failure(self, why: object) -> OktaError:
        """Go's wording of a request that came to nothing."""
        return OktaError(f'{self.method.capitalize()} "{self.url}": {why}', 0)


class Deadline:
    """`request_timeout`, counted from the call's begin; 0 is none."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.now() + seconds if seconds else None

    @property
    def seconds_left(self) -> float | None:
        """On the machine's clock, as httpx wants it: None without a deadline."""
        if self._end is None:
            return None
        return max(0.001, (self._end - self._clock.now()) / self._clock.speed)

    def sleep(self, seconds: float) -> bool:
        """Sleep so long, or until the deadline; whether all of it was slept."""
        left = None if self._end is None else self._end - self._clock.now()
        if left is not None and left < seconds:
            self._clock.sleep(left)
            return False
        self._clock.sleep(seconds)
        return True


class Transport(Protocol):
    """`send` answers with what Okta answered, errors included, and whether its body was lost."""

    def send(self, call: Call) -> tuple[httpx.Response, bool]: ...


class Settings:
    """The provider's arguments that say how calls are made; 0 counts as left out."""

    def __init__(self, arguments: Arguments) -> None:
        self.max_retries = arguments.number("maxRetries", MAX_RETRIES)
        self.min_wait = arguments.number("minWaitSeconds", MIN_WAIT)
        self.max_wait = arguments.number("maxWaitSeconds", MAX_WAIT)
        self.timeout = arguments.number("requestTimeout", 0)
        self.capacity = arguments.number("maxApiCapacity", MAX_API_CAPACITY)
        self.proxied = bool(arguments.text("httpProxy"))
        self.clock = Clock.from_environment()


class PacedTransport:
    """The provider's client with backoff, behind the governor."""

    def __init__(self, client: httpx.Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._governor = Governor(settings.capacity, settings.clock.now)

    def send(self, call: Call) -> tuple[httpx.Response, bool]:
        """Raises OktaError when the deadline is over, or tries are, or nothing answers."""
        deadline = Deadline(self._settings.clock, self._settings.timeout)
        if not deadline.sleep(self._governor.pause(call.method, call.path)):
            raise call.failure("context deadline exceeded")
        for tries in itertools.count(1):
            answer, error = attempt(self._client, call, deadline)
            if answer is not None and not is_retried(answer.status_code):
                self._governor.update(call.method, call.path, answer)
                return answer, False
            if tries > self._settings.max_retries:
                break
            if not deadline.sleep(self._wait(tries, answer)):
                raise call.failure("context deadline exceeded")
        if answer is None:
            raise call.failure(error)
        self._governor.update(call.method, call.path, answer)
        given_up = call.failure(f"{error_text(answer)}, giving up after {tries} attempt(s)")
        raise OktaError(str(given_up), answer.status_code)

    def _wait(self, tries: int, answer: httpx.Response | None) -> float:
        if answer is not None and answer.status_code in (429, 503):
            retry_after = answer.headers.get("Retry-After", "")
            if retry_after.isdecimal():
                return float(retry_after)
        doubled: float = self._settings.min_wait * 2 ** (tries - 1)
        return min(doubled, self._settings.max_wait)


class SdkTransport:
    """The Okta SDK's own client."""

    def __init__(self, client: httpx.Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._answers = itertools.count(1)
        self._lock = threading.Lock()

    def send(self, call: Call) -> tuple[httpx.Response, bool]:
        """Raises OktaError when the deadline is over, or tries are, or nothing answers."""
        deadline = Deadline(self._settings.clock, self._settings.timeout)
        tries = disconnects = 0
        while True:
            answer, error = attempt(self._client, call, deadline)
            if answer is None:
                disconnects += 1
                if not isinstance(error, httpx.RemoteProtocolError) or disconnects > DISCONNECTS:
                    raise call.failure(error)
                continue
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return answer, self._loses_body(answer)
            pause = seconds_until_reset(answer)
            tries += 1
            if tries > self._settings.max_retries:
                raise OktaError("too many requests", answer.status_code)
            if not deadline.sleep(min(pause, self._settings.max_wait)):
                raise OktaError("context deadline exceeded", answer.status_code)

    def _loses_body(self, answer: httpx.Response) -> bool:
        if not (self._settings.proxied and self._settings.timeout and answer.content):
            return False
        with self._lock:
            return next(self._answers) % BODIES_READ != 0


def is_retried(status: int) -> bool:
    """go-retryablehttp's default policy, but for 500, which the provider takes out."""
    return status == httpx.codes.TOO_MANY_REQUESTS or (status > 501 and status < 600)


def attempt(
    client: httpx.Client, call: Call, deadline: Deadline
) -> tuple[httpx.Response | None, httpx.HTTPError | None]:
    """One try: an answer, or why there was none. Raises OktaError when the deadline is over."""
    try:
        return client.request(
            call.method, call.path, timeout=deadline.seconds_left, **call.options
        ), None
    except httpx.TimeoutException:
        raise call.failure("context deadline exceeded") from None
    except httpx.HTTPError as error:
        return None, error


def seconds_until_reset(answer: httpx.Response) -> float:
    """Until the rate limit's window has ended for sure, by the org's own clock."""
    date, reset = answer.headers.get("Date", ""), answer.headers.get("X-Rate-Limit-Reset", "")
    try:
        now = parsedate_to_datetime(date).timestamp()
    except ValueError:
        raise OktaError("date header is missing or invalid", answer.status_code) from None
    if not reset.isdecimal():
        raise OktaError("X-Rate-Limit-Reset header is missing or invalid", answer.status_code)
    return int(reset) - now + 1
