"""What is there already, made by hand or by a lost state, as a file for `pulumi import`.

Names and parents are those of the components, so that the next preview finds its own resources.
Sources: Pulumi, "Bulk import operations"; import ids as the providers' pages give them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from access.estate import Estate
from access.verification.aws import AccountState
from access.verification.okta import OrgState
from settings import AccountRole, short_name

APP, USER = "federation", "provisioning"
COMPONENTS = "okta-aws-federation:index:"


@dataclass(frozen=True)
class Found:
    """A resource that exists, under the name that the program gives it."""

    type: str
    name: str
    id: str
    parent: tuple[str, str]
    """Type and name of its component."""
    provider: str
    """Name of the provider: an account's short name, or okta."""


def found(estate: Estate, org: OrgState, accounts: Mapping[str, AccountState]) -> list[Found]:
    """All that a stack file says and that exists.

    Left out is what can't be imported or needs not be: access keys, whose secret nobody can read,
    memberships and exclusive lists, which an update makes without touching what is there.
    """
    return [*_in_okta(estate, org), *_in_aws(estate, accounts)]


def _in_okta(estate: Estate, org: OrgState) -> Iterator[Found]:
    if org.app is not None:
        app_id = str(org.app.app["id"])
        parent = ("OktaAwsApp", APP)
        yield Found("okta:app/saml:Saml", f"{APP}-app", app_id, parent, "okta")
    for name, group in org.groups.items():
        parent = ("AccessGroup", name)
        said = estate.stack.groups.get(name)
        if said is None or said.is_managed:
            yield Found("okta:group/group:Group", f"{name}-group", group.id, parent, "okta")
        if org.app is not None and estate.stack.assignments_enabled and name in org.app.assignments:
            kind = "okta:app/groupAssignment:GroupAssignment"
            yield Found(kind, f"{name}-assignment", f"{app_id}/{group.id}", parent, "okta")
        if group.rule_id is not None:
            yield Found("okta:group/rule:Rule", f"{name}-rule", group.rule_id, parent, "okta")


def _in_aws(estate: Estate, accounts: Mapping[str, AccountState]) -> Iterator[Found]:
    stack = estate.stack
    for name, state in accounts.items():
        if state.metadata is not None:
            arn = stack.accounts[name].saml_provider_arn(stack.app.provider)
            kind = "aws:iam/samlProvider:SamlProvider"
            yield Found(kind, f"{APP}-{name}", arn, ("OktaAwsApp", APP), name)
    for name, place in stack.account_roles.items():
        yield from _role(estate, name, place, accounts[place.account])
    if not stack.uses_group_mapping:
        yield from _user(estate, accounts[stack.single_account])


def _role(estate: Estate, name: str, place: AccountRole, state: AccountState) -> Iterator[Found]:
    there, said = state.roles.get(place.role), estate.stack.roles[place.role]
    if there is None:
        return
    account, parent = estate.stack.accounts[place.account], ("FederatedRole", name)
    yield Found("aws:iam/role:Role", f"{name}-role", place.role, parent, place.account)
    arns = {short_name(each): account.policy_arn(each) for each in said.managed_policies}
    own = {each: account.own_policy_arn(each) for each in said.customer_policies}
    for short, arn in own.items():
        if arn in state.policies:
            yield Found("aws:iam/policy:Policy", f"{name}-{short}", arn, parent, place.account)
    for short, arn in (arns | own).items():
        if arn in there.attached:
            kind = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
            yield Found(kind, f"{name}-{short}", f"{place.role}/{arn}", parent, place.account)
    for short in said.inline_policies:
        if short in there.inline:
            kind, identifier = "aws:iam/rolePolicy:RolePolicy", f"{place.role}:{short}"
            yield Found(kind, f"{name}-{short}-inline", identifier, parent, place.account)


def _user(estate: Estate, state: AccountState) -> Iterator[Found]:
    said, account, home = (
        estate.stack.provisioning,
        estate.stack.account,
        estate.stack.single_account,
    )
    parent, arn = ("ProvisioningUser", USER), account.own_policy_arn(said.policy)
    if arn in state.policies:
        yield Found("aws:iam/policy:Policy", f"{USER}-policy", arn, parent, home)
    if said.attach == "group" and said.group in state.groups:
        yield Found("aws:iam/group:Group", f"{USER}-group", said.group, parent, home)
        if arn in state.groups[said.group]:
            kind = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
            yield Found(kind, f"{USER}-attachment", f"{said.group}/{arn}", parent, home)
    if state.user is None:
        return
    yield Found("aws:iam/user:User", f"{USER}-user", said.user, parent, home)
    if said.attach == "group" and said.group in state.user.groups:
        kind = "aws:iam/userGroupMembership:UserGroupMembership"
        yield Found(kind, f"{USER}-membership", f"{said.user}/{said.group}", parent, home)
    if said.attach == "user" and arn in state.user.attached:
        kind = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
        yield Found(kind, f"{USER}-attachment", f"{said.user}/{arn}", parent, home)


def import_file(resources: list[Found], project: str, stack: str) -> dict[str, Any]:
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
                {"type": f"{COMPONENTS}{kind}", "name": key, "logicalName": name, "component": True}
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
