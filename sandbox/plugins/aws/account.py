"""The account that a provider works in: the provider's arguments, credentials, clients."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from okta_aws_federation.partitions import UnsupportedRegion, partition_of
from sandbox.clock import Clock
from sandbox.plugins.aws.retries import ATTEMPTS, CREDENTIALS_ATTEMPTS, Attempts
from sandbox.plugins.aws.service import Service, error_context
from sandbox.plugins.schema import FLAG, LIST, MAP, NUMBER, CloudError, Input, Values

SECRETS = ("accessKey", "secretKey", "token")

REFUSED = Input(supported=False)
ARGUMENTS = {
    "accessKey": Input(),
    "allowedAccountIds": Input(value_type=LIST),
    "assumeRoleWithWebIdentity": REFUSED,
    "assumeRoles": Input(value_type=LIST),
    "customCaBundle": REFUSED,
    "defaultTags": Input(value_type=MAP),
    "ec2MetadataServiceEndpoint": REFUSED,
    "ec2MetadataServiceEndpointMode": REFUSED,
    "endpoints": Input(value_type=LIST),
    "forbiddenAccountIds": Input(value_type=LIST),
    "httpProxy": REFUSED,
    "httpsProxy": REFUSED,
    "ignoreTags": REFUSED,
    "insecure": REFUSED,
    "maxRetries": Input(value_type=NUMBER),
    "noProxy": REFUSED,
    "profile": Input(),
    "region": Input(),
    "retryMode": REFUSED,
    "s3UsEast1RegionalEndpoint": REFUSED,
    "s3UsePathStyle": REFUSED,
    "secretKey": Input(),
    "sharedConfigFiles": REFUSED,
    "sharedCredentialsFiles": REFUSED,
    "skipCredentialsValidation": Input(value_type=FLAG),
    # Nothing here asks the metadata service or checks a region's name, so skipping that is done.
    "skipMetadataApiCheck": Input(value_type=FLAG),
    "skipRegionValidation": Input(value_type=FLAG),
    "skipRequestingAccountId": Input(value_type=FLAG),
    "stsRegion": Input(),
    "tagPolicyCompliance": REFUSED,
    "token": Input(),
    "tokenBucketRateLimiterCapacity": REFUSED,
    "useDualstackEndpoint": REFUSED,
    "useFipsEndpoint": REFUSED,
    "userAgents": REFUSED,
}


class Arguments:
    """What the program gave the provider. All but text comes as JSON."""

    def __init__(self, arguments: Values) -> None:
        self._arguments = arguments

    def text(self, name: str) -> str | None:
        value = self._arguments.get(name)
        return str(value) if value else None

    def flag(self, name: str) -> bool:
        return bool(self._decoded(name))

    def number(self, name: str) -> int | None:
        value = self._decoded(name)
        return None if value is None else int(value)

    def items(self, name: str) -> list[Any]:
        return list(self._decoded(name) or [])

    @property
    def default_tags(self) -> dict[str, str]:
        tags = self._decoded("defaultTags") or {}
        return dict(tags.get("tags") or {})

    @property
    def region(self) -> str | None:
        """As the published plugin looks for it; boto3 alone would not read AWS_REGION."""
        variables = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
        return self.text("region") or next(filter(None, variables), None)

    def _decoded(self, name: str) -> Any:
        value = self._arguments.get(name)
        return json.loads(value) if isinstance(value, str) and value else value


def field(block: Values, name: str) -> Any:
    """A field of a nested block: `roleArn` from typed arguments, `role_arn` from a plain dict."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    value = block.get(name)
    return block.get(snake) if value is None else value


IAM_REGION = "us-east-1"


