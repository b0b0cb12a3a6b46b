"""Import ids of what a program wants and a cloud holds already, found by the planned inputs.

Each function answers with the id that `pulumi import` takes, or None if the cloud does not hold
the resource. Source: the page of each resource in the Pulumi Registry, section "Import".

Left out is what an update makes again without a change to what is there: memberships of people in
Okta groups, exclusive lists of policies, EventBridge rules and targets, versions of a secret.
Access keys have no name to be found by: see `adopted`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
        return name if name and _exists(client.iam, operation, **{argument: name}) else None

    return look_up


def _attachment(kind: str) -> AwsLookup:
    """Of a managed policy to a role, user or group."""

    def look_up(client: AwsClient, planned: Planned) -> str | None:
        principal, arn = planned.text(kind), planned.text("policyArn")
        exists = principal and arn in _attached(client, kind, principal)
        return f"{principal}/{arn}" if exists else None

    return look_up


def _attached(client: AwsClient, kind: str, principal: str) -> set[str]:
    """ARNs of the managed policies of a role, user or group; none of one that is not there."""
    lister = client.iam.get_paginator(f"list_attached_{kind}_policies")
    try:
        pages = list(lister.paginate(**{f"{kind.title()}Name": principal}))
    except client.iam.exceptions.NoSuchEntityException:
        return set()
    return {each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]}


def _inline_policy(client: AwsClient, planned: Planned) -> str | None:
    role, name = planned.text("role"), planned.text("name")
    if not (role and name):
        return None
    exists = _exists(client.iam, "get_role_policy", RoleName=role, PolicyName=name)
    return f"{role}:{name}" if exists else None


def _membership(client: AwsClient, planned: Planned) -> str | None:
    user = planned.text("user")
    if not (user and planned.text("groups")):
        return None
    try:
        pages = list(client.iam.get_paginator("list_groups_for_user").paginate(UserName=user))
    except client.iam.exceptions.NoSuchEntityException:
        return None
    groups = planned.inputs["groups"]
    names = {each["GroupName"] for page in pages for each in page["Groups"]}
    return "/".join([user, *groups]) if names.issuperset(groups) else None


def _parameter(client: AwsClient, planned: Planned) -> str | None:
    name = planned.text("name")
    ssm: Any = client.session.client("ssm")
    filters = [{"Key": "Name", "Values": [name]}]
    exists = name and ssm.describe_parameters(ParameterFilters=filters)["Parameters"]
    return name if exists else None


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
    return _id_of(planned.text("name"), org.every("/api/v1/groups/rules"))


def _assignment(org: Org, planned: Planned) -> str | None:
    app, group = planned.text("appId"), planned.text("groupId")
    assignments = org.every(f"/api/v1/apps/{app}/groups") if app and group else ()
    return f"{app}/{group}" if group in {each["id"] for each in assignments} else None


def _user(org: Org, planned: Planned) -> str | None:
    login = planned.text("login")
    users = org.every("/api/v1/users", search=f'profile.login eq "{login}"')
    return next((str(user["id"]) for user in users), None)


def _sign_on_policy(org: Org, planned: Planned) -> str | None:
    return _id_of(planned.text("name"), org.get("/api/v1/policies", type="ACCESS_POLICY"))


def _sign_on_rule(org: Org, planned: Planned) -> str | None:
    policy = planned.text("policyId")
    rules = org.get(f"/api/v1/policies/{policy}/rules") if policy else ()
    rule = _id_of(planned.text("name"), rules)
    return f"{policy}/{rule}" if rule else None


def _id_of(name: str, answers: Iterable[Any]) -> str | None:
    """The id of what has exactly that name in a list of Okta's API."""
    return next((str(each["id"]) for each in answers if each["name"] == name), None)


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
    "aws:iam/rolePolicy:RolePolicy": _inline_policy,
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
