"""The account that a provider works in, and how AWS's answers become outputs and errors."""

import json
import os
from collections.abc import Callable
from datetime import UTC
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.plugins.protocol import CloudError
from sandbox.plugins.schema import Values

CONFIG = Config(retries={"total_max_attempts": 3}, connect_timeout=5)
MISSING = {"NoSuchEntity", "ParameterNotFound", "ResourceNotFoundException"}


class Account:
    """Clients of one account. The endpoint comes from AWS_ENDPOINT_URL, as boto3 reads it."""

    def __init__(self, args: Values) -> None:
        region = args.get("region") or os.environ.get("AWS_REGION") or "us-east-1"
        session = boto3.Session(region_name=region, profile_name=args.get("profile"))
        for role in json.loads(args.get("assumeRoles", "[]")):
            session = in_role(session, role["roleArn"])
        self.sts: Any = session.client("sts", config=CONFIG)
        self.iam: Any = session.client("iam", config=CONFIG)
        self.ssm: Any = session.client("ssm", config=CONFIG)
        self.secretsmanager: Any = session.client("secretsmanager", config=CONFIG)
        default_tags = json.loads(args.get("defaultTags", "{}"))
        self.default_tags: dict[str, str] = default_tags.get("tags", {})
        self.allowed: list[str] = json.loads(args.get("allowedAccountIds", "[]"))
        self.refused: str | None = None

    def check(self) -> None:
        """Whose credentials these are. The published plugin says it on the first resource too."""
        try:
            found = self.sts.get_caller_identity()["Account"]
        except (ClientError, BotoCoreError) as error:
            self.refused = (
                "unable to validate AWS credentials. Details: validating provider credentials: "
                f"retrieving caller identity from STS: {error}"
            )
            return
        if self.allowed and found not in self.allowed:
            self.refused = f"AWS account ID not allowed: {found}"


def in_role(session: boto3.Session, role_arn: str) -> boto3.Session:
    """The same in another role, which may be another account's."""
    answer = session.client("sts", config=CONFIG).assume_role(
        RoleArn=role_arn, RoleSessionName="pulumi"
    )
    key = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
        region_name=session.region_name,
    )


def connect(args: Values) -> Account:
    """Raises CloudError if the credentials, the profile or the role are not to be had."""
    try:
        account = Account(args)
    except (ClientError, BotoCoreError) as error:
        raise CloudError(f"unable to get AWS credentials: {error}") from error
    account.check()
    return account


def ask(account: Account, doing: str, call: Callable[..., Any], **arguments: Any) -> Any:
    """Call AWS; what it says against it becomes one line, in the published plugin's form."""
    if account.refused:
        raise CloudError(account.refused)
    try:
        return call(**arguments)
    except ClientError as error:
        said, status = error.response["Error"], error.response["ResponseMetadata"]
        raise CloudError(
            f"{doing}: operation error {service_of(doing)}: {error.operation_name}, "
            f"https response error StatusCode: {status.get('HTTPStatusCode')}, "
            f"RequestID: {status.get('RequestId')}, "
            f"{said['Code']}: {said['Message']}"
        ) from error
    except BotoCoreError as error:
        raise CloudError(f"{doing}: {error}") from error


def service_of(doing: str) -> str:
    """The service that a message such as `creating IAM Role (R1)` is about."""
    return next((name for name in ("IAM", "SSM", "Secrets Manager") if name in doing), "STS")


def ask_or_none(account: Account, doing: str, call: Callable[..., Any], **arguments: Any) -> Any:
    """The same; None where AWS knows no such thing."""
    try:
        return ask(account, doing, call, **arguments)
    except CloudError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and cause.response["Error"]["Code"] in MISSING:
            return None
        raise


def every(account: Account, doing: str, operation: str, field: str, **arguments: Any) -> Any:
    """All pages of a listing; None where the thing that is listed does not exist."""
    pages = account.iam.get_paginator(operation).paginate(**arguments)
    return ask_or_none(account, doing, lambda: [one for page in pages for one in page[field]])


def compact(document: Any) -> str:
    """A document as the published plugin shows it: compact, keys sorted."""
    parsed = json.loads(document) if isinstance(document, str) else document
    return json.dumps(parsed, sort_keys=True, separators=(",", ":"))


def moment(value: Any) -> str:
    text: str = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def boundary_of(found: Values) -> str:
    """The permissions boundary of a role or user; empty if it has none."""
    arn: str = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return arn


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def retag(
    account: Account,
    old: Values,
    new: Values,
    tag: Callable[..., Any],
    untag: Callable[..., Any],
    **name: str,
) -> None:
    """Bring the tags of one thing from the old to the new state."""
    before = account.default_tags | (old.get("tags") or {})
    after = account.default_tags | (new.get("tags") or {})
    gone = sorted(before.keys() - after.keys())
    if gone:
        ask(account, "untagging", untag, TagKeys=gone, **name)
    if fresh := {key: value for key, value in after.items() if before.get(key) != value}:
        ask(account, "tagging", tag, Tags=tag_list(fresh), **name)


def get_caller_identity(account: Account, args: Values) -> Values:
    found = ask(account, "reading the caller", account.sts.get_caller_identity)
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "userId": found["UserId"],
        "id": found["Account"],
    }
