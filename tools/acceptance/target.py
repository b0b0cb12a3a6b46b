"""Which account and org may be touched, and whether the credentials are theirs."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError
from settings.okta import DEFAULT_BASE_URL

VARIABLE = "ACCEPTANCE_TARGET"
PREFIX = re.compile(r"oaf-acceptance-[0-9a-f]{8}")
_TARGET = re.compile(r"([0-9]{12})@([a-z0-9.-]+\.[a-z]+)")


@dataclass(frozen=True)
class Target:
    """An AWS account and an Okta org."""

    account: str
    """12 digits."""
    org: str
    """The org's host, such as acme.okta.com."""

    @classmethod
    def of_environment(cls) -> Target:
        """What ACCEPTANCE_TARGET names. Raises SandboxError."""
        text = os.environ.get(VARIABLE, "")
        if not text:
            raise SandboxError(
                f"{VARIABLE} is not set: name the account and the org that this may create and "
                f"delete things in, e.g. {VARIABLE}=123456789012@acme.okta.com, or use --sandbox"
            )
        parts = _TARGET.fullmatch(text.lower())
        if parts is None:
            raise SandboxError(
                f"{VARIABLE} = {text!r} is not ACCOUNT@ORG: write 123456789012@acme.okta.com"
            )
        return cls(parts[1], parts[2])

    def require_credentials(self) -> None:
        """Raises SandboxError if the environment leads to another org or account."""
        name = os.environ.get("OKTA_ORG_NAME", "")
        base_url = os.environ.get("OKTA_BASE_URL") or DEFAULT_BASE_URL
        if not name:
            raise SandboxError(f"OKTA_ORG_NAME is not set: set it to {self.org.partition('.')[0]}")
        if (org := f"{name}.{base_url}".lower()) != self.org:
            raise SandboxError(
                f"OKTA_ORG_NAME and OKTA_BASE_URL are of {org}, but {VARIABLE} allows {self.org} "
                "only: change one of them"
            )
        if (account := current_account()) != self.account:
            raise SandboxError(
                f"the AWS credentials are of account {account}, but {VARIABLE} allows "
                f"{self.account} only: change one of them"
            )


def current_account() -> str:
    """The account of the AWS credentials of this environment. Raises SandboxError."""
    try:
        sts: Any = boto3.client("sts", region_name=os.environ.get("AWS_REGION", "us-east-1"))
        account: str = sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise SandboxError(
            f"AWS does not say whose credentials these are: {error}: set AWS_PROFILE, or "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from None
    return account


@dataclass(frozen=True)
class Names:
    """Every name of a run; all of them begin with its prefix."""

    prefix: str

    @classmethod
    def new(cls) -> Names:
        return cls(f"oaf-acceptance-{secrets.token_hex(4)}")

    @property
    def login(self) -> str:
        """Of the one person; example.com takes no mail."""
        return f"{self.prefix}+plus@example.com"

    @property
    def path(self) -> str:
        """Of the role that has one."""
        return f"/{self.prefix}/"

    def of(self, kind: str) -> str:
        """The name of something of a kind: of the stack, or of a `probe`."""
        return f"{self.prefix}-{kind}"

    def stack_file(self, account: str) -> dict[str, Any]:
        """The sections of the stack file. The roles allow one call that reads a list of regions."""
        statement = {"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}
        role = {"inlinePolicies": {"regions": [statement]}}
        return {
            "accounts": {"main": {"id": account, "region": "us-east-1"}},
            "app": {"label": self.prefix, "provider": self.prefix, "sessionHours": 1},
            "roles": {self.of("role"): role, self.of("path-role"): {**role, "path": self.path}},
            "provisioning": {
                "user": self.of("user"),
                "policy": self.of("policy"),
                "group": self.of("lists-roles"),
                "integration": "pending",
            },
            "groups": {
                self.of("group"): {
                    "roles": [self.of("role"), self.of("path-role")],
                    "members": [self.login],
                }
            },
            "tags": {"owner": self.prefix},
            "expect": [
                {
                    "user": self.login,
                    "can": ["ec2:DescribeRegions"],
                    "cannot": ["s3:ListAllMyBuckets"],
                }
            ],
        }
