"""What an AWS account holds of a federation, read with a few calls.

Needs `iam:GetAccountAuthorizationDetails`, `iam:GetRole`, `iam:GetSAMLProvider`,
`iam:ListAccessKeys`, `iam:GetAccessKeyLastUsed`, `iam:GetLoginProfile` and
`iam:SimulatePrincipalPolicy`.
Source: IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from access.verification import access_keys
from settings import SettingsError

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Role:
    arn: str
    trust: Document
    attached: frozenset[str]
    inline: Mapping[str, Document]
    boundary: str | None
    session_seconds: int | None
    """Read for the stack's own roles only."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """A session of the role has them as aws:PrincipalTag."""


@dataclass(frozen=True)
class User:
    attached: frozenset[str]
    inline: frozenset[str]
    groups: frozenset[str]
    keys: Sequence[access_keys.AccessKey]
    """The oldest first."""
    signs_in: bool
    """Whether it has a password for the console."""


@dataclass(frozen=True)
class AccountState:
    """What is there; None and empty where nothing is."""

    metadata: str | None
    roles: Mapping[str, Role]
    policies: Mapping[str, Document]
    """Customer managed policies: ARN -> its default version."""
    groups: Mapping[str, frozenset[str]]
    """IAM group -> ARNs of its policies."""
    user: User | None
    inline_group_policies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """IAM group -> names of its inline policies."""


def read(
    session: boto3.Session, provider_arn: str, ours: Sequence[str], user: str | None
) -> AccountState:
    """The account's state. `ours`: names of the stack's roles; `user`: its provisioning user.

    Raises SettingsError with AWS's words if something can't be read.
    """
    iam = session.client("iam")
    try:
        whole = details(iam)
        roles = {each["RoleName"]: _role(iam, each, ours) for each in whole["RoleDetailList"]}
        return AccountState(
            metadata=_metadata(iam, provider_arn),
            roles=roles,
            policies={each["Arn"]: default_document(each) for each in whole["Policies"]},
            groups={
                each["GroupName"]: frozenset(attached_policies(each))
                for each in whole["GroupDetailList"]
            },
            user=next(
                (_user(iam, u) for u in whole["UserDetailList"] if u["UserName"] == user), None
            ),
            inline_group_policies={
                each["GroupName"]: frozenset(p["PolicyName"] for p in each["GroupPolicyList"])
                for each in whole["GroupDetailList"]
            },
        )
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"{provider_arn.split(':')[4]}: AWS can't be read: {error}") from None


def details(iam: Any) -> dict[str, list[Any]]:
    """GetAccountAuthorizationDetails: users, roles, groups and customer managed policies."""
    kinds = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
    answers: dict[str, list[Any]] = {kind: [] for kind in kinds}
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Role", "Group", "LocalManagedPolicy"]
    )
    for page in pages:
        for kind in kinds:
            answers[kind] += page[kind]
    return answers


def _metadata(iam: Any, provider_arn: str) -> str | None:
    try:
        text: str = iam.get_saml_provider(SAMLProviderArn=provider_arn)["SAMLMetadataDocument"]
    except iam.exceptions.NoSuchEntityException:
        return None
    return text


def _role(iam: Any, detail: Mapping[str, Any], ours: Sequence[str]) -> Role:
    name = detail["RoleName"]
    # The list of all roles leaves the session out.
    whole = iam.get_role(RoleName=name)["Role"] if name in ours else {}
    boundary = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return Role(
        arn=detail["Arn"],
        trust=detail["AssumeRolePolicyDocument"],
        attached=frozenset(attached_policies(detail)),
        inline={each["PolicyName"]: each["PolicyDocument"] for each in detail["RolePolicyList"]},
        boundary=boundary,
        session_seconds=whole.get("MaxSessionDuration"),
        tags=tags_of(detail),
    )


def _user(iam: Any, detail: Mapping[str, Any]) -> User:
    name = detail["UserName"]
    return User(
        attached=frozenset(attached_policies(detail)),
        inline=frozenset(each["PolicyName"] for each in detail.get("UserPolicyList", ())),
        groups=frozenset(detail["GroupList"]),
        keys=access_keys.read(iam, name),
        signs_in=_signs_in(iam, name),
    )


def _signs_in(iam: Any, name: str) -> bool:
    try:
        iam.get_login_profile(UserName=name)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def attached_policies(owner: Mapping[str, Any]) -> list[str]:
    """ARNs of the managed policies of a user, group or role, as IAM answers it."""
    return [each["PolicyArn"] for each in owner.get("AttachedManagedPolicies") or ()]


def tags_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Tags as a mapping, without those that AWS itself sets, which nobody else can write."""
    tags = answer.get("Tags") or ()
    return {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")}


def default_document(policy: Mapping[str, Any]) -> Document:
    """The version of a policy that applies."""
    [version] = [each for each in policy["PolicyVersionList"] if each["IsDefaultVersion"]]
    document: Document = version["Document"]
    return document


def simulated(
    session: boto3.Session, role_arn: str, actions: Sequence[str], context: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """What AWS's simulator decides of each action, on all resources.

    Raises SettingsError with AWS's words if it can't be asked.
    """
    entries = [
        {
            "ContextKeyName": key,
            "ContextKeyValues": [value] if isinstance(value, str) else list(value),
            "ContextKeyType": "string" if isinstance(value, str) else "stringList",
        }
        for key, value in context.items()
    ]
    iam = session.client("iam")
    try:
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=role_arn, ActionNames=list(actions), ContextEntries=entries
        )
        for page in pages:
            for result in page["EvaluationResults"]:
                yield result["EvalActionName"], result["EvalDecision"] == "allowed"
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"{role_arn}: AWS can't simulate it: {error}") from None
