"""The AWS accounts that the stack files of the clone name, and how a deployment reaches each.

The emulated AWS serves them all. The keys of a stack's first account are in the environment, as a
pipeline's are; an account with `profile` has its keys in a credentials file, one with `assumeRole`
has that role, which trusts the first account. Nothing else of a stack file is read here, so that a
file with mistakes does not stop the sandbox.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from okta_aws_federation.partitions import Partition, UnsupportedRegion, partition_of
from sandbox.clouds import Clouds
from settings.part import stack_name

_SECTION = "okta-aws-federation:accounts"
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role(?P<path>/(?:.+/)?)(?P<name>[^/]+)")


@dataclass(frozen=True, kw_only=True)
class StackAccount:
    """One account of a stack file."""

    id: str
    region: str
    profile: str | None = None
    assume_role: str | None = None

    @property
    def partition(self) -> Partition:
        return partition_of(self.region)


def read_accounts(folder: Path) -> dict[str, tuple[StackAccount, ...]]:
    """Stack -> its accounts in the file's order, of every `Pulumi.STACK.yaml` with an account."""
    stacks = {}
    for file in sorted(folder.glob("Pulumi.*.yaml")):
        accounts = tuple(_accounts(file))
        if accounts:
            stacks[stack_name(file)] = accounts
    return stacks


def _accounts(file: Path) -> list[StackAccount]:
    try:
        config = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {}
        entries = list((config.get(_SECTION) or {}).values())
    except (yaml.YAMLError, ValueError, AttributeError):
        return []
    return [account for entry in entries if (account := _account(entry)) is not None]


def _account(entry: Any) -> StackAccount | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("region"), str):
        return None
    identifier = entry.get("id")
    if not isinstance(identifier, str) or re.fullmatch(r"[0-9]{12}", identifier) is None:
        return None
    try:
        partition_of(entry["region"])
    except UnsupportedRegion:
        return None
    return StackAccount(
        id=identifier,
        region=entry["region"],
        profile=entry.get("profile"),
        assume_role=entry.get("assumeRole"),
    )


def server_options(stacks: Mapping[str, Sequence[StackAccount]]) -> list[str]:
    """Each account once, as `python -m sandbox aws --account` takes it: `ID=PARTITION`."""
    partitions = {one.id: one.partition.name for accounts in stacks.values() for one in accounts}
    return [f"{account}={partition}" for account, partition in partitions.items()]


def write_profiles(clouds: Clouds, accounts: Sequence[StackAccount], file: Path) -> None:
    """The credentials file of one stack, which only its owner can read."""
    lines = []
    for account in accounts:
        if account.profile is not None:
            key = clouds.accounts[account.id]
            lines += [f"[{account.profile}]", f"aws_access_key_id={key['accessKeyId']}"]
            lines += [f"aws_secret_access_key={key['secretAccessKey']}", ""]
    file.touch(mode=0o600)
    file.write_text("\n".join(lines), encoding="utf-8")


def create_deployer_roles(clouds: Clouds, accounts: Sequence[StackAccount]) -> None:
    """The roles of `assumeRole`: administrators that the stack's first account may assume."""
    first, *others = accounts
    for account in others:
        match = _ROLE_ARN.fullmatch(account.assume_role or "")
        if match is None or account.partition != first.partition:
            continue
        iam = client(clouds, "iam", account.id, account.region)
        iam.create_role(
            RoleName=match["name"],
            Path=match["path"],
            AssumeRolePolicyDocument=_policy(Action="sts:AssumeRole", Principal={"AWS": first.id}),
        )
        iam.put_role_policy(
            RoleName=match["name"],
            PolicyName="Deploy",
            PolicyDocument=_policy(Action="*", Resource="*"),
        )


def client(clouds: Clouds, service: str, account: str, region: str = "us-east-1") -> Any:
    """A boto3 client of one account's administrator."""
    key = clouds.accounts[account]
    return boto3.client(
        service,
        endpoint_url=clouds.aws_url,
        region_name=region,
        aws_access_key_id=key["accessKeyId"],
        aws_secret_access_key=key["secretAccessKey"],
        config=Config(proxies={}),
    )


def _policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})
