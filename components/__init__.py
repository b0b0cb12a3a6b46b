"""Four components: the Okta app, the roles it opens, the user that lists them, the groups."""

from components.access_group import AccessGroup, AccessGroupArgs, person
from components.federated_role import FederatedRole, FederatedRoleArgs
from components.okta_aws_app import OktaAwsApp, OktaAwsAppArgs, SamlAccount
from components.provisioning_user import ProvisioningUser, ProvisioningUserArgs

__all__ = [
    "AccessGroup",
    "AccessGroupArgs",
    "FederatedRole",
    "FederatedRoleArgs",
    "OktaAwsApp",
    "OktaAwsAppArgs",
    "ProvisioningUser",
    "ProvisioningUserArgs",
    "SamlAccount",
    "person",
]
