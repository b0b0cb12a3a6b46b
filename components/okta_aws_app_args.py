"""What `OktaAwsApp` is made of, and what it refuses to be made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import Input, ProviderResource

from .certificates import Certificate
from .command_line import CommandLineApp
from .errors import InvalidArgs
from .group_mapping import GroupMapping
from .sign_on import SignOnPolicy


@dataclass(frozen=True, kw_only=True)
class SamlAccount:
    """An AWS account that trusts the app."""

    id: str
    """Its 12 digits."""

    partition: str
    """The second field of its ARNs: `aws`, `aws-us-gov` or `aws-cn`."""

    provider: ProviderResource
    """Who works in it."""


@dataclass(frozen=True, kw_only=True)
class OktaAwsAppArgs:
    label: str
    """The tile's name in Okta."""

    provider_name: str
    """The SAML provider's name: the same in every account, or Okta opens none but one."""

    accounts: Mapping[str, SamlAccount]
    """Short name -> account. The names become child names, so they are plain."""

    active: bool = True
    """Whether anybody may enter. It has to be true at first: Okta gives no metadata of an app that
    was never active."""

    session_hours: int = 1
    """How long a console session lasts: 1 to 12, and no longer than the shortest role allows."""

    login_url: str
    """Where a person lands after the sign-in."""

    environment: str
    """Okta's `awsEnvironmentType`: `aws.amazon` for the commercial partition."""

    sign_in_url: str | None = None
    """Where Okta posts assertions, if not to the global endpoint: that of a region."""

    join_all_roles: bool = False
    """Whether a person who is assigned directly keeps the roles of their groups."""

    group_mapping: GroupMapping | None = None
    """Roles from the names of groups, in any number of accounts; None: from assignments, in one."""

    session_tags: Mapping[str, str] = field(default_factory=dict)
    """Session tags that the app sends: key -> Okta expression."""

    source_identity: str | None = None
    """Okta expression of the source identity that the app sends."""

    command_line: CommandLineApp | Input[str] | None = None
    """The native app for okta-aws-cli: one to be made, or the client id of one that exists."""

    sign_on_policy: SignOnPolicy | Input[str] | None = None
    """The sign-on policy: one to be made, or the id of one that exists; None: the org's default."""

    certificate: Certificate = field(default_factory=Certificate)
    """The signing certificate's generation, and what AWS accepts besides."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the SAML providers."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= 12:
            raise InvalidArgs(f"session_hours must be 1 to 12, not {self.session_hours}")
        if not self.accounts:
            raise InvalidArgs("accounts must hold at least one account, not none")
        if len(self.accounts) > 1 and self.group_mapping is None:
            raise InvalidArgs(
                f"accounts must be one without group_mapping, not {len(self.accounts)}"
            )
        partitions = sorted({account.partition for account in self.accounts.values()})
        if len(partitions) > 1:
            raise InvalidArgs(f"accounts must lie in one partition, not {', '.join(partitions)}")
