"""What a stack exports: the contract's outputs, each from the component that knows it."""

from collections.abc import Mapping

import pulumi

import contract
from components import AccessGroup, FederatedRole, OktaAwsApp, ProvisioningUser


def publish(
    app: OktaAwsApp,
    roles: Mapping[str, FederatedRole],
    provisioning: ProvisioningUser | None,
    groups: Mapping[str, AccessGroup],
) -> None:
    """Export what other stacks and the person at the Provisioning tab need."""
    pulumi.export("contractVersion", contract.VERSION)
    pulumi.export("appId", app.app_id)
    pulumi.export("signInUrl", app.sign_in_url)
    pulumi.export("certificateExpires", app.certificate_expires)
    pulumi.export("samlProviderArns", app.provider_arns)
    pulumi.export(
        "roles", {name: {"arn": role.arn, "pair": role.pair} for name, role in roles.items()}
    )
    pulumi.export("trustPolicies", {name: role.trust_policy for name, role in roles.items()})
    pulumi.export("groupIds", {name: group.group_id for name, group in groups.items()})
    if provisioning is not None:
        pulumi.export("provisioningAccessKeyId", provisioning.access_key_id)
        pulumi.export("provisioningSecretAccessKey", provisioning.secret_access_key)
