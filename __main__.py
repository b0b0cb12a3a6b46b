"""Who can enter this AWS account from Okta, and as what."""

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import components
import exports
import settings

stack = settings.load()
account = stack.account
partition = account.partition

cloud = aws.Provider("aws", region=account.region, allowed_account_ids=[account.id])
org = okta.Provider("okta")
inside = pulumi.ResourceOptions(providers=[cloud, org], protect=stack.protect)

app = components.OktaAwsApp(
    "federation",
    components.OktaAwsAppArgs(
        label=stack.app.label,
        provider_name=stack.app.provider,
        accounts={
            name: components.SamlAccount(id=each.id, partition=partition.name, provider=cloud)
            for name, each in stack.accounts.items()
        },
        session_hours=stack.app.session_hours,
        login_url=partition.console,
        environment=partition.okta_environment,
    ),
    inside,
)
roles = {
    name: components.FederatedRole(
        name,
        components.FederatedRoleArgs(
            role_name=name,
            provider_arns=list(app.provider_arns.values()),
            audiences=[partition.sign_in_url],
            policies={settings.short_name(p): account.policy_arn(p) for p in role.managed_policies},
            description=role.description,
            session_hours=role.session_hours,
        ),
        inside,
    )
    for name, role in stack.roles.items()
}
provisioning = components.ProvisioningUser(
    "provisioning",
    components.ProvisioningUserArgs(
        user_name=stack.provisioning.user,
        policy_name=stack.provisioning.policy,
        group_name=stack.provisioning.group,
        keys=stack.provisioning.keys,
    ),
    inside,
)
people = {
    login: components.person(login, pulumi.InvokeOutputOptions(provider=org))
    for login in stack.people
}
groups = {
    name: components.AccessGroup(
        name,
        components.AccessGroupArgs(
            group_name=name,
            description=group.description,
            roles=group.roles,
            assigned_to=app.app_id if stack.provisioning.integration == "done" else None,
            priority=stack.priorities[name],
            members={login: people[login] for login in group.members},
        ),
        inside,
    )
    for name, group in stack.groups.items()
}

exports.publish(app, roles, provisioning, groups)
