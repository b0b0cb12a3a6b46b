import pulumi

from okta_aws_federation import ProvisioningUser, ProvisioningUserArgs, SecretStore, StoreKind

store = SecretStore(kind=StoreKind.PARAMETER, name="/okta/provisioning")
user = ProvisioningUser("provisioning", ProvisioningUserArgs(store=store))
pulumi.export("accessKeyId", user.access_key_id)
