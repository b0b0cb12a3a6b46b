"""Random stack files that are valid, small, and have everything that decides about access."""

import random
from typing import Any

PEOPLE = ("ada@example.com", "alan@example.com", "grace@example.com", "joan@example.com")
ONE, TWO = "123456789012", "210987654321"
MANAGED = (
    *("AmazonEC2ReadOnlyAccess", "AmazonS3FullAccess", "SecurityAudit", "PowerUserAccess"),
    *("IAMReadOnlyAccess", "AmazonSSMReadOnlyAccess", "AdministratorAccess", "ReadOnlyAccess"),
)
ACTIONS = (
    *("ec2:Describe*", "ec2:*", "ec2:StartInstances", "s3:*", "s3:GetObject", "s3:Get*"),
    *("s3:ListAllMyBuckets", "iam:*", "iam:Get*", "iam:DeleteUser", "iam:List*", "ssm:*"),
    *("secretsmanager:GetSecretValue", "*", "S3:deleteobject"),
)
RESOURCES = (
    *("*", "*", "*", "arn:aws:s3:::reports/*", "arn:aws:s3:::*", "arn:aws:iam::*:user/*"),
    *("arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:parameter/team/${aws:PrincipalTag/team}"),
    *("arn:aws:s3:::reports/${aws:PrincipalTag/year}", "arn:aws:secretsmanager:*:*:secret:team/*"),
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["blue", "red"]}},
    {"StringLike": {"aws:PrincipalTag/login": "a*"}},
    {"StringEqualsIfExists": {"aws:PrincipalTag/missing": "x"}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringLike": {"aws:SourceIdentity": "ada@*"}},
    {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*A"}},
    {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    {"ForAnyValue:StringEquals": {"aws:PrincipalTag/team": ["blue"]}},
)
TRUSTS: tuple[dict[str, Any], ...] = (
    *({},) * 8,
    {"closes": "2020-01-01"},
    {"closes": "2030-01-01"},
    {"opens": "2030-01-01"},
    {"sourceIps": ["127.0.0.0/8"]},
    {"conditions": {"StringLike": {"sts:RoleSessionName": "a*"}}},
    {"conditions": {"StringEquals": {"aws:RequestTag/team": "blue"}}},
    {"conditions": {"StringNotEquals": {"SAML:sub_type": "transient"}}},
)


class Maker:
    """Makes one stack file after the other; names differ, so that one cloud takes them all."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.number = 0

    def values(self) -> dict[str, Any]:
        """The values of a stack file."""
        self.number += 1
        rng, mark = self.rng, f"E{self.number}"
        maps = rng.random() < 0.4
        accounts = {"one": {"id": ONE, "region": rng.choice(("us-east-1", "eu-west-1"))}}
        if maps and rng.random() < 0.6:
            accounts["two"] = {"id": TWO, "region": "eu-west-1"}
        roles = {f"{mark}{letter}": self.role() for letter in "ABCD"[: rng.randint(2, 4)]}
        if maps and rng.random() < 0.3:  # one path for all; Okta reads others from AWS by itself
            roles = {name: role | {"path": "/people/"} for name, role in roles.items()}
        groups = {
            f"{mark} {name}": self.group(roles, number, maps)
            for number, name in enumerate(("North", "South", "East")[: rng.randint(1, 3)])
        }
        stack: dict[str, Any] = {
            "mode": "group-mapping" if maps else "saml-roles",
            "accounts": accounts,
            "app": self.app(mark, maps),
            "roles": roles,
            "groups": groups,
            "tags": {"owner": "identity"} if rng.random() < 0.3 else {},
        }
        if not maps:
            own = {"user": f"{mark}u", "policy": f"{mark}p", "group": f"{mark}g"}
            stack["provisioning"] = own | {"integration": "done"}
        return stack

    def app(self, mark: str, maps: bool) -> dict[str, Any]:
        rng = self.rng
        said: dict[str, Any] = {"label": mark, "provider": f"P{mark}"}
        if rng.random() < 0.5:
            said["sessionTags"] = {
                "team": rng.choice(('"blue"', '"red"')),
                "login": "user.login",
                "year": '"2026"',
            }
        if rng.random() < 0.3:
            allow = rng.choice((["*@example.com"], ["a*"], ["nobody"]))
            said["sourceIdentity"] = {"value": "user.login", "allow": allow}
        if rng.random() < 0.2:
            said["signInRegion"] = "eu-west-1"
        if not maps and rng.random() < 0.3:
            said["combineRoles"] = True
        return said

    def role(self) -> dict[str, Any]:
        rng = self.rng
        role: dict[str, Any] = {
            "managedPolicies": rng.sample(MANAGED, rng.choice((0, 0, 1, 1, 2))),
            "trust": dict(rng.choice(TRUSTS)),
        }
        kinds = rng.choice(((), ("inlinePolicies",), ("inlinePolicies", "customerPolicies")))
        for kind in kinds:
            name = f"E{self.number}-{kind[0]}{rng.randrange(10**9)}"
            role[kind] = {name: [self.statement() for _ in range(rng.randint(1, 3))]}
        if rng.random() < 0.25:
            role["boundary"] = rng.choice(MANAGED)
        if rng.random() < 0.2:
            role["tags"] = {"team": rng.choice(("blue", "green"))}
        return role

    def statement(self) -> dict[str, Any]:
        rng = self.rng
        actions = rng.sample(ACTIONS, rng.randint(1, 2))
        resources = rng.sample(RESOURCES, rng.randint(1, 2))
        made: dict[str, Any] = {
            "Effect": "Deny" if rng.random() < 0.25 else "Allow",
            "NotAction" if rng.random() < 0.1 else "Action": actions,
            "NotResource" if rng.random() < 0.1 else "Resource": resources,
        }
        if rng.random() < 0.4:
            made["Condition"] = rng.choice(CONDITIONS)
        return made

    def group(self, roles: dict[str, Any], number: int, maps: bool) -> dict[str, Any]:
        rng = self.rng
        people = rng.sample(PEOPLE, rng.randint(1, 3))
        said: dict[str, Any] = {"roles": rng.sample(sorted(roles), rng.randint(1, len(roles)))}
        said["members"] = people[:-1] if rng.random() < 0.2 else people
        if len(said["members"]) < len(people):
            said["temporary"] = {people[-1]: rng.choice(("2020-01-01", "2030-01-01"))}
        if not maps and rng.random() < 0.7:
            said["priority"] = rng.randint(1, 300) * 3 + number
        return said
