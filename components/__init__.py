"""Four components: the Okta app, the roles it opens, the user that lists them, the groups."""

from .access_group import AccessGroup, AccessGroupArgs
from .assignment import Assignment
from .certificates import Certificate
from .command_line import CommandLineApp
from .errors import InvalidArgs
from .federated_role import FederatedRole, FederatedRoleArgs
from .group_mapping import GroupMapping
from .lookups import existing_group, person
from .okta_aws_app import OktaAwsApp
from .okta_aws_app_args import OktaAwsAppArgs, SamlAccount
from .provisioning_user import ProvisioningUser, ProvisioningUserArgs
from .role_policies import RolePolicies
from .secret_store import SecretStore, StoreKind
from .sign_on import SignOnPolicy
from .trust import Trust

__all__ = [
    "AccessGroup",
    "AccessGroupArgs",
    "Assignment",
    "Certificate",
    "CommandLineApp",
    "FederatedRole",
    "FederatedRoleArgs",
    "GroupMapping",
    "InvalidArgs",
    "OktaAwsApp",
    "OktaAwsAppArgs",
    "ProvisioningUser",
    "ProvisioningUserArgs",
    "RolePolicies",
    "SamlAccount",
    "SecretStore",
    "SignOnPolicy",
    "StoreKind",
    "Trust",
    "existing_group",
    "person",
]
