"""Random stack files that are valid, small, and have everything that decides about access.

Left out is what a stack file can't decide: people whom a rule or a directory puts into a group.
"""

import json
import random
from itertools import pairwise
from typing import Any

PEOPLE = ("ada@example.com", "alan@example.com", "grace@example.com", "joan@example.com")
DEPARTMENTS = {"ada@example.com": "blue", "alan@example.com": "red", "joan@example.com": "green"}
"""What Okta knows of people, and no stack file; of Grace it knows nothing."""
REGIONS = {
    "aws": ("us-east-1", "eu-west-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
}
ONE, TWO = "123456789012", "210987654321"
MANAGED = (
    *("AmazonEC2ReadOnlyAccess", "AmazonS3FullAccess", "SecurityAudit", "PowerUserAccess"),
    *("IAMReadOnlyAccess", "AmazonSSMReadOnlyAccess", "AdministratorAccess", "ReadOnlyAccess"),
)
OF_THE_ACCOUNT = ("ReadOnlyAccess", "E0-Wide", "E0-Denies")
"""Policies of the account itself, whose content no stack file knows; one is called as AWS's own."""
ACTIONS = (
    *("ec2:Describe*", "ec2:*", "ec2:StartInstances", "s3:*", "s3:GetObject", "s3:Get*"),
    *("s3:ListAllMyBuckets", "iam:*", "iam:Get*", "iam:DeleteUser", "iam:List*", "ssm:*"),
    *("secretsmanager:GetSecretValue", "*", "S3:deleteobject", "s3:?etObject", "s3:ListBucket"),
    *("ec2:RunInstances", "iam:CreateUser", "iam:*User", "sts:GetCallerIdentity"),
)
RESOURCES = (
    *("*", "*", "*", "arn:aws:s3:::reports/*", "arn:aws:s3:::*", "arn:aws:iam::*:user/*"),
    *("arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:parameter/team/${aws:PrincipalTag/team}"),
    *("arn:aws:s3:::reports/${aws:PrincipalTag/year}", "arn:aws:secretsmanager:*:*:secret:team/*"),
    *("arn:aws:s3:::reports/${aws:PrincipalTag/team, 'blue'}", "arn:aws:s3:::report?"),
    *("arn:aws:ec2:*::image/*", "arn:aws:ec2:*:*:*", f"arn:aws:iam::{ONE}:user/team/*"),
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["blue", "red"]}},
    {"StringLike": {"aws:PrincipalTag/login": "a*"}},
    {"StringEqualsIfExists": {"aws:PrincipalTag/missing": "x"}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-gov-east-1", "cn-northwest-1"]}},
    {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-gov-west-1", "cn-north-1"]}},
    {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "year"]}},
    {"StringLike": {"s3:prefix": ["team/${aws:PrincipalTag/team}", "public/*"]}},
    {"NumericLessThanIfExists": {"s3:max-keys": "10"}},
    {"Bool": {"aws:ViaAWSService": "false"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"StringEquals": {"aws:PrincipalAccount": ONE}},
    {"StringEquals": {"aws:username": "ada@example.com"}},
    {"StringLike": {"aws:userid": "*:ada@example.com"}},
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
HOPS: tuple[dict[str, Any], ...] = (
    *({},) * 4,
    {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
    {"StringLike": {"aws:SourceIdentity": "ada@*"}},
    {"Null": {"aws:FederatedProvider": "true"}},
    {"StringEquals": {"sts:ExternalId": "agreed"}},
    {"StringLike": {"sts:RoleSessionName": "a*"}},
    {"Null": {"aws:TagKeys": "true"}},
)
"""Conditions of a trust policy on whoever comes from another role."""
TRUSTS: tuple[dict[str, Any], ...] = (
    *({},) * 8,
    {"closes": "2020-01-01"},
    {"closes": "2030-01-01"},
    {"opens": "2030-01-01"},
    {"sourceIps": ["127.0.0.0/8"]},
    {"conditions": {"StringLike": {"sts:RoleSessionName": "a*"}}},
    {"conditions": {"StringEquals": {"aws:RequestTag/team": "blue"}}},
    {"conditions": {"StringNotEquals": {"SAML:sub_type": "transient"}}},
    {"conditions": {"StringLike": {"SAML:iss": "http://www.okta.com/*"}}},
    {"conditions": {"Null": {"aws:TagKeys": "true"}}},
    {"conditions": {"StringNotLike": {"sts:SourceIdentity": "ada@*"}}},
    {"sourceIps": ["10.0.0.0/8"]},
    {"sourceIdentities": ["a*"], "sessionTags": ["other"]},
)


class Maker:
    """Makes one stack file after the other; names differ, so that one cloud takes them all."""

    def __init__(self, seed: int, partition: str = "aws") -> None:
        self.rng = random.Random(seed)
        self.partition = partition
        self.number = 0

    def values(self) -> dict[str, Any]:
        """The values of a stack file."""
        self.number += 1
        rng, mark = self.rng, f"E{self.number}"
        maps = rng.random() < 0.4
        regions = REGIONS[self.partition]
        accounts = {"one": {"id": ONE, "region": rng.choice(regions)}}
        if maps and rng.random() < 0.6:
            accounts["two"] = {"id": TWO, "region": regions[1]}
        roles = {f"{mark}{letter}": self.role(maps) for letter in "ABCD"[: rng.randint(2, 4)]}
        if rng.random() < 0.3:
            roles = {name: role | {"path": "/people/"} for name, role in roles.items()}
        self.chains(accounts, roles)
        new = f"{mark.lower()}@example.com"
        groups = {
            f"{mark} {name}": self.group(roles, number, maps, (*PEOPLE, new))
            for number, name in enumerate(("North", "South", "East")[: rng.randint(1, 3)])
        }
        stack: dict[str, Any] = {
            "mode": "group-mapping" if maps else "saml-roles",
            "accounts": accounts,
            "app": self.app(mark, maps),
            "roles": roles,
            "groups": groups,
            "people": {self.spelled(new): self.person(new)} if self.names(new, groups) else {},
            "tags": {"owner": "identity"} if rng.random() < 0.3 else {},
        }
        if not maps:
            own = {"user": f"{mark}u", "policy": f"{mark}p", "group": f"{mark}g"}
            stack["provisioning"] = own | {"integration": "done"}
        text = json.dumps(stack).replace("arn:aws:", f"arn:{self.partition}:")
        return dict(json.loads(text))

    def chains(self, accounts: dict[str, Any], roles: dict[str, Any]) -> None:
        """Lets some roles assume others: as both sides must agree, or as only one side does."""
        rng, names = self.rng, sorted(roles)
        for source, target in pairwise(names):
            if rng.random() < 0.5:
                continue
            arns = [
                f"arn:aws:iam::{each['id']}:role{roles[target].get('path', '/')}{target}"
                for each in accounts.values()
            ]
            actions = rng.choice(
                (["sts:AssumeRole"], ["sts:AssumeRole", "sts:SetSourceIdentity"], ["sts:*"])
            )
            statement = {
                "Effect": "Deny" if rng.random() < 0.1 else "Allow",
                "Action": actions,
                "Resource": rng.choice((arns, ["*"], [f"{arns[0][:-1]}*"])),
            }
            if rng.random() < 0.7:
                inline = roles[source].setdefault("inlinePolicies", {})
                inline[f"E{self.number}-hop{rng.randrange(10**9)}"] = [statement]
            account = rng.choice(list(accounts.values()))["id"]
            trusted = {
                "Effect": "Deny" if rng.random() < 0.1 else "Allow",
                "Principal": {"AWS": rng.choice((account, f"arn:aws:iam::{account}:root"))},
                "Action": rng.choice((actions, ["sts:AssumeRole", "sts:SetSourceIdentity"])),
            }
            if condition := rng.choice(HOPS):
                trusted["Condition"] = condition
            roles[target]["trust"]["statements"] = [trusted]

    def names(self, login: str, groups: dict[str, Any]) -> bool:
        """Whether a group names somebody; the settings refuse a new person whom none does."""
        return any(
            self.spelled(login) in (*group["members"], *group.get("temporary", ()))
            for group in groups.values()
        )

    def spelled(self, login: str) -> str:
        """A login in some case, in one file always the same: Okta tells no case apart."""
        return login.title() if (self.number + len(login)) % 3 == 0 else login

    def person(self, login: str) -> dict[str, Any]:
        """Somebody new, whose department the stack file may know."""
        said = {"firstName": "New", "lastName": "Person", "email": login}
        if self.rng.random() < 0.7:
            said["department"] = self.rng.choice(("blue", "red"))
        return said

    def app(self, mark: str, maps: bool) -> dict[str, Any]:
        rng = self.rng
        said: dict[str, Any] = {"label": mark, "provider": f"P{mark}"}
        if rng.random() < 0.5:
            said["sessionTags"] = {
                "team": rng.choice(('"blue"', '"red"', "user.department")),
                "login": "user.login",
                "year": '"2026"',
            }
        if rng.random() < 0.3:
            allow = rng.choice((["*@example.com"], ["a*"], ["nobody"]))
            said["sourceIdentity"] = {"value": "user.login", "allow": allow}
        if rng.random() < 0.2:
            said["signInRegion"] = REGIONS[self.partition][1]
            said["fallbackRegions"] = rng.choice(([], [REGIONS[self.partition][0]]))
        if not maps and rng.random() < 0.2:
            said["joinAllRoles"] = True
        if not maps and rng.random() < 0.3:
            said["combineRoles"] = True
        return said

    def role(self, maps: bool) -> dict[str, Any]:
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
        if not maps and rng.random() < 0.15:
            name = rng.choice(OF_THE_ACCOUNT)
            role["managedPolicies"] = [f"arn:aws:iam::{ONE}:policy/{name}"]
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

    def group(
        self, roles: dict[str, Any], number: int, maps: bool, everybody: tuple[str, ...]
    ) -> dict[str, Any]:
        rng = self.rng
        people = [self.spelled(each) for each in rng.sample(everybody, rng.randint(1, 3))]
        said: dict[str, Any] = {"roles": rng.sample(sorted(roles), rng.randint(1, len(roles)))}
        said["members"] = people[:-1] if rng.random() < 0.2 else people
        if len(said["members"]) < len(people):
            said["temporary"] = {people[-1]: rng.choice(("2020-01-01", "2030-01-01"))}
        if rng.random() < 0.2:
            said["existing"] = True
        if not maps and rng.random() < 0.7:
            said["priority"] = rng.randint(1, 300) * 3 + number
        return said
