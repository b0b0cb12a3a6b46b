"""What is there already, made by hand or by a lost state, as a file for `pulumi import`.

Names and parents are those of the components, so that the next preview finds its own resources.
Sources: Pulumi, "Bulk import operations"; import ids as the providers' pages give them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from access.model import AccessModel
from access.verification.aws_state import AccountState
from access.verification.okta_state import OrgState
from okta_aws_federation.resource_names import APP, PROVISIONING, TYPE_PREFIX, child_name
from settings import AccountRole, short_name


@dataclass(frozen=True)
class ImportableResource:
    """A resource that exists, under the name that the program gives it."""

    type: str
    name: str
    id: str
    parent: tuple[str, str]
    """Type and name of its component."""
    provider: str
    """Name of the provider: an account's short name, or okta."""


def discover(
    model: AccessModel, org: OrgState, accounts: Mapping[str, AccountState]
) -> list[ImportableResource]:
    """All that a stack file says and that exists.

    Left out is what can't be imported or needs not be: access keys, whose secret nobody can read,
    memberships and exclusive lists, which an update makes without touching what is there.
    """
    return [*_in_okta(model, org), *_in_aws(model, accounts)]


def _in_okta(model: AccessModel, org: OrgState) -> Iterator[ImportableResource]:
    if org.app is not None:
        app_id = str(org.app.app["id"])
        parent = ("OktaAwsApp", APP)
        yield ImportableResource("okta:app/saml:Saml", f"{APP}-app", app_id, parent, "okta")
    for name, group in org.groups.items():
        parent = ("AccessGroup", name)
        section = model.stack.groups.get(name)
        if section is None or section.is_managed:
            yield ImportableResource(
                "okta:group/group:Group", f"{name}-group", group.id, parent, "okta"
            )
        if org.app is not None and model.stack.assignments_enabled and name in org.app.assignments:
            kind = "okta:app/groupAssignment:GroupAssignment"
            yield ImportableResource(
                kind, f"{name}-assignment", f"{app_id}/{group.id}", parent, "okta"
            )
        if group.rule_id is not None:
            yield ImportableResource(
                "okta:group/rule:Rule", f"{name}-rule", group.rule_id, parent, "okta"
            )


def _in_aws(
    model: AccessModel, accounts: Mapping[str, AccountState]
) -> Iterator[ImportableResource]:
    stack = model.stack
    for name, state in accounts.items():
        if state.metadata is not None:
            arn = stack.accounts[name].saml_provider_arn(stack.app.provider)
            kind = "aws:iam/samlProvider:SamlProvider"
            child = child_name(APP, name)
            own = name == min(stack.accounts)
            parent = ("OktaAwsApp", APP) if own else ("SamlIdentityProvider", child)
            yield ImportableResource(kind, child, arn, parent, name)
    for name, account_role in stack.account_roles.items():
        yield from _role(model, name, account_role, accounts[account_role.account])
    if not stack.uses_group_mapping:
        yield from _user(model, accounts[stack.single_account])


def _role(
    model: AccessModel, name: str, account_role: AccountRole, state: AccountState
) -> Iterator[ImportableResource]:
    there, section = state.roles.get(account_role.role), model.stack.roles[account_role.role]
    if there is None:
        return
    account, parent = model.stack.accounts[account_role.account], ("FederatedRole", name)
    yield ImportableResource(
        "aws:iam/role:Role", f"{name}-role", account_role.role, parent, account_role.account
    )
    arns = {short_name(each): account.policy_arn(each) for each in section.managed_policies}
    own = {each: account.own_policy_arn(each) for each in section.customer_policies}
    for short, arn in own.items():
        if arn in state.policies:
            yield ImportableResource(
                "aws:iam/policy:Policy",
                child_name(name, short),
                arn,
                parent,
                account_role.account,
            )
    for short, arn in (arns | own).items():
        if arn in there.attached:
            kind = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
            yield ImportableResource(
                kind,
                child_name(name, short),
                f"{account_role.role}/{arn}",
                parent,
                account_role.account,
            )
    for short in section.inline_policies:
        if short in there.inline:
            kind, identifier = "aws:iam/rolePolicy:RolePolicy", f"{account_role.role}:{short}"
            yield ImportableResource(
                kind,
                child_name(name, short, suffix="-inline"),
                identifier,
                parent,
                account_role.account,
            )


def _user(model: AccessModel, state: AccountState) -> Iterator[ImportableResource]:
    section, account, home = (
        model.stack.provisioning,
        model.stack.account,
        model.stack.single_account,
    )
    parent, arn = ("ProvisioningUser", PROVISIONING), account.own_policy_arn(section.policy)
    if arn in state.policies:
        yield ImportableResource(
            "aws:iam/policy:Policy", f"{PROVISIONING}-policy", arn, parent, home
        )
    if section.attach == "group" and section.group in state.groups:
        yield ImportableResource(
            "aws:iam/group:Group", f"{PROVISIONING}-group", section.group, parent, home
        )
        if arn in state.groups[section.group]:
            kind = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
            yield ImportableResource(
                kind, f"{PROVISIONING}-attachment", f"{section.group}/{arn}", parent, home
            )
    if state.user is None:
        return
    yield ImportableResource(
        "aws:iam/user:User", f"{PROVISIONING}-user", section.user, parent, home
    )
    if section.attach == "group" and section.group in state.user.groups:
        kind = "aws:iam/userGroupMembership:UserGroupMembership"
        yield ImportableResource(
            kind, f"{PROVISIONING}-membership", f"{section.user}/{section.group}", parent, home
        )
    if section.attach == "user" and arn in state.user.attached:
        kind = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
        yield ImportableResource(
            kind, f"{PROVISIONING}-attachment", f"{section.user}/{arn}", parent, home
        )


def import_file(resources: list[ImportableResource], project: str, stack: str) -> dict[str, Any]:
    """What `pulumi import --file` reads. The providers must be in the state already."""
    parents = {each.parent: f"component {' '.join(each.parent)}" for each in resources}
    providers = sorted({each.provider for each in resources})
    return {
        "nameTable": {
            f"provider {name}": f"urn:pulumi:{stack}::{project}::pulumi:providers:"
            f"{'okta' if name == 'okta' else 'aws'}::{name}"
            for name in providers
        },
        "resources": [
            *(
                {
                    "type": f"{TYPE_PREFIX}{kind}",
                    "name": key,
                    "logicalName": name,
                    "component": True,
                }
                for (kind, name), key in parents.items()
            ),
            *(
                {
                    "type": each.type,
                    "name": f"{each.type} {each.name}",
                    "logicalName": each.name,
                    "id": each.id,
                    "parent": parents[each.parent],
                    "provider": f"provider {each.provider}",
                }
                for each in resources
            ),
        ],
    }
