"""Who can enter these AWS accounts from Okta, and as what."""

import gc

gc.set_threshold(50_000, 20, 100)  # imports and resources stay; looking for garbage costs
import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import component_args
import components
import entitlements
import settings
from access import preflight
from okta_aws_federation import resource_names
from okta_aws_federation.stack_outputs import VERSION

components.send_no_debug_messages()
part = settings.load_part()
stack = part.stack
preflight.enforce(part.estate)
last_outputs = component_args.last_outputs()
component_args.refuse_another_part(part, last_outputs)
okta_provider = (
    okta.Provider("okta", component_args.okta_provider_args(stack)) if part.has_okta else None
)
aws_providers = {
    name: aws.Provider(name, component_args.aws_provider_args(stack.accounts[name]))
    for name in part.accounts
}
okta_opts = pulumi.ResourceOptions(provider=okta_provider, protect=stack.protect)
account_opts = {
    name: pulumi.ResourceOptions.merge(okta_opts, pulumi.ResourceOptions(providers=[provider]))
    for name, provider in aws_providers.items()
}

user_ids, existing_groups = entitlements.look_up(stack, okta_provider)

with components.bulk_registration():
    people = {
        login: okta.user.User(login, component_args.okta_user_args(stack, login), opts=okta_opts).id
        for login in sorted(stack.memberships.keys() & stack.people.keys())
    }
    groups = {
        name: components.AccessGroup(
            name, component_args.access_group_args(stack, name, existing_groups), okta_opts
        )
        for name in (stack.groups if part.has_okta else ())
    } | {
        name: components.AccessGroup(name, component_args.role_group_args(group), okta_opts)
        for name, group in stack.role_groups.items()
    }
    access = entitlements.Entitlements(
        stack=stack,
        groups=groups,
        user_ids={**user_ids, **people},
        opts=okta_opts,
        last_outputs=last_outputs,
    )
    before_app = access.before_app()

app, app_account = None, component_args.app_account(stack)
if part.has_okta:
    app_opts = pulumi.ResourceOptions.merge(
        account_opts.get(app_account, okta_opts), pulumi.ResourceOptions(depends_on=before_app)
    )
    app = components.OktaAwsApp(resource_names.APP, component_args.okta_app_args(part), app_opts)
okta_half = app or component_args.okta_outputs(part)
saml_providers: dict[str, component_args.SamlProviderComponent] = {}
for name in part.accounts:
    own = app if name == app_account else None
    saml_providers[name] = own or components.SamlIdentityProvider(
        resource_names.child_name(resource_names.APP, name),
        component_args.saml_identity_provider_args(stack, name, okta_half.metadata),
        account_opts[name],
    )
with components.bulk_registration():
    roles = {
        name: components.FederatedRole(
            name,
            component_args.federated_role_args(stack, each, saml_providers[each.account]),
            pulumi.ResourceOptions.merge(
                account_opts[each.account],
                pulumi.ResourceOptions(aliases=component_args.role_aliases(stack, each)),
            ),
        )
        for name, each in stack.account_roles.items()
        if each.account in saml_providers
    }
    provisioning = (
        None
        if stack.uses_group_mapping
        else components.ProvisioningUser(
            resource_names.PROVISIONING,
            component_args.provisioning_user_args(stack),
            account_opts[stack.single_account],
        )
    )
    if app:
        access.after_app(app, roles)

role_outputs = {stack.output_key(stack.account_roles[name]): role for name, role in roles.items()}
pulumi.export("contractVersion", VERSION)
pulumi.export("membershipResources", "person")
pulumi.export("appId", okta_half.app_id)
pulumi.export("signInUrl", okta_half.sign_in_url)
pulumi.export("certificateExpires", okta_half.certificate_expires)
pulumi.export("samlProviderArns", {n: each.saml_provider_arn for n, each in saml_providers.items()})
pulumi.export("roles", {n: each.arn for n, each in role_outputs.items()})
pulumi.export("groupIds", {n: each.group_id for n, each in groups.items()})
if app and not part.accounts:
    pulumi.export("metadata", app.metadata)
if provisioning is not None:
    pulumi.export("provisioningAccessKeyId", provisioning.access_key_id)
    pulumi.export("provisioningSecretAccessKey", provisioning.secret_access_key)
