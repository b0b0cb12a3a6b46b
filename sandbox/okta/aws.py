"""What Okta and a signed-in person ask of AWS: real calls with real keys to the local AWS.

These block; handlers run them in a thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from okta_aws_federation.partitions import PARTITIONS

REGIONS = {partition.name: partition.home_region for partition in PARTITIONS}
"""Partition -> the region that is asked; each partition takes signatures for its own only."""
_CONFIG = Config(
    proxies={},  # the local AWS is on this machine, whatever the environment's proxy
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 1},
    user_agent="Okta-emulator",
)


class AwsRefused(Exception):
    """AWS's own code and words, or why it could not be reached."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """By the names that boto3's clients take them."""

    aws_access_key_id: str
    aws_secret_access_key: str = field(repr=False)
    aws_session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class AssumedRole:
    arn: str
    """`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`"""

    credentials: Credentials
    expires: datetime


def region_of(arn: str | None) -> str:
    """Where to ask about what has this ARN; in the partition `aws`, if nothing has one yet."""
    return REGIONS.get((arn or "::").split(":")[1], REGIONS["aws"])


def list_roles(aws_url: str | None, credentials: Credentials, region: str) -> dict[str, str]:
    """Role name -> ARN of every role that `iam:ListRoles` shows. Raises AwsRefused."""
    with _client("iam", aws_url, credentials, region) as iam:
        pages = iam.get_paginator("list_roles").paginate()
        return {role["RoleName"]: role["Arn"] for page in pages for role in page["Roles"]}


def assume_role(
    aws_url: str | None, *, role_arn: str, provider_arn: str, response: str, seconds: int | None
) -> AssumedRole:
    """`sts:AssumeRoleWithSAML` with the base64 response. Raises AwsRefused."""
    extra = {} if seconds is None else {"DurationSeconds": seconds}
    with _client("sts", aws_url, None, region_of(role_arn)) as sts:
        made = sts.assume_role_with_saml(
            RoleArn=role_arn, PrincipalArn=provider_arn, SAMLAssertion=response, **extra
        )
    secret = made["Credentials"]
    return AssumedRole(
        arn=made["AssumedRoleUser"]["Arn"],
        credentials=Credentials(
            aws_access_key_id=secret["AccessKeyId"],
            aws_secret_access_key=secret["SecretAccessKey"],
            aws_session_token=secret["SessionToken"],
        ),
        expires=secret["Expiration"],
    )


def caller_arn(aws_url: str | None, credentials: Credentials, region: str) -> str:
    """Who AWS says the credentials are. Raises AwsRefused."""
    with _client("sts", aws_url, credentials, region) as sts:
        return str(sts.get_caller_identity()["Arn"])


def instances(aws_url: str | None, credentials: Credentials, region: str) -> list[dict[str, str]]:
    """The EC2 instances of the region: id, name, type, state. Raises AwsRefused."""
    with _client("ec2", aws_url, credentials, region) as ec2:
        described = ec2.describe_instances()
    return [
        {
            "id": one["InstanceId"],
            "name": next((t["Value"] for t in one.get("Tags", []) if t["Key"] == "Name"), ""),
            "type": one["InstanceType"],
            "state": one["State"]["Name"],
        }
        for reservation in described["Reservations"]
        for one in reservation["Instances"]
    ]


def buckets(aws_url: str | None, credentials: Credentials, region: str) -> list[str]:
    """The names of the account's S3 buckets. Raises AwsRefused."""
    with _client("s3", aws_url, credentials, region) as s3:
        return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


@contextmanager
def _client(
    service: str, aws_url: str | None, credentials: Credentials | None, region: str
) -> Iterator[Any]:
    """A client of the service, whose refusals inside are AwsRefused."""
    if aws_url is None:
        raise AwsRefused("NoAws", "no AWS is attached to this sandbox (start it with --aws URL)")
    options = {} if credentials is None else asdict(credentials)
    config = _CONFIG if credentials else _CONFIG.merge(Config(signature_version=UNSIGNED))
    # A session of its own: boto3's default one is not safe to use from several threads.
    session = boto3.session.Session(region_name=region)
    try:
        yield session.client(service, endpoint_url=aws_url, config=config, **options)
    except ClientError as error:
        details = error.response["Error"]
        raise AwsRefused(details["Code"], details.get("Message", "")) from None
    except BotoCoreError as error:
        raise AwsRefused("Unreachable", str(error)) from None
