"""The Okta app, the roles it opens, the user that lists them, the groups, further accounts."""

from okta_aws_federation.trust_policy import Trust

from .access_group import AccessGroup, AccessGroupArgs, Assignment
from .certificates import Certificate
from .command_line import CommandLineApp
from .errors import InvalidArgs
from .federated_role import FederatedRole, FederatedRoleArgs, RolePolicies
from .group_mapping import GroupMapping
from .last_outputs import read_last_outputs
from .lookups import ExistingGroup, find_groups, find_groups_by_id, find_user_ids
from .memberships import retain_former_memberships, user_memberships
from .okta_aws_app import OktaAwsApp, OktaAwsAppArgs
from .provisioning_user import ProvisioningUser, ProvisioningUserArgs, SecretStore, StoreKind
from .registration import bulk_registration, send_no_debug_messages
from .saml_identity_provider import SamlIdentityProvider, SamlIdentityProviderArgs
from .sign_on import SignOnPolicy

__all__ = [
    "AccessGroup",
    "AccessGroupArgs",
    "Assignment",
    "Certificate",
    "CommandLineApp",
    "ExistingGroup",
    "FederatedRole",
    "FederatedRoleArgs",
    "GroupMapping",
    "InvalidArgs",
    "OktaAwsApp",
    "OktaAwsAppArgs",
    "ProvisioningUser",
    "ProvisioningUserArgs",
    "RolePolicies",
    "SamlIdentityProvider",
    "SamlIdentityProviderArgs",
    "SecretStore",
    "SignOnPolicy",
    "StoreKind",
    "Trust",
    "bulk_registration",
    "find_groups",
    "find_groups_by_id",
    "find_user_ids",
    "read_last_outputs",
    "retain_former_memberships",
    "send_no_debug_messages",
    "user_memberships",
]
