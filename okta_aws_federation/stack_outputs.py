"""What a federation's stack exports: the one source of names, forms and meanings.

The keys are the names on the wire.
"""

from typing import (
    Literal,
    NotRequired,  # as pydantic wants it before Python 3.12
)

from typing_extensions import TypedDict

VERSION: Literal[2] = 2
"""Counted up when a consumer has to change; a stack says which it is."""


class Outputs(TypedDict):
    """What a federation's stack exports."""

    contractVersion: Literal[2]
    """The version of this contract."""
    appId: str
    """Okta's id of the app."""
    signInUrl: str
    """The tile's link: it starts a sign-in at Okta and ends in AWS."""
    certificateExpires: str
    """When the app's signing certificate runs out (RFC 3339)."""
    samlProviderArns: dict[str, str]
    """Account's short name -> ARN of its SAML provider."""
    roles: dict[str, str]
    """Name of a role -> its ARN; in mode `group-mapping` by `account-role`, the account's short
    name first."""
    groupIds: dict[str, str]
    """Name of a group -> Okta's id of it."""
    metadata: NotRequired[str]
    """The Okta half of an estate: the app's metadata (XML), which the accounts' stacks read."""
    membershipResources: NotRequired[Literal["person"]]
    """How the state holds memberships: a resource for each person. Not there if the stack was last
    deployed by a release with a resource for each membership."""
    provisioningAccessKeyId: NotRequired[str]
    """Mode `saml-roles`: the id of the key that goes into Okta's Provisioning tab."""
    provisioningSecretAccessKey: NotRequired[str]
    """Mode `saml-roles`: the secret of that key. A secret in the state of whoever reads it."""
