"""How a component refuses its arguments."""

from collections.abc import Iterator
from contextlib import contextmanager

from pulumi import RunError

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
