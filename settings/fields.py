"""The strings of a stack file, each with the form that AWS or Okta asks of it.

Sources: IAM API reference and "IAM and AWS STS quotas" for names, Okta's API reference for groups.
"""

import re
from typing import Annotated

from pydantic import AfterValidator

from settings.refusals import wrong


def text(pattern: str, rule: str, fix: str) -> AfterValidator:
    """A string that must match `pattern` as a whole."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise wrong(rule, fix)
        return value

    return AfterValidator(check)


IAM_NAME = r"[\w+=,.@-]"
AccountId = Annotated[
    str, text(r"\d{12}", "must be 12 digits", 'write the account id in quotes: "123456789012"')
]
Region = Annotated[
    str,
    text(r"[a-z]{2}(-[a-z]+)+-\d", "must be an AWS region", "write a region such as us-east-1"),
]
ProviderName = Annotated[
    str,
    text(
        r"[\w.-]{1,128}",
        "must be 1 to 128 letters, digits or . _ -",
        "choose a SAML provider name such as Okta",
    ),
]
RoleName = Annotated[
    str,
    text(
        IAM_NAME + "{1,64}",
        "must be 1 to 64 letters, digits or + = , . @ - _",
        "shorten or rename the role",
    ),
]
UserName = Annotated[
    str,
    text(
        IAM_NAME + "{1,64}",
        "must be 1 to 64 letters, digits or + = , . @ - _",
        "choose a user name such as OktaSSOuser",
    ),
]
PolicyName = Annotated[
    str,
    text(
        IAM_NAME + "{1,128}",
        "must be 1 to 128 letters, digits or + = , . @ - _",
        "shorten or rename it",
    ),
]
PolicyReference = Annotated[
    str,
    text(
        rf"arn:aws[\w-]*:iam::(aws|\d{{12}}):policy/[\w+=,.@/-]+|([\w+=,.@-]+/)*{IAM_NAME}{{1,128}}",
        "must be the name of an AWS managed policy or a policy ARN",
        "write a name such as AmazonEC2ReadOnlyAccess, or the whole ARN",
    ),
]
GroupName = Annotated[
    str, text(r".{1,255}", "must be 1 to 255 characters", "shorten or rename the Okta group")
]
# A person's login becomes the role session name, so AWS's rule for that holds, not Okta's.
Login = Annotated[
    str,
    text(
        IAM_NAME + "{2,64}",
        "must be usable as role session name: 2 to 64 letters, digits or + = , . @ - _",
        "use another login for this person, or map another attribute in Okta",
    ),
]
Action = Annotated[
    str,
    text(
        r"[a-z0-9-]+:[A-Za-z0-9*?]+",
        "must be service:Action",
        "write it as ec2:DescribeInstances",
    ),
]


def short_name(policy: str) -> str:
    """A policy's name without its path: what the attachment's resource is named after."""
    return policy.rpartition("/")[2]
