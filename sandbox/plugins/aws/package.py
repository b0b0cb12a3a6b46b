"""What the plugin offers."""

from sandbox.plugins.aws.access_key import ACCESS_KEY
from sandbox.plugins.aws.account import connect
from sandbox.plugins.aws.arguments import ARGUMENTS, SECRETS
from sandbox.plugins.aws.event_rule import EVENT_RULE
from sandbox.plugins.aws.event_target import EVENT_TARGET
from sandbox.plugins.aws.exclusive import EXCLUSIVE
from sandbox.plugins.aws.group import GROUP
from sandbox.plugins.aws.inline_policy import INLINE_POLICIES
from sandbox.plugins.aws.lookups import FUNCTIONS, INVOKES
from sandbox.plugins.aws.membership import MEMBERSHIP
from sandbox.plugins.aws.parameter import PARAMETER
from sandbox.plugins.aws.policy import POLICY
from sandbox.plugins.aws.policy_attachment import ATTACHMENTS
from sandbox.plugins.aws.role import ROLE
from sandbox.plugins.aws.saml_provider import SAML_PROVIDER
from sandbox.plugins.aws.secret import SECRET
from sandbox.plugins.aws.secret_version import SECRET_VERSION
from sandbox.plugins.aws.user import USER
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
    invokes=INVOKES,
    functions=FUNCTIONS,
)
