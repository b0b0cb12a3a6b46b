"""What a stack file says, in the words of the components: one pure function for each of them."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import components
from settings import (
    Account,
    AccountRole,
    App,
    Group,
    RoleGroup,
    Settings,
    policy_document,
    short_name,
)


def way_in(account: Account) -> list[aws.ProviderAssumeRoleArgs] | None:
    """The role that the deployment assumes, if it is not in the account already."""
    if account.assume_role is None:
        return None
    return [aws.ProviderAssumeRoleArgs(role_arn=account.assume_role)]


def org(stack: Settings) -> okta.ProviderArgs:
    """Where the org is, and who calls, say the OKTA_ variables."""
    said = stack.okta
    return okta.ProviderArgs(
        max_api_capacity=said.max_api_capacity,
        max_retries=said.max_retries,
        min_wait_seconds=said.min_wait_seconds,
        max_wait_seconds=said.longest_wait_seconds,
        # Only if the stack file has it: the provider counts the waits of a call against it.
        request_timeout=said.request_timeout_seconds,
    )


def app(stack: Settings, clouds: Mapping[str, aws.Provider]) -> components.OktaAwsAppArgs:
    said = stack.app
    return components.OktaAwsAppArgs(
        label=said.label,
        provider_name=said.provider,
        active=said.active,
        accounts={
            name: components.SamlAccount(
                id=account.id, partition=account.partition.name, provider=clouds[name]
            )
            for name, account in stack.accounts.items()
        },
        session_hours=said.session_hours,
        login_url=said.login_url or stack.partition.console,
        environment=said.environment or stack.partition.okta_environment,
        sign_in_url=stack.partition.acs_url(said.sign_in_region),
        join_all_roles=said.join_all_roles,
        group_mapping=group_mapping(stack) if stack.uses_group_mapping else None,
        session_tags=said.session_tags,
        source_identity=said.source_identity.value if said.source_identity else None,
        command_line=command_line(said),
        sign_on_policy=sign_on_policy(said),
        certificate=certificate(stack),
        tags=stack.tags,
    )


def group_mapping(stack: Settings) -> components.GroupMapping:
    return components.GroupMapping(group_filter=stack.app.group_filter, role_path=stack.role_path)


def command_line(said: App) -> components.CommandLineApp | str | None:
    if said.command_line is None:
        return said.web_sso_allowed_client
    return components.CommandLineApp(label=said.command_line.label)


def sign_on_policy(said: App) -> components.SignOnPolicy | str | None:
    if said.sign_on_policy is None:
        return said.sign_on_policy_id
    return components.SignOnPolicy(
        policy_name=said.sign_on_policy.name,
        reauthenticate_hours=said.sign_on_policy.reauthenticate_hours,
    )


def certificate(stack: Settings) -> components.Certificate:
    said = stack.app.certificate
    return components.Certificate(
        generation=said.generation,
        years=said.years,
        also_trusted=said.also_trusted,
        warn_days=said.warn_days,
        today=stack.today,
    )


def role(
    stack: Settings, place: AccountRole, app: components.OktaAwsApp
) -> components.FederatedRoleArgs:
    said, account = stack.roles[place.role], stack.accounts[place.account]
    return components.FederatedRoleArgs(
        role_name=place.role,
        provider_arns=stack.saml_provider_arns(place),
        after=[app.providers[place.account]],
        audiences=stack.audiences,
        trust=stack.trust_of(place),
        policies=components.RolePolicies(
            managed={short_name(each): account.policy_arn(each) for each in said.managed_policies},
            customer={each: policy_document(told) for each, told in said.customer_policies.items()},
            inline={each: policy_document(told) for each, told in said.inline_policies.items()},
            exclusive=said.exclusive,
        ),
        boundary=account.policy_arn(said.boundary) if said.boundary else None,
        path=said.path,
        description=said.description,
        tags={**stack.tags, **said.tags},
        session_hours=said.session_hours,
        alarms={arn.split(":")[3]: arn for arn in said.alarms},
        trust_quota=stack.quotas.trust_policy_characters,
    )


def former_names(stack: Settings, place: AccountRole) -> list[pulumi.Alias]:
    """What the engine calls a role in the other mode: a change of mode must not make it anew.

    For a stack of one account only: nobody knows in which of several the role was before.
    """
    if len(stack.accounts) > 1:
        return []
    other = place.role if stack.uses_group_mapping else f"{place.account}-{place.role}"
    return [pulumi.Alias(name=other)]


def provisioning(stack: Settings) -> components.ProvisioningUserArgs:
    said = stack.provisioning
    wide = said.permissions == "multi-account"
    return components.ProvisioningUserArgs(
        user_name=said.user,
        policy_name=said.policy,
        group_name=said.group if said.attach == "group" else None,
        keys=said.generations,
        accounts_of_partition=stack.partition.name if wide else None,
        source_ips=said.source_ips,
        store=components.SecretStore(
            kind=components.StoreKind(said.store.kind),
            secret_name=said.store.name,
            kms_key=said.store.kms_key,
        )
        if said.store
        else None,
        tags=stack.tags,
    )


def group(
    stack: Settings,
    name: str,
    app: components.OktaAwsApp,
    roles: Mapping[str, components.FederatedRole],
    people: Mapping[str, pulumi.Input[str]],
    org: pulumi.InvokeOutputOptions,
) -> components.AccessGroupArgs:
    said = stack.groups[name]
    return components.AccessGroupArgs(
        group_name=name,
        existing_id=existing_id(name, said, org),
        description=said.description,
        members=among(people, stack.members(name)),
        rule=said.rule,
        assignment=components.Assignment(
            app_id=app.app_id,
            priority=stack.priorities[name],
            priority_matters=name in stack.prioritized_groups,
            roles=None if stack.uses_group_mapping else said.roles,
            after=[] if stack.uses_group_mapping else [roles[role] for role in sorted(said.roles)],
        )
        if stack.assignments_enabled
        else None,
        command_line_app=app.command_line_app_id,
    )


def existing_id(
    name: str, group: Group, org: pulumi.InvokeOutputOptions
) -> pulumi.Input[str] | None:
    if group.id is None and group.existing:
        return components.existing_group(name, org)
    return group.id


def role_group(
    group: RoleGroup, people: Mapping[str, pulumi.Input[str]]
) -> components.AccessGroupArgs:
    """A group whose name says account and role; it needs no assignment of its own."""
    return components.AccessGroupArgs(
        group_name=group.name,
        description=f"Opens {group.role} in AWS account {group.account}.",
        members=among(people, group.members),
        rule=group.rule,
    )


def person(stack: Settings, login: str) -> okta.user.UserArgs:
    """Somebody new. Without a password: Okta sends a mail, and they choose one."""
    said = stack.people[login]
    return okta.user.UserArgs(
        login=login,
        email=said.email,
        first_name=said.first_name,
        last_name=said.last_name,
        department=said.department,
    )


def among(
    people: Mapping[str, pulumi.Input[str]], logins: Sequence[str]
) -> dict[str, pulumi.Input[str]]:
    return {login: people[login] for login in logins}
