"""A stack file's sections as arguments of the components: one function for each of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

import components
from okta_aws_federation.resource_names import child_name, former_child_name
from okta_aws_federation.stack_reference import Federation
from settings import (
    Account,
    AccountRole,
    Part,
    RoleGroup,
    Settings,
    policy_document,
    short_name,
)
from settings.documents import Statement
from settings.errors import PROJECT
from settings.okta import DEFAULT_BASE_URL

SamlProviderComponent = components.OktaAwsApp | components.SamlIdentityProvider


def aws_provider_args(account: Account) -> aws.ProviderArgs:
    """One of section `accounts`. Without `assumeRole` the deployment's own credentials are the
    account's."""
    role = account.assume_role
    return aws.ProviderArgs(
        region=account.region,
        allowed_account_ids=[account.id],
        profile=account.profile,
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role)] if role else None,
    )


def okta_outputs(part: Part) -> Federation:
    """The outputs of the stack that has the Okta half of the part's estate."""
    return Federation(f"{pulumi.get_organization()}/{PROJECT}/{part.okta_stack}")


def okta_provider_args(stack: Settings) -> okta.ProviderArgs:
    """Section `okta`: org, rate limits and retries. Credentials come from OKTA_ variables, and so
    does the org where the stack file does not pin it."""
    section = stack.okta
    return okta.ProviderArgs(
        org_name=section.org,
        base_url=(section.base_url or DEFAULT_BASE_URL) if section.org else None,
        max_api_capacity=section.max_api_capacity,
        max_retries=section.max_retries,
        min_wait_seconds=section.min_wait_seconds,
        max_wait_seconds=section.longest_wait_seconds,
        # Only if the stack file has it: the provider counts the waits of a call against it.
        request_timeout=section.request_timeout_seconds,
    )


def app_account(stack: Settings) -> str:
    """Short name of the account whose SAML provider the app component creates; the others get a
    `SamlIdentityProvider` each."""
    return min(stack.accounts)


def okta_app_args(part: Part) -> components.OktaAwsAppArgs:
    """Section `app`, for the account of `app_account`, whose half may be another stack's."""
    stack = part.stack
    app, account = stack.app, app_account(stack)
    return components.OktaAwsAppArgs(
        creates_saml_provider=account in part.accounts,
        account_id=stack.accounts[account].id,
        account_name=account,
        partition=stack.partition.name,
        label=app.label,
        provider_name=app.provider,
        additional_provider_names=app.additional_providers,
        active=app.active,
        session_hours=app.session_hours,
        login_url=app.login_url,
        environment=app.environment,
        sign_in_url=stack.partition.acs_url(app.sign_in_region),
        join_all_roles=app.join_all_roles,
        group_mapping=components.GroupMapping(
            group_filter=app.group_filter, role_path=stack.role_path, app_filter=app.app_filter
        )
        if stack.uses_group_mapping
        else None,
        user_name_template=app.user_name_template,
        session_tags=app.session_tags,
        transitive_tags=app.transitive_tags,
        source_identity=app.source_identity.value if app.source_identity else None,
        # Created, or the id of one that exists.
        command_line=components.CommandLineApp(**dict(app.command_line))
        if app.command_line
        else app.web_sso_allowed_client,
        sign_on_policy=components.SignOnPolicy(**dict(app.sign_on_policy))
        if app.sign_on_policy
        else app.sign_on_policy_id,
        certificate=components.Certificate(
            signing_key_name=app.certificate.generation,
            years=app.certificate.years,
            additional_key_ids=app.certificate.also_trusted,
            warn_days=app.certificate.warn_days,
            today=stack.today,
        ),
        tags=stack.tags,
    )


def saml_identity_provider_args(
    stack: Settings, account: str, metadata: pulumi.Input[str]
) -> components.SamlIdentityProviderArgs:
    """The SAML provider of a further account, by its short name."""
    return components.SamlIdentityProviderArgs(
        account_id=stack.accounts[account].id,
        partition=stack.partition.name,
        provider_name=stack.app.provider,
        additional_provider_names=stack.app.additional_providers,
        metadata=metadata,
        audiences=stack.audiences,
        tags=stack.tags,
    )


