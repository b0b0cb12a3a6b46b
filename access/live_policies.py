"""Policies as the account has them now: what a stack file names and does not hold.

Needs `iam:GetPolicy` and `iam:GetPolicyVersion`. Source: IAM API Reference.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from access import aws_managed
from access.role_policies import PolicyResolver
from okta_aws_federation.iam.evaluator import MalformedPolicy, Policy
from settings import Account, Part, SettingsError


def source_note(part: Part) -> str:
    """Where the policies come from, and when they were read."""
    if not part.accounts:
        return f"{aws_managed.source_note()}; {part.label} has no account to read"
    names = f"account {part.accounts[0]} has" if part.label else "the accounts have"
    return f"policies as {names} them, read {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def resolver(part: Part) -> PolicyResolver:
    """A policy by its ARN, from the account that its role is in; AWS's own are alike in all.

    Only accounts of the part are asked, for its deployment has no credentials of others.
    """
    accounts = part.estate.accounts
    sessions = {accounts[name].id: session_in(accounts[name]) for name in part.accounts}
    others = {account.id for account in accounts.values()} - sessions.keys()
    home = next(iter(sessions.values()), None)

    @cache
    def policy(arn: str) -> Policy | None:
        owner = arn.split(":")[4]
        if home is None or owner in others:
            return aws_managed.policy(arn)
        return read(sessions.get(owner, home).client("iam"), arn)

    return policy


def read(iam: Any, arn: str) -> Policy | None:
    """The policy's default version; None if there is none of that ARN, or none that can be read.

    Raises SettingsError with AWS's words if it can't be asked.
    """
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        result = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    except iam.exceptions.NoSuchEntityException:
        return None
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"{arn}: can't be read from the account: {error}") from None
    document: str | Mapping[str, Any] = result["Document"]
    try:
        return Policy.parse(document, name=arn.rpartition("/")[2])
    except MalformedPolicy:
        return None


def session_in(account: Account) -> boto3.Session:
    """Credentials in the account, found as the deployment finds them: profile, or assumed role.

    Raises SettingsError if they are those of another account.
    """
    try:
        session = boto3.Session(profile_name=account.profile, region_name=account.region)
        if account.assume_role is not None:
            session = assumed(session, account.assume_role, account.region)
        account_id = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"account {account.id}: no credentials that work: {error}") from None
    if account_id != account.id:
        raise SettingsError(
            f"account {account.id}: the credentials at hand are of account {account_id}; name a "
            "profile or a role of the account in the stack file"
        )
    return session


def assumed(session: boto3.Session, role_arn: str, region: str) -> boto3.Session:
    keys = session.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="access")
    return boto3.Session(
        aws_access_key_id=keys["Credentials"]["AccessKeyId"],
        aws_secret_access_key=keys["Credentials"]["SecretAccessKey"],
        aws_session_token=keys["Credentials"]["SessionToken"],
        region_name=region,
    )
