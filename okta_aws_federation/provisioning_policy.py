"""The policy of the IAM user whose key Okta uses: it lists the roles, and nothing else."""

import json
from collections.abc import Sequence
from typing import Any

CROSS_ACCOUNT_ROLE = "Okta-Idp-cross-account-role"
"""The name that Okta reserves for the role in each connected account."""


def provisioning_policy(accounts_of_partition: str | None, source_ips: Sequence[str]) -> str:
    """The two actions Okta needs for one account; with a partition, the old policy for many.

    Sources: Okta help, "Generate the AWS API access key"; for many accounts the migration guide of
    2021, since then "Connecting multiple AWS accounts using the API isn't supported".
    """
    actions = ["iam:ListAccountAliases", "iam:ListRoles"]
    statements: list[dict[str, Any]] = []
    if accounts_of_partition is not None:
        actions = ["iam:GetAccountSummary", "iam:GetUser", *actions]
        role = f"arn:{accounts_of_partition}:iam::*:role/{CROSS_ACCOUNT_ROLE}"
        statements.append({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role})
    statements.insert(0, {"Effect": "Allow", "Action": actions, "Resource": "*"})
    if source_ips:
        for statement in statements:
            statement["Condition"] = {"IpAddress": {"aws:SourceIp": sorted(source_ips)}}
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
