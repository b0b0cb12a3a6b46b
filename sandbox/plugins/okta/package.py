"""What the plugin offers."""

from sandbox.plugins.okta.arguments import ARGUMENTS, SECRETS
from sandbox.plugins.okta.group_assignment import GROUP_ASSIGNMENT
from sandbox.plugins.okta.groups import GROUP, GROUP_RULE, USER_GROUP_MEMBERSHIPS
from sandbox.plugins.okta.lookups import LOOKUPS
from sandbox.plugins.okta.oauth_app import OAUTH_APP
from sandbox.plugins.okta.org import connect
from sandbox.plugins.okta.saml_app import SAML_APP
from sandbox.plugins.okta.sign_on_policies import SIGN_ON_POLICY, SIGN_ON_RULE
from sandbox.plugins.okta.user import USER
from sandbox.plugins.protocol import Package


def multierror(text: str) -> str:
    """One error as the bridge prints a list of them (hashicorp/go-multierror)."""
    return f"1 error occurred:\n\t* {text}\n\n"


PACKAGE = Package(
    sdk="pulumi_okta",
    arguments=ARGUMENTS,
    secrets=SECRETS,
    connect=connect,
    resources=(
        SAML_APP,
        OAUTH_APP,
        GROUP,
        GROUP_ASSIGNMENT,
        GROUP_RULE,
        USER_GROUP_MEMBERSHIPS,
        USER,
        SIGN_ON_POLICY,
        SIGN_ON_RULE,
    ),
    lookups=LOOKUPS,
    format_error=multierror,
)
