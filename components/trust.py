"""What a role asks of the people who enter it, besides the word of its SAML providers."""

from dataclasses import dataclass

from okta_aws_federation import trust_policy

from .errors import as_invalid_args


@dataclass(frozen=True, kw_only=True)
class Trust(trust_policy.Trust):
    """What a role asks of people, beyond: vouched for by its providers, at its sign-in pages.

    The library's class, with InvalidArgs in place of its error.
    """

    def __post_init__(self) -> None:
        with as_invalid_args():
            super().__post_init__()
