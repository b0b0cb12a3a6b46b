"""Reads of what was created just now: repeated until IAM shows it, for up to two minutes."""

from collections.abc import Callable

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.retries import wait_for
from sandbox.plugins.values import Values

Read = Callable[[Account, str, Values], Values | None]

INVALID_PRINCIPAL = {"MalformedPolicyDocument", "ConcurrentModification"}
CONCURRENT = {"ConcurrentModification"}


def until_visible(read: Read) -> Read:
    """As `RetryWhenNewResourceNotFound` of terraform-provider-aws; None after the time is up."""

    def read_created(account: Account, identifier: str, state: Values) -> Values | None:
        return wait_for(
            account.clock, lambda: read(account, identifier, state), lambda result: result is None
        )

    return read_created
