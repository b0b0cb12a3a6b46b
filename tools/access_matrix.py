"""How long the whole matrix takes: 1,000 people x 500 roles x 20 actions, and how that grows.

Every person can enter every role; what is measured is the model, from parsed settings to the last
decision. Exit status 1 when it takes longer than a second, or more than 300 MiB.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import settings
from access.matrix import matrix
from access.model import AccessModel

SECONDS, MEBIBYTES = 1.0, 300
POLICIES = ("AmazonEC2ReadOnlyAccess", "SecurityAudit", "AmazonS3FullAccess", "PowerUserAccess")
ACTIONS = (
    *("ec2:DescribeInstances", "ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"),
    *("s3:ListAllMyBuckets", "s3:GetObject", "s3:PutObject", "s3:DeleteBucket"),
    *("iam:ListRoles", "iam:CreateUser", "iam:PassRole", "iam:AttachRolePolicy"),
    *("sts:AssumeRole", "kms:Decrypt", "lambda:InvokeFunction", "logs:PutLogEvents"),
    *("dynamodb:Query", "sqs:SendMessage", "ssm:GetParameter", "secretsmanager:GetSecretValue"),
)


def stack(people: int, roles: int) -> settings.Settings:
    """Everybody in one group, which opens every role."""
    names = [f"Role{number:04}" for number in range(roles)]
    return settings.parse(
        {
            "mode": "group-mapping",
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {name: role(number) for number, name in enumerate(names)},
            "groups": {
                "Everybody in AWS": {
                    "roles": names,
                    "members": [f"person{number:05}@example.com" for number in range(people)],
                }
            },
        }
    )


def role(number: int) -> dict[str, object]:
    """A role with a policy of AWS's, one of its own, and a boundary for every third."""
    own = {
        "Effect": "Allow",
        "Action": ["dynamodb:*", "sqs:SendMessage"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    }
    deny = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    return {
        "managedPolicies": [POLICIES[number % len(POLICIES)]],
        "inlinePolicies": {f"Own{number}": [own, deny]},
        **({"boundary": "PowerUserAccess"} if number % 3 == 0 else {}),
    }


def measure(people: int, roles: int) -> tuple[float, int]:
    """Seconds for the matrix, and how many decisions it holds."""
    estate = AccessModel(stack(people, roles))
    start = time.perf_counter()
    rows = matrix(estate, ACTIONS)
    seconds = time.perf_counter() - start
    return seconds, sum(len(row.allowed) for person in rows.values() for row in person)


def main() -> int:
    measure(10, 10)  # the snapshot of AWS's policies is read once
    print("people  roles  decisions   seconds")
    for people, roles in ((250, 500), (500, 500), (1000, 125), (1000, 250), (1000, 500)):
        seconds, decisions = measure(people, roles)
        print(f"{people:6}  {roles:5}  {decisions:9,}  {seconds:8.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the whole process: {peak:.0f} MiB")
    return int(seconds > SECONDS or peak > MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
