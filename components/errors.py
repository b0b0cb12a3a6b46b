"""How a component refuses its arguments, and what a failed look-up says."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pulumi import RunError

from okta_aws_federation.partitions import partition_named
from okta_aws_federation.trust_policy import InvalidTrustPolicy


class InvalidArgs(RunError, InvalidTrustPolicy):
    """Arguments that can't work; a ValueError. On the engine's screen it is one line."""


@contextmanager
def as_invalid_args() -> Iterator[None]:
    """Raise the library's errors, which know no Pulumi, as InvalidArgs."""
    try:
        yield
    except InvalidTrustPolicy as error:
        raise InvalidArgs(str(error)) from None


def require_range(argument: str, value: int, allowed: range) -> None:
    """Raises InvalidArgs for a number outside of the range."""
    if value not in allowed:
        raise InvalidArgs(f"{argument} must be {allowed[0]} to {allowed[-1]}, not {value}")


def require_account(account_id: str, partition: str) -> None:
    """Raises InvalidArgs for what is no account id, and for a partition without support."""
    if not (len(account_id) == 12 and account_id.isdigit()):
        raise InvalidArgs(f"account_id must be 12 digits, not {account_id!r}")
    try:
        partition_named(partition)
    except ValueError as error:
        raise InvalidArgs(f"partition {error}") from None


FRAME = re.compile(
    r"(invoke of \S+ failed: )?(invocation of \S+ returned an error: )?(invoking \S+: )?"
    r"(1 error occurred: \* )?"
)
"""What SDK and engine put around a plugin's own error."""
T = TypeVar("T")


def looked_up(what: str, fix: str, look_up: Callable[[], T]) -> T:
    """What a look-up in Okta answers. Raises RunError, in one line, where it fails."""
    try:
        return look_up()
    except RunError:
        raise
    except Exception as error:  # the SDK raises nothing narrower
        reason = FRAME.sub("", " ".join(str(error).split()), count=1)
        raise RunError(f"{what}: can't be looked up in Okta: {reason}; {fix}") from error
