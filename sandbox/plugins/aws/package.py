"""What the plugin offers."""

from sandbox.plugins.aws.account import ARGUMENTS, SECRETS, connect
from sandbox.plugins.aws.eventbridge import EVENT_RULE, EVENT_TARGET
from sandbox.plugins.aws.lookups import LOOKUPS
from sandbox.plugins.aws.parameter import PARAMETER
from sandbox.plugins.aws.policies import ATTACHMENTS, EXCLUSIVE, INLINE_POLICIES, POLICY
from sandbox.plugins.aws.role import ROLE
from sandbox.plugins.aws.saml_provider import SAML_PROVIDER
from sandbox.plugins.aws.secrets_manager import SECRET, SECRET_VERSION
from sandbox.plugins.aws.users import ACCESS_KEY, GROUP, MEMBERSHIP, USER
from sandbox.plugins.protocol import Package

PACKAGE = Package(
    sdk="pulumi_aws",
    arguments=ARGUMENTS,
    secrets=SECRETS,
    connect=connect,
    resources=(
        SAML_PROVIDER,
        ROLE,
        POLICY,
        *INLINE_POLICIES,
        *ATTACHMENTS,
        *EXCLUSIVE,
        USER,
        GROUP,
        MEMBERSHIP,
        ACCESS_KEY,
        PARAMETER,
        SECRET,
        SECRET_VERSION,
        EVENT_RULE,
        EVENT_TARGET,
    ),
    lookups=LOOKUPS,
)
