"""Who can enter these AWS accounts from Okta, and as what."""

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import arguments
import components
import exports
import settings
from access import preflight

stack = settings.load()
preflight.hold(stack)

org = okta.Provider("okta", arguments.org(stack))
clouds = {
    name: aws.Provider(
        name,
        region=account.region,
        allowed_account_ids=[account.id],
        profile=account.profile,
        assume_roles=arguments.way_in(account),
    )
    for name, account in stack.accounts.items()
}
at_okta = pulumi.ResourceOptions(provider=org, protect=stack.protect)
look_up = pulumi.InvokeOutputOptions(provider=org)
inside = {
    name: pulumi.ResourceOptions(providers=[cloud, org], protect=stack.protect)
    for name, cloud in clouds.items()
}

app = components.OktaAwsApp("federation", arguments.app(stack, clouds), at_okta)
roles = {
    name: components.FederatedRole(
        name,
        arguments.role(stack, place, app),
        pulumi.ResourceOptions.merge(
            inside[place.account],
            pulumi.ResourceOptions(aliases=arguments.former_names(stack, place)),
        ),
    )
    for name, place in stack.account_roles.items()
}
provisioning = (
    None
    if stack.uses_group_mapping
    else components.ProvisioningUser(
        "provisioning", arguments.provisioning(stack), inside[stack.single_account]
    )
)
people = {
    login: okta.user.User(login, arguments.person(stack, login), opts=at_okta).id
    if login in stack.people
    else components.person(login, look_up)
    for login in stack.all_members
}
groups = {
    name: components.AccessGroup(
        name, arguments.group(stack, name, app, roles, people, look_up), at_okta
    )
    for name in stack.groups
}
role_groups = {
    name: components.AccessGroup(name, arguments.role_group(group, people), at_okta)
    for name, group in stack.role_groups.items()
}

exports.publish(app, roles, provisioning, {**groups, **role_groups})
