"""What a role asks of the people who enter it, besides the word of its SAML providers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Input, Output

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


def trust_document(
    provider_arns: Sequence[Input[str]], audiences: Sequence[str], trust: trust_policy.Trust
) -> Output[str]:
    """A role's trust policy, JSON. `Output.json_dumps` makes an output of each value in a document,
    known or not: a tenth of the program's CPU at 500 roles."""
    document = trust_policy.build_document(provider_arns, audiences, trust)
    try:
        return Output.from_input(json.dumps(document, sort_keys=True))
    except TypeError:  # one of the ARNs is an output
        return Output.json_dumps(document, sort_keys=True)
