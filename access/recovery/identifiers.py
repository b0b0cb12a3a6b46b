"""Import ids of what a program wants and a cloud holds already, found by the planned inputs.

Each function answers with the id that `pulumi import` takes, or None if the cloud does not hold
the resource. Source: the page of each resource in the Pulumi Registry, section "Import".

Left out is what an update makes again without a change to what is there: memberships of people in
Okta groups, exclusive lists of policies, EventBridge rules and targets, versions of a secret.
Access keys have no name to be found by: see `adopted`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from access.recovery.plan import Planned
from access.verification.okta_org import Org
from settings import Account

ACCESS_KEY, POLICY = "aws:iam/accessKey:AccessKey", "aws:iam/policy:Policy"
ADOPTED = "adopted"
"""Begins the name of a generation of the access key that was there before the stack."""


@dataclass(frozen=True)
class AwsClient:
    """An account of the stack file, and credentials in it."""

    account: Account
    session: boto3.Session

    @cached_property
    def iam(self) -> Any:
        return self.session.client("iam")


AwsLookup = Callable[[AwsClient, Planned], str | None]
OktaLookup = Callable[[Org, Planned], str | None]


def _saml_provider(client: AwsClient, planned: Planned) -> str | None:
    arn = client.account.saml_provider_arn(planned.text("name"))
    return arn if _exists(client.iam, "get_saml_provider", SAMLProviderArn=arn) else None


def _policy(client: AwsClient, planned: Planned) -> str | None:
    path = planned.text("path") or "/"
    arn = client.account.own_policy_arn(f"{path.removeprefix('/')}{planned.text('name')}")
    return arn if _exists(client.iam, "get_policy", PolicyArn=arn) else None


def _by_name(operation: str, argument: str) -> AwsLookup:
    def look_up(client: AwsClient, planned: Planned) -> str | None:
        name = planned.text("name")
        iam = client.iam
        return name if name and _exists(iam, operation, **{argument: name}) else None

    return look_up


def _attachment(kind: str) -> AwsLookup:
    """Of a managed policy to a role, user or group."""

    def look_up(client: AwsClient, planned: Planned) -> str | None:
        known = planned.known(kind, "policyArn")
        if known is None:
            return None
        principal, arn = known
        return f"{principal}/{arn}" if arn in _attached(client, kind, principal) else None

    return look_up


def _attached(client: AwsClient, kind: str, principal: str) -> set[str]:
    """ARNs of the managed policies of a role, user or group; none of one that is not there."""
    iam = client.iam
    lister = iam.get_paginator(f"list_attached_{kind}_policies")
    try:
        pages = list(lister.paginate(**{f"{kind.title()}Name": principal}))
    except iam.exceptions.NoSuchEntityException:
        return set()
    return {each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]}


def _inline_policy(kind: str) -> AwsLookup:
    def look_up(client: AwsClient, planned: Planned) -> str | None:
        known = planned.known(kind, "name")
        if known is None:
            return None
        principal, name = known
        arguments = {f"{kind.title()}Name": principal, "PolicyName": name}
        iam = client.iam
        return f"{principal}:{name}" if _exists(iam, f"get_{kind}_policy", **arguments) else None

    return look_up


def _membership(client: AwsClient, planned: Planned) -> str | None:
    known = planned.known("user", "groups")
    if known is None:
        return None
    user, groups = known[0], planned.inputs["groups"]
    iam = client.iam
    try:
        pages = list(iam.get_paginator("list_groups_for_user").paginate(UserName=user))
    except iam.exceptions.NoSuchEntityException:
        return None
    names = {each["GroupName"] for page in pages for each in page["Groups"]}
    return "/".join([user, *groups]) if names.issuperset(groups) else None


def _parameter(client: AwsClient, planned: Planned) -> str | None:
    name = planned.text("name")
    ssm: Any = client.session.client("ssm")
    filters = [{"Key": "Name", "Values": [name]}]
    return (
        name if name and ssm.describe_parameters(ParameterFilters=filters)["Parameters"] else None
    )


def _secret(client: AwsClient, planned: Planned) -> str | None:
    name = planned.text("name")
    secrets: Any = client.session.client("secretsmanager")
    try:
        secret = secrets.describe_secret(SecretId=name)
    except secrets.exceptions.ResourceNotFoundException:
        return None
    return None if secret.get("DeletedDate") else str(secret["ARN"])


def _exists(client: Any, operation: str, **arguments: str) -> bool:
    try:
        getattr(client, operation)(**arguments)
    except client.exceptions.NoSuchEntityException:
        return False
    return True


def _group(org: Org, planned: Planned) -> str | None:
    name = planned.text("name")
    for group in org.every("/api/v1/groups", q=name):
        if group["profile"]["name"] == name and group["type"] == "OKTA_GROUP":
            return str(group["id"])
    return None


def _group_rule(org: Org, planned: Planned) -> str | None:
    name = planned.text("name")
    rules = org.every("/api/v1/groups/rules")
    return next((str(rule["id"]) for rule in rules if rule["name"] == name), None)


def _assignment(org: Org, planned: Planned) -> str | None:
    known = planned.known("appId", "groupId")
    if known is None:
        return None
    app, group = known
    assigned = {each["id"] for each in org.every(f"/api/v1/apps/{app}/groups")}
    return f"{app}/{group}" if group in assigned else None


def _user(org: Org, planned: Planned) -> str | None:
    login = planned.text("login")
    users = org.every("/api/v1/users", search=f'profile.login eq "{login}"')
    return next((str(user["id"]) for user in users), None)


def _sign_on_policy(org: Org, planned: Planned) -> str | None:
    name = planned.text("name")
    policies = org.get("/api/v1/policies", type="ACCESS_POLICY")
    return next((str(each["id"]) for each in policies if each["name"] == name), None)


def _sign_on_rule(org: Org, planned: Planned) -> str | None:
    known = planned.known("policyId", "name")
    if known is None:
        return None
    policy, name = known
    rules = org.get(f"/api/v1/policies/{policy}/rules")
    return next((f"{policy}/{each['id']}" for each in rules if each["name"] == name), None)


def adopted(client: AwsClient, planned: Sequence[Planned]) -> Iterator[tuple[str, str]]:
    """URN and id of what an adoption takes over, and a recovery never would.

    A policy of another path than the program's, which it keeps, attached to whom the program
    attaches it. Keys of a user for generations called `adopted...`, the oldest key for the first:
    nobody can read the secret of a key that exists, so the state has none, and Okta goes on using
    it. Inactive keys are left alone.
    """
    iam = client.iam
    policies = {each.urn: each.text("name") for each in planned if each.type == POLICY}
    for attachment in (each for each in planned if each.type in ATTACHMENTS and each.creates):
        kind = ATTACHMENTS[attachment.type]
        for urn in policies.keys() & {*attachment.dependencies.get("policyArn", ())}:
            arns = _attached(client, kind, attachment.text(kind))
            yield from ((urn, a) for a in arns if a.rpartition("/")[2] == policies[urn])
    generations = [each for each in planned if _is_adopted(each)]
    for user in sorted({each.text("user") for each in generations} - {""}):
        if not _exists(iam, "get_user", UserName=user):
            continue
        keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        active = [each for each in keys if each["Status"] == "Active"]
        active.sort(key=lambda each: (each["CreateDate"], each["AccessKeyId"]))
        own = sorted((e for e in generations if e.text("user") == user), key=lambda e: e.name)
        pairs = zip(own, active, strict=False)
        yield from ((each.urn, key["AccessKeyId"]) for each, key in pairs if each.creates)


def _is_adopted(key: Planned) -> bool:
    return key.type == ACCESS_KEY and key.name.rpartition("-key-")[2].startswith(ADOPTED)


ATTACHMENTS = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "role",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "user",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "group",
}
"""Type of an attachment -> what the policy is attached to."""

AWS: Mapping[str, AwsLookup] = {
    "aws:iam/samlProvider:SamlProvider": _saml_provider,
    POLICY: _policy,
    "aws:iam/role:Role": _by_name("get_role", "RoleName"),
    "aws:iam/user:User": _by_name("get_user", "UserName"),
    "aws:iam/group:Group": _by_name("get_group", "GroupName"),
    **{kind: _attachment(owner) for kind, owner in ATTACHMENTS.items()},
    "aws:iam/rolePolicy:RolePolicy": _inline_policy("role"),
    "aws:iam/userPolicy:UserPolicy": _inline_policy("user"),
    "aws:iam/userGroupMembership:UserGroupMembership": _membership,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:secretsmanager/secret:Secret": _secret,
}

OKTA: Mapping[str, OktaLookup] = {
    "okta:group/group:Group": _group,
    "okta:group/rule:Rule": _group_rule,
    "okta:app/groupAssignment:GroupAssignment": _assignment,
    "okta:user/user:User": _user,
    "okta:index/appSignonPolicy:AppSignonPolicy": _sign_on_policy,
    "okta:index/appSignonPolicyRule:AppSignonPolicyRule": _sign_on_rule,
}
