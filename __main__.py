"""Who can enter these AWS accounts from Okta, and as what."""

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import component_args
import components
import settings
from access import preflight
from okta_aws_federation.stack_outputs import VERSION

stack = settings.load()
preflight.enforce(stack)

org = okta.Provider("okta", component_args.org(stack))
clouds = {
    name: aws.Provider(
        name,
        region=account.region,
        allowed_account_ids=[account.id],
        profile=account.profile,
        assume_roles=component_args.way_in(account),
    )
    for name, account in stack.accounts.items()
}
at_okta = pulumi.ResourceOptions(provider=org, protect=stack.protect)
look_up = pulumi.InvokeOutputOptions(provider=org)
inside = {
    name: pulumi.ResourceOptions(providers=[cloud, org], protect=stack.protect)
    for name, cloud in clouds.items()
}

app = components.OktaAwsApp("federation", component_args.app(stack, clouds), at_okta)
roles = {
    name: components.FederatedRole(
        name,
        component_args.role(stack, place, app),
        pulumi.ResourceOptions.merge(
            inside[place.account],
            pulumi.ResourceOptions(aliases=component_args.former_names(stack, place)),
        ),
    )
    for name, place in stack.account_roles.items()
}
provisioning = (
    None
    if stack.uses_group_mapping
    else components.ProvisioningUser(
        "provisioning", component_args.provisioning(stack), inside[stack.single_account]
    )
)
people = {
    login: okta.user.User(login, component_args.person(stack, login), opts=at_okta).id
    if login in stack.people
    else components.person(login, look_up)
    for login in stack.all_members
}
groups = {
    name: components.AccessGroup(
        name, component_args.group(stack, name, app, roles, people, look_up), at_okta
    )
    for name in stack.groups
}
role_groups = {
    name: components.AccessGroup(name, component_args.role_group(group, people), at_okta)
    for name, group in stack.role_groups.items()
}

pulumi.export("contractVersion", VERSION)
pulumi.export("appId", app.app_id)
pulumi.export("signInUrl", app.sign_in_url)
pulumi.export("certificateExpires", app.certificate_expires)
pulumi.export("samlProviderArns", app.provider_arns)
pulumi.export("roles", {name: {"arn": role.arn, "pair": role.pair} for name, role in roles.items()})
pulumi.export("trustPolicies", {name: role.trust_policy for name, role in roles.items()})
pulumi.export("groupIds", {name: each.group_id for name, each in (groups | role_groups).items()})
if provisioning is not None:
    pulumi.export("provisioningAccessKeyId", provisioning.access_key_id)
    pulumi.export("provisioningSecretAccessKey", provisioning.secret_access_key)
