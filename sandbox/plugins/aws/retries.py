"""When a call is tried again, and for how long, as the published provider does it.

Two loops, one inside the other:

- `Attempts`: one request, sent again after throttling, server errors and lost connections. Source:
  aws-sdk-go-v2 `aws/retry` (codes, statuses, `rand * 2^attempt` seconds), aws-sdk-go-base
  `aws_config.go` (at most 300 seconds between attempts, no token bucket, after nine attempts no
  more for a refused connection), the AWS provider's argument `max_retries` (25 by default).
- `wait_for`: an operation, repeated for two minutes while IAM has not yet distributed a change.
  Source: terraform-provider-aws `internal/service/iam/consts.go` (`propagationTimeout`) and
  `internal/backoff/backoff.go` (0.5 seconds, doubled up to 10; one more try after the time is up).

Not tried again there, and so not here: NoSuchEntity of AttachRolePolicy, AddUserToGroup,
CreateAccessKey and GetSAMLProvider.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    EndpointConnectionError,
    HTTPClientError,
)

from sandbox.clock import Clock
from sandbox.plugins.schema import Values

T = TypeVar("T")
Read = Callable[[Any, str, Values], Values | None]

ATTEMPTS = 25
CREDENTIALS_ATTEMPTS = 3
"""Of the check of the credentials at the start, which uses the SDK's own default."""
REFUSED_ATTEMPTS = 9
LONGEST_BACKOFF = 300.0
PROPAGATION = 120.0

INVALID_PRINCIPAL = {"MalformedPolicyDocument", "ConcurrentModification"}
CONCURRENT = {"ConcurrentModification"}

THROTTLING = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
TIMEOUTS = frozenset({"RequestTimeout", "RequestTimeoutException"})
STATUSES = frozenset({500, 502, 503, 504})


@dataclass(frozen=True)
class Attempts:
    """How often one request is sent; `clock` is what the waits run on."""

    most: int
    clock: Clock

    def run(self, send: Callable[[], T]) -> T:
        """The first answer that is worth no other attempt. Raises what the last attempt raised."""
        attempt = 1
        while True:
            try:
                return send()
            except (ClientError, BotoCoreError) as error:
                if attempt >= self.limit(error):
                    raise
                self.clock.sleep(min(random.random() * 2**attempt, LONGEST_BACKOFF))  # noqa: S311
            attempt += 1

    def limit(self, error: Exception) -> int:
        """How many attempts such an error is worth; 1 is the one that was made."""
        if isinstance(error, ClientError):
            answer = error.response
            code = answer.get("Error", {}).get("Code", "")
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            worth = code in THROTTLING | TIMEOUTS or status in STATUSES
            return self.most if worth else 1
        if isinstance(error, EndpointConnectionError):
            return min(self.most, REFUSED_ATTEMPTS)
        return self.most if isinstance(error, (ConnectionError, HTTPClientError)) else 1


def wait_for(clock: Clock, attempt: Callable[[], T], again: Callable[[T | Exception], bool]) -> T:
    """Repeat `attempt` while `again` says so of its result or error; then that is what counts."""
    end, delay, last = clock.now() + PROPAGATION, 0.5, False
    while True:
        result: T | Exception
        try:
            result = attempt()
        except Exception as error:
            if last or not again(error):
                raise
        else:
            if last or not again(result):
                return result
        clock.sleep(delay)
        delay = min(delay * 2, 10.0)
        last = clock.now() >= end


def until_visible(read: Read) -> Read:
    """A read of what was created just now: repeated until IAM shows it; None after the time is up.

    As `RetryWhenNewResourceNotFound` of terraform-provider-aws.
    """

    def read_created(account: Any, identifier: str, state: Values) -> Values | None:
        return wait_for(
            account.clock, lambda: read(account, identifier, state), lambda result: result is None
        )

    return read_created