class Account:
    """Services of one account. Other endpoints and credentials come from where boto3 looks."""

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.default_tags = arguments.default_tags
        self.region = arguments.region or IAM_REGION
        self.clock = Clock.from_environment()
        self._attempts = arguments.number("maxRetries") or ATTEMPTS
        self._session = self._own_session()
        self._services: dict[tuple[str, str, int], Service] = {}
        self._making = RLock()  # boto3's sessions are not safe to share between threads
        for block in arguments.items("assumeRoles"):
            self._assume(block)

    @property
    def iam(self) -> Service:
        """IAM has one endpoint in each partition, whose requests are signed for one region."""
        try:
            region = partition_of(self.region).home_region
        except UnsupportedRegion:
            region = IAM_REGION
        return self.service("iam", region)

    @contextmanager
    def checking_credentials(self) -> Iterator[None]:
        """Inside, calls are sent three times at most."""
        before = self._attempts
        self._attempts = min(before, CREDENTIALS_ATTEMPTS)
        try:
            yield
        finally:
            self._attempts = before

    @property
    def sts(self) -> Service:
        return self.service("sts", self.arguments.text("stsRegion"))

    def service(self, name: str, region: str | None = None) -> Service:
        """A service of the account, made at its first use."""
        key = (name, region or self.region, self._attempts)
        with self._making:
            if key not in self._services:
                self._services[key] = self._made(*key)
            return self._services[key]

    def _made(self, name: str, region: str, attempts: int) -> Service:
        endpoints = (block.get(name) for block in self.arguments.items("endpoints"))
        client = self._session.client(
            name,
            region_name=region,
            endpoint_url=next(filter(None, endpoints), None),
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=5),
        )
        return Service(client, Attempts(attempts, self.clock))

    def _own_session(self) -> boto3.Session:
        try:
            return boto3.Session(
                aws_access_key_id=self.arguments.text("accessKey"),
                aws_secret_access_key=self.arguments.text("secretKey"),
                aws_session_token=self.arguments.text("token"),
                profile_name=self.arguments.text("profile"),
            )
        except BotoCoreError as error:
            raise CloudError(f"unable to validate AWS credentials. Details: {error}") from error

    def _assume(self, block: Values) -> None:
        """Go on as another role, assumed with the credentials had so far."""
        role = field(block, "roleArn")
        optional = {
            "ExternalId": field(block, "externalId"),
            "Policy": field(block, "policy"),
            "PolicyArns": [{"arn": arn} for arn in field(block, "policyArns") or []],
            "SourceIdentity": field(block, "sourceIdentity"),
            "Tags": tag_list(field(block, "tags") or {}),
            "TransitiveTagKeys": field(block, "transitiveTagKeys"),
        }
        with error_context(
            f"unable to validate AWS credentials. Details: assuming IAM Role ({role})"
        ):
            made = self.sts(
                "AssumeRole",
                RoleArn=role,
                RoleSessionName=field(block, "sessionName") or "pulumi-emulator",
                **{name: value for name, value in optional.items() if value},
            )["Credentials"]
        self._services.clear()
        self._session = boto3.Session(
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )


def connect(arguments: Values) -> Account:
    """The account that the arguments and the environment lead to, once it is sure which it is."""
    account = Account(Arguments(arguments))
    with account.checking_credentials():
        identifier = account_id(account)
    allowed = account.arguments.items("allowedAccountIds")
    if (allowed and identifier not in allowed) or identifier in account.arguments.items(
        "forbiddenAccountIds"
    ):
        raise CloudError(f"AWS account ID not allowed: {identifier}")
    return account


def account_id(account: Account) -> str:
    """The id of the account; empty if the program does not want it asked for."""
    if account.arguments.flag("skipRequestingAccountId"):
        return ""
    if account.arguments.flag("skipCredentialsValidation"):
        with error_context("retrieving AWS account details"):
            arn: str = account.iam("GetUser")["User"]["Arn"]
        return arn.split(":")[4]
    with error_context(
        "unable to validate AWS credentials. Details: validating provider credentials: "
        "retrieving caller identity from STS"
    ):
        identifier: str = account.sts("GetCallerIdentity")["Account"]
    return identifier


def tag_list(tags: Values) -> list[dict[str, Any]]:
    """Tags as AWS's APIs take them."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
