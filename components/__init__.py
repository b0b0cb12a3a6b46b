"""Four components: the Okta app, the roles it opens, the user that lists them, the groups."""

from components.access_group import AccessGroup, AccessGroupArgs
from components.app_settings import GroupMapping
from components.assignment import Assignment
from components.certificates import Certificate
from components.command_line import CommandLineApp
from components.federated_role import FederatedRole, FederatedRoleArgs
from components.lookups import existing_group, person
from components.okta_aws_app import OktaAwsApp
from components.okta_aws_app_args import OktaAwsAppArgs, SamlAccount
from components.provisioning_user import ProvisioningUser, ProvisioningUserArgs
from components.role_policies import RolePolicies
from components.secret_store import SecretStore, StoreKind
from components.sign_on import SignOnPolicy
from components.trust import Trust

__all__ = [
    "AccessGroup",
    "AccessGroupArgs",
    "Assignment",
    "Certificate",
    "CommandLineApp",
    "FederatedRole",
    "FederatedRoleArgs",
    "GroupMapping",
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