def federated_role_args(
    stack: Settings, account_role: AccountRole, app: SamlProviderComponent
) -> components.FederatedRoleArgs:
    """Section `roles`, one role in one account; `app` has the account's SAML provider."""
    role, account = stack.sections_of(account_role)
    return components.FederatedRoleArgs(
        role_name=account_role.role,
        app=app,
        provider_arns=stack.saml_provider_arns(account_role),
        audiences=stack.audiences,
        trust=stack.trust_of(account_role),
        policies=components.RolePolicies(
            managed={short_name(each): account.policy_arn(each) for each in role.managed_policies},
            customer=policy_documents(role.customer_policies),
            inline=policy_documents(role.inline_policies),
            exclusive=role.exclusive,
        ),
        permissions_boundary=account.policy_arn(role.boundary) if role.boundary else None,
        path=role.path,
        description=role.description,
        tags={**stack.tags, **role.tags},
        max_session_hours=role.session_hours,
        sign_in_alarm_targets={arn.split(":")[3]: arn for arn in role.alarms},
        trust_quota=stack.quotas.trust_policy_characters,
    )


def policy_documents(policies: Mapping[str, Iterable[Statement]]) -> dict[str, str]:
    """Policy's name -> its document, JSON."""
    return {name: policy_document(statements) for name, statements in policies.items()}


def role_aliases(stack: Settings, account_role: AccountRole) -> list[pulumi.Alias]:
    """What the engine's state may call a role: its name before names were escaped, and, in a stack
    of one account, its name in the other mode. A change of mode must not create the role anew.
    Among several accounts, all of `group-mapping`, nobody knows in which the role was before.
    """
    account, role = account_role
    names = {child_name(account, role), former_child_name(account, role)}
    if len(stack.accounts) == 1:
        names.add(role)
    # A name that is another role's own today can't be this one's.
    return [pulumi.Alias(name=name) for name in sorted(names - stack.account_roles.keys())]


def provisioning_user_args(stack: Settings) -> components.ProvisioningUserArgs:
    """Section `provisioning`."""
    section, store = stack.provisioning, stack.provisioning.store
    multi_account = section.permissions == "multi-account"
    return components.ProvisioningUserArgs(
        user_name=section.user,
        policy_name=section.policy,
        group_name=section.group if section.attach == "group" else None,
        access_key_generations=section.keys,
        accounts_of_partition=stack.partition.name if multi_account else None,
        source_ips=section.source_ips,
        store=components.SecretStore(
            kind=components.StoreKind(store.kind), name=store.name, kms_key=store.kms_key
        )
        if store
        else None,
        tags=stack.tags,
    )


def access_group_args(
    stack: Settings, name: str, existing: Mapping[str, components.ExistingGroup]
) -> components.AccessGroupArgs:
    """Section `groups`, one group without its assignment; `existing`: groups that were looked up,
    by name."""
    group = stack.groups[name]
    return components.AccessGroupArgs(
        group_name=name,
        existing_id=existing[name].id if name in existing else None,
        description=group.description,
        rule=group.rule,
    )


def role_group_args(group: RoleGroup) -> components.AccessGroupArgs:
    """A group whose name holds account and role; it needs no assignment of its own."""
    return components.AccessGroupArgs(
        group_name=group.name,
        description=f"Opens {group.role} in AWS account {group.account}.",
        rule=group.rule,
    )


def okta_user_args(stack: Settings, login: str) -> okta.user.UserArgs:
    """Section `people`, one person. Without a password: Okta mails them to choose one."""
    return okta.user.UserArgs(login=login, **dict(stack.people[login]))


def last_outputs() -> dict[str, Any]:
    """What the stack's last update exported; empty before its first."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    return components.read_last_outputs(stack)


def refuse_another_part(part: Part, outputs: Mapping[str, Any]) -> None:
    """Raises RunError if the stack has deployed another part than its file has today: the update
    would delete that, and with it what people sign in by."""
    if not part.label:
        return
    accounts = sorted(outputs.get("samlProviderArns") or {})
    deployed = ["the Okta half"] if outputs.get("groupIds") else []
    deployed += [f"account {name}" for name in accounts]
    wanted = ["the Okta half"] if part.has_okta else [f"account {name}" for name in part.accounts]
    if deployed and deployed != wanted:
        raise pulumi.RunError(
            f"this stack has deployed {', '.join(deployed)}, and its file is {part.label}: the "
            "update would delete that; correct part in the file"
        )
