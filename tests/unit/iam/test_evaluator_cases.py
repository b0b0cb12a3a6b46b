"""Decisions of IAM, one by one, each with what the AWS documentation says about it.

Every group is headed by the page of the IAM User Guide that decides its cases; every case carries
the deciding sentence in our own words.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from okta_aws_federation.iam.evaluator import Policy, Principal, Request, evaluate, evaluate_trust

ALLOW, EXPLICIT, IMPLICIT = "allow", "explicitDeny", "implicitDeny"
HERE, THERE = "123456789012", "210987654321"
KEY = "arn:aws:s3:::bucket/key"
ROLE = f"arn:aws:iam::{HERE}:role/Developer"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Developer/ada"
ADA = f"arn:aws:iam::{HERE}:user/ada"
PROVIDER = f"arn:aws:iam::{HERE}:saml-provider/Okta"
IN_ROLE = Principal.session(SESSION, ROLE)
USER = Principal.user(ADA)


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def when(operator: str, key: str, *values: Any, effect: str = "Allow") -> dict[str, Any]:
    """An allowance (or denial) of s3:GetObject on everything under one condition."""
    condition = {operator: {key: values[0] if len(values) == 1 else list(values)}}
    return {**allow(Condition=condition), "Effect": effect}


def without(statement: dict[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in names} | more


@dataclass(frozen=True)
class Case:
    says: str
    expected: str
    identity: Any
    context: dict[str, Any] = field(default_factory=dict)
    action: str = "s3:GetObject"
    resource: str = KEY
    boundary: Any = None
    session: Any = None
    of_resource: Any = None
    principal: Principal | None = None
    account: str | None = None
    version: str = "2012-10-17"


def in_role(says: str, expected: str, identity: Any, of_resource: Any, **more: Any) -> Case:
    return Case(says, expected, identity, of_resource=of_resource, principal=IN_ROLE, **more)


def to(who: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a resource's policy."""
    return {**allow(), "Effect": effect, "Principal": who, **more}


MINE = {"Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}/*", "Effect": "Allow"}
BY_TEAM = when("StringEquals", "aws:ResourceTag/Team", "${aws:PrincipalTag/Team}")
BUCKET = "arn:aws:s3:::bucket"
INSTANCE = f"arn:aws:ec2:us-east-1:{HERE}:instance/i-1"
NOON = "2026-06-01T12:00:00Z"
NOW, IP, TAGS, MFA = "aws:CurrentTime", "aws:SourceIp", "aws:TagKeys", "aws:MultiFactorAuthAge"

GROUPS: dict[str, list[Case]] = {
    "Policy evaluation logic": [
        Case("without any policy a request is denied, and nobody said so", IMPLICIT, []),
        Case("an allowance in an identity policy overrides the default", ALLOW, [allow()]),
        Case("an allowance of something else does not", IMPLICIT, [allow("s3:PutObject")]),
        Case("an explicit denial overrides every allowance", EXPLICIT, [allow(), deny()]),
        Case("the order of statements does not matter", EXPLICIT, [deny(), allow()]),
        Case("a denial without an allowance is explicit too", EXPLICIT, [deny()]),
        Case("a denial of something else is none", ALLOW, [allow(), deny("s3:PutObject")]),
        Case(
            "a denial whose condition fails is none",
            ALLOW,
            [allow(), when("Bool", "aws:SecureTransport", "false", effect="Deny")],
            {"aws:SecureTransport": "true"},
        ),
        Case(
            "a denial whose condition holds counts",
            EXPLICIT,
            [allow(), when("Bool", "aws:SecureTransport", "false", effect="Deny")],
            {"aws:SecureTransport": "false"},
        ),
        Case("one of several statements is enough to allow", ALLOW, [allow("ec2:*"), allow()]),
        Case(
            "a statement matches with all its elements or not at all",
            IMPLICIT,
            [allow(resource="arn:aws:s3:::other/*"), allow("s3:PutObject", KEY)],
        ),
    ],
    "Permissions boundaries for IAM entities": [
        Case(
            "identity policy and boundary have to allow", ALLOW, [allow()], boundary=[allow("s3:*")]
        ),
        Case("a boundary alone grants nothing", IMPLICIT, [], boundary=[allow()]),
        Case(
            "what the boundary leaves out is denied implicitly",
            IMPLICIT,
            [allow()],
            boundary=[allow("ec2:*")],
        ),
        Case(
            "a denial in the boundary is explicit", EXPLICIT, [allow()], boundary=[allow(), deny()]
        ),
        Case("a boundary that allows nothing leaves nothing", IMPLICIT, [allow()], boundary=[]),
        Case(
            "a condition of the boundary counts",
            IMPLICIT,
            [allow()],
            {"aws:RequestedRegion": "us-east-1"},
            boundary=[when("StringEquals", "aws:RequestedRegion", "eu-west-1")],
        ),
    ],
    "Session policies": [
        Case(
            "the session has what both role and session policy allow",
            ALLOW,
            [allow("s3:*")],
            session=[allow()],
        ),
        Case("a session policy alone grants nothing", IMPLICIT, [], session=[allow()]),
        Case(
            "what the session policy leaves out is denied implicitly",
            IMPLICIT,
            [allow()],
            session=[allow("ec2:*")],
        ),
        Case("a denial in the session policy is explicit", EXPLICIT, [allow()], session=[deny()]),
        Case(
            "boundary and session policy limit together",
            IMPLICIT,
            [allow()],
            boundary=[allow()],
            session=[allow("s3:Put*")],
        ),
        Case(
            "all three allow", ALLOW, [allow()], boundary=[allow("*")], session=[allow("s3:Get*")]
        ),
    ],
    "IAM JSON policy elements: Action": [
        Case("prefix and name ignore case", ALLOW, [allow("S3:getobject")]),
        Case("a star stands for any characters", ALLOW, [allow("s3:Get*")]),
        Case("a star stands for none as well", ALLOW, [allow("s3:GetObject*")]),
        Case("a star in the middle", ALLOW, [allow("s3:*Object")]),
        Case("a question mark stands for one character", ALLOW, [allow("s3:GetObjec?")]),
        Case("a question mark does not stand for none", IMPLICIT, [allow("s3:GetObject?")]),
        Case("a lone star is every action of every service", ALLOW, [allow("*")]),
        Case("a star after the prefix is one service only", IMPLICIT, [allow("ec2:*")]),
        Case(
            "a list means each of its members", ALLOW, [allow(["ec2:RunInstances", "s3:GetObject"])]
        ),
        Case(
            "a name that begins alike is another action",
            IMPLICIT,
            [allow("s3:GetObject")],
            action="s3:GetObjectAcl",
        ),
        Case("several wildcards in one name", ALLOW, [allow("s3:?et*ject")]),
        Case("a denial by wildcard", EXPLICIT, [allow(), deny("s3:*")]),
    ],
    "IAM JSON policy elements: NotAction": [
        Case("all but what is listed", ALLOW, [without(allow(), "Action", NotAction="iam:*")]),
        Case(
            "what is listed is left out", IMPLICIT, [without(allow(), "Action", NotAction="s3:*")]
        ),
        Case(
            "left out is not denied: another statement may allow it",
            ALLOW,
            [without(allow(), "Action", NotAction="s3:*"), allow()],
        ),
        Case(
            "with Deny it denies all but what is listed",
            EXPLICIT,
            [allow(), without(deny(), "Action", NotAction="iam:*")],
        ),
        Case(
            "with Deny what is listed is spared",
            ALLOW,
            [allow(), without(deny(), "Action", NotAction="s3:Get*")],
        ),
        Case(
            "one member of a list that matches is enough",
            IMPLICIT,
            [without(allow(), "Action", NotAction=["ec2:*", "s3:GetObject"])],
        ),
        Case(
            "it ignores case as Action does",
            IMPLICIT,
            [without(allow(), "Action", NotAction="S3:GETOBJECT")],
        ),
    ],
    "IAM JSON policy elements: Resource": [
        Case("the ARN itself", ALLOW, [allow(resource=KEY)]),
        Case("another ARN", IMPLICIT, [allow(resource=KEY + "2")]),
        Case("ARNs keep to case", IMPLICIT, [allow(resource="arn:aws:s3:::bucket/KEY")]),
        Case(
            "a star at the end reaches over slashes",
            ALLOW,
            [allow(resource=f"{BUCKET}/*")],
            resource=f"{BUCKET}/a/b/c",
        ),
        Case("a bucket is not the objects in it", IMPLICIT, [allow(resource=BUCKET)]),
        Case(
            "the objects are not their bucket",
            IMPLICIT,
            [allow("s3:ListBucket", f"{BUCKET}/*")],
            action="s3:ListBucket",
            resource=BUCKET,
        ),
        Case("a star in the middle", ALLOW, [allow(resource="arn:aws:s3:::b*t/k*")]),
        Case(
            "a question mark is one character", ALLOW, [allow(resource="arn:aws:s3:::bucke?/key")]
        ),
        Case("a question mark is not two", IMPLICIT, [allow(resource="arn:aws:s3:::buck?/key")]),
        Case("one of a list", ALLOW, [allow(resource=["arn:aws:s3:::other/*", KEY])]),
        Case(
            "a star as a segment of the ARN",
            ALLOW,
            [allow("ec2:*", "arn:aws:ec2:*:123456789012:instance/*")],
            action="ec2:StopInstances",
            resource=INSTANCE,
        ),
        Case(
            "another account in the ARN",
            IMPLICIT,
            [allow("ec2:*", "arn:aws:ec2:*:210987654321:instance/*")],
            action="ec2:StopInstances",
            resource=INSTANCE,
        ),
        Case(
            "another kind of resource",
            IMPLICIT,
            [allow("ec2:*", "arn:aws:ec2:*:*:volume/*")],
            action="ec2:StopInstances",
            resource=INSTANCE,
        ),
        Case(
            "an action without resources needs a star",
            ALLOW,
            [allow("ec2:Describe*")],
            action="ec2:DescribeInstances",
            resource="*",
        ),
        Case(
            "an action without resources ignores ARNs",
            IMPLICIT,
            [allow("ec2:Describe*", INSTANCE)],
            action="ec2:DescribeInstances",
            resource="*",
        ),
        Case(
            "the path belongs to a role's ARN",
            IMPLICIT,
            [allow("iam:GetRole", f"arn:aws:iam::{HERE}:role/Developer")],
            action="iam:GetRole",
            resource=f"arn:aws:iam::{HERE}:role/teams/Developer",
        ),
        Case(
            "a star takes paths too",
            ALLOW,
            [allow("iam:GetRole", f"arn:aws:iam::{HERE}:role/*")],
            action="iam:GetRole",
            resource=f"arn:aws:iam::{HERE}:role/teams/Developer",
        ),
    ],
    "IAM JSON policy elements: NotResource": [
        Case(
            "all but what is listed",
            ALLOW,
            [without(allow(), "Resource", NotResource="arn:aws:s3:::secret/*")],
        ),
        Case(
            "what is listed is left out", IMPLICIT, [without(allow(), "Resource", NotResource=KEY)]
        ),
        Case(
            "with Deny it denies all but what is listed",
            EXPLICIT,
            [allow(), without(deny(), "Resource", NotResource="arn:aws:s3:::other/*")],
        ),
        Case(
            "with Deny what is listed is spared",
            ALLOW,
            [allow(), without(deny(), "Resource", NotResource=f"{BUCKET}/*")],
        ),
        Case(
            "one of a list is enough",
            IMPLICIT,
            [without(allow(), "Resource", NotResource=["arn:aws:s3:::x", KEY])],
        ),
    ],
    "Condition operators: strings": [
        Case(
            "StringEquals is exact",
            ALLOW,
            [when("StringEquals", "aws:username", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringEquals keeps to case",
            IMPLICIT,
            [when("StringEquals", "aws:username", "Ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringEquals knows no wildcards",
            IMPLICIT,
            [when("StringEquals", "aws:username", "a*")],
            {"aws:username": "ada"},
        ),
        Case(
            "keys ignore case",
            ALLOW,
            [when("StringEquals", "AWS:UserName", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "several values: one is enough",
            ALLOW,
            [when("StringEquals", "aws:username", "bob", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "several values: none fits",
            IMPLICIT,
            [when("StringEquals", "aws:username", "bob", "eve")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringNotEquals is true for another",
            ALLOW,
            [when("StringNotEquals", "aws:username", "bob")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringNotEquals is false for the same",
            IMPLICIT,
            [when("StringNotEquals", "aws:username", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "negated, several values: none may fit",
            IMPLICIT,
            [when("StringNotEquals", "aws:username", "bob", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringEqualsIgnoreCase ignores case",
            ALLOW,
            [when("StringEqualsIgnoreCase", "aws:username", "ADA")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringNotEqualsIgnoreCase too",
            IMPLICIT,
            [when("StringNotEqualsIgnoreCase", "aws:username", "ADA")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringLike takes stars",
            ALLOW,
            [when("StringLike", "aws:username", "a*")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringLike takes question marks",
            ALLOW,
            [when("StringLike", "aws:username", "?d?")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringLike keeps to case",
            IMPLICIT,
            [when("StringLike", "aws:username", "A*")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringLike is about the whole",
            IMPLICIT,
            [when("StringLike", "aws:username", "d*")],
            {"aws:username": "ada"},
        ),
        Case(
            "StringNotLike negates it",
            IMPLICIT,
            [when("StringNotLike", "aws:username", "a*")],
            {"aws:username": "ada"},
        ),
        Case(
            "a missing key makes a condition false",
            IMPLICIT,
            [when("StringEquals", "aws:username", "ada")],
        ),
        Case(
            "a missing key makes a negated one true",
            ALLOW,
            [when("StringNotEquals", "aws:username", "ada")],
        ),
        Case(
            "a missing key makes StringNotLike true",
            ALLOW,
            [when("StringNotLike", "aws:username", "a*")],
        ),
        Case(
            "several keys: all have to hold",
            IMPLICIT,
            [allow(Condition={"StringEquals": {"aws:username": "ada", "aws:userid": "2"}})],
            {"aws:username": "ada", "aws:userid": "1"},
        ),
        Case(
            "several operators: all have to hold",
            IMPLICIT,
            [
                allow(
                    Condition={
                        "StringEquals": {"aws:username": "ada"},
                        "Bool": {"aws:SecureTransport": "true"},
                    }
                )
            ],
            {"aws:username": "ada", "aws:SecureTransport": "false"},
        ),
    ],
    "Condition operators: numbers": [
        Case(
            "NumericEquals compares numbers, not text",
            ALLOW,
            [when("NumericEquals", "s3:max-keys", "10")],
            {"s3:max-keys": "10.0"},
        ),
        Case(
            "a number without quotes is the same",
            ALLOW,
            [when("NumericEquals", "s3:max-keys", 10)],
            {"s3:max-keys": "10"},
        ),
        Case(
            "NumericNotEquals",
            IMPLICIT,
            [when("NumericNotEquals", "s3:max-keys", "10")],
            {"s3:max-keys": "10"},
        ),
        Case(
            "NumericLessThan, less",
            ALLOW,
            [when("NumericLessThan", "s3:max-keys", "10")],
            {"s3:max-keys": "9"},
        ),
        Case(
            "NumericLessThan, the same",
            IMPLICIT,
            [when("NumericLessThan", "s3:max-keys", "10")],
            {"s3:max-keys": "10"},
        ),
        Case(
            "NumericLessThanEquals, the same",
            ALLOW,
            [when("NumericLessThanEquals", "s3:max-keys", "10")],
            {"s3:max-keys": "10"},
        ),
        Case(
            "NumericGreaterThan, more",
            ALLOW,
            [when("NumericGreaterThan", "s3:max-keys", "10")],
            {"s3:max-keys": "11"},
        ),
        Case(
            "NumericGreaterThan, the same",
            IMPLICIT,
            [when("NumericGreaterThan", "s3:max-keys", "10")],
            {"s3:max-keys": "10"},
        ),
        Case(
            "NumericGreaterThanEquals, the same",
            ALLOW,
            [when("NumericGreaterThanEquals", "s3:max-keys", "10")],
            {"s3:max-keys": "10"},
        ),
        Case(
            "what is no number fits no number",
            IMPLICIT,
            [when("NumericEquals", "s3:max-keys", "10")],
            {"s3:max-keys": "ten"},
        ),
    ],
    "Condition operators: dates": [
        Case(
            "DateLessThan, before",
            ALLOW,
            [when("DateLessThan", NOW, NOON)],
            {NOW: "2026-06-01T11:59:59Z"},
        ),
        Case(
            "DateLessThan, after",
            IMPLICIT,
            [when("DateLessThan", NOW, NOON)],
            {NOW: "2026-06-01T12:00:01Z"},
        ),
        Case(
            "DateGreaterThan, after",
            ALLOW,
            [when("DateGreaterThan", NOW, NOON)],
            {NOW: "2027-01-01T00:00:00Z"},
        ),
        Case(
            "DateGreaterThanEquals, the same",
            ALLOW,
            [when("DateGreaterThanEquals", NOW, NOON)],
            {NOW: NOON},
        ),
        Case(
            "DateLessThanEquals, the same",
            ALLOW,
            [when("DateLessThanEquals", NOW, NOON)],
            {NOW: NOON},
        ),
        Case(
            "DateEquals across zones",
            ALLOW,
            [when("DateEquals", NOW, "2026-06-01T14:00:00+02:00")],
            {NOW: NOON},
        ),
        Case("DateNotEquals", IMPLICIT, [when("DateNotEquals", NOW, NOON)], {NOW: NOON}),
        Case(
            "epoch seconds are dates as well",
            ALLOW,
            [when("DateGreaterThan", "aws:EpochTime", NOON)],
            {"aws:EpochTime": "1893456000"},
        ),
        Case(
            "a day is its midnight",
            ALLOW,
            [when("DateGreaterThan", NOW, "2026-06-01")],
            {NOW: NOON},
        ),
    ],
    "Condition operators: booleans, binary and null": [
        Case(
            "Bool true",
            ALLOW,
            [when("Bool", "aws:SecureTransport", "true")],
            {"aws:SecureTransport": "true"},
        ),
        Case(
            "Bool false",
            IMPLICIT,
            [when("Bool", "aws:SecureTransport", "true")],
            {"aws:SecureTransport": "false"},
        ),
        Case(
            "Bool without quotes",
            ALLOW,
            [when("Bool", "aws:SecureTransport", True)],
            {"aws:SecureTransport": "true"},
        ),
        Case(
            "Bool of a missing key is false",
            IMPLICIT,
            [when("Bool", "aws:MultiFactorAuthPresent", "false")],
        ),
        Case(
            "BinaryEquals compares bytes",
            ALLOW,
            [when("BinaryEquals", "x:key", "QmluYXJ5")],
            {"x:key": "QmluYXJ5"},
        ),
        Case(
            "BinaryEquals, other bytes",
            IMPLICIT,
            [when("BinaryEquals", "x:key", "QmluYXJ5")],
            {"x:key": "QmluYXJ6"},
        ),
        Case(
            "Null true: the key must be missing",
            ALLOW,
            [when("Null", "aws:TokenIssueTime", "true")],
        ),
        Case(
            "Null true: the key is there",
            IMPLICIT,
            [when("Null", "aws:TokenIssueTime", "true")],
            {"aws:TokenIssueTime": NOON},
        ),
        Case(
            "Null false: the key must be there",
            ALLOW,
            [when("Null", "aws:TokenIssueTime", "false")],
            {"aws:TokenIssueTime": NOON},
        ),
        Case(
            "Null false: the key is missing",
            IMPLICIT,
            [when("Null", "aws:TokenIssueTime", "false")],
        ),
    ],
    "Condition operators: IP addresses": [
        Case(
            "an address in the range",
            ALLOW,
            [when("IpAddress", IP, "203.0.113.0/24")],
            {IP: "203.0.113.9"},
        ),
        Case(
            "an address outside",
            IMPLICIT,
            [when("IpAddress", IP, "203.0.113.0/24")],
            {IP: "198.51.100.9"},
        ),
        Case(
            "without a prefix it is one address",
            ALLOW,
            [when("IpAddress", IP, "203.0.113.9")],
            {IP: "203.0.113.9"},
        ),
        Case(
            "one of several ranges",
            ALLOW,
            [when("IpAddress", IP, "198.51.100.0/24", "203.0.113.0/24")],
            {IP: "203.0.113.9"},
        ),
        Case(
            "NotIpAddress outside",
            ALLOW,
            [when("NotIpAddress", IP, "203.0.113.0/24")],
            {IP: "198.51.100.9"},
        ),
        Case(
            "NotIpAddress inside one of several",
            IMPLICIT,
            [when("NotIpAddress", IP, "198.51.100.0/24", "203.0.113.0/24")],
            {IP: "203.0.113.9"},
        ),
        Case("IPv6", ALLOW, [when("IpAddress", IP, "2001:db8::/32")], {IP: "2001:db8::1"}),
        Case(
            "IPv4 is in no range of IPv6",
            IMPLICIT,
            [when("IpAddress", IP, "2001:db8::/32")],
            {IP: "203.0.113.9"},
        ),
    ],
    "Condition operators: ARNs": [
        Case(
            "ArnEquals, the same",
            ALLOW,
            [when("ArnEquals", "aws:SourceArn", INSTANCE)],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "ArnEquals takes wildcards as ArnLike does",
            ALLOW,
            [when("ArnEquals", "aws:SourceArn", f"arn:aws:ec2:*:{HERE}:instance/*")],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "ArnLike, each segment by itself",
            ALLOW,
            [when("ArnLike", "aws:SourceArn", "arn:aws:ec2:*:*:instance/*")],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "a star does not reach over a colon",
            IMPLICIT,
            [when("ArnLike", "aws:SourceArn", "arn:aws:ec2:*:instance/*")],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "ArnLike keeps to case",
            IMPLICIT,
            [when("ArnLike", "aws:SourceArn", "arn:aws:ec2:*:*:INSTANCE/*")],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "ArnNotLike negates it",
            IMPLICIT,
            [when("ArnNotLike", "aws:SourceArn", "arn:aws:ec2:*:*:*")],
            {"aws:SourceArn": INSTANCE},
        ),
        Case(
            "ArnNotEquals of another",
            ALLOW,
            [when("ArnNotEquals", "aws:SourceArn", INSTANCE)],
            {"aws:SourceArn": INSTANCE + "2"},
        ),
    ],
    "Condition operators: ...IfExists": [
        Case(
            "a missing key makes it true",
            ALLOW,
            [when("StringEqualsIfExists", "ec2:InstanceType", "t3.*")],
        ),
        Case(
            "a key that is there is compared",
            IMPLICIT,
            [when("StringEqualsIfExists", "ec2:InstanceType", "t3.nano")],
            {"ec2:InstanceType": "m5.large"},
        ),
        Case(
            "and may fit",
            ALLOW,
            [when("StringLikeIfExists", "ec2:InstanceType", "t3.*")],
            {"ec2:InstanceType": "t3.nano"},
        ),
        Case(
            "BoolIfExists false denies keys of users too",
            EXPLICIT,
            [allow(), when("BoolIfExists", "aws:MultiFactorAuthPresent", "false", effect="Deny")],
        ),
        Case(
            "Bool false does not",
            ALLOW,
            [allow(), when("Bool", "aws:MultiFactorAuthPresent", "false", effect="Deny")],
        ),
        Case("NumericLessThanIfExists", ALLOW, [when("NumericLessThanIfExists", MFA, "3600")]),
        Case(
            "negated with IfExists, the key missing",
            ALLOW,
            [when("StringNotEqualsIfExists", "aws:username", "ada")],
        ),
        Case(
            "negated with IfExists, the key there",
            IMPLICIT,
            [when("StringNotEqualsIfExists", "aws:username", "ada")],
            {"aws:username": "ada"},
        ),
        Case(
            "IpAddressIfExists, outside",
            IMPLICIT,
            [when("IpAddressIfExists", IP, "10.0.0.0/8")],
            {IP: "203.0.113.9"},
        ),
    ],
    "Set operators for multivalued context keys": [
        Case(
            "ForAllValues: every value fits one",
            ALLOW,
            [when("ForAllValues:StringEquals", TAGS, "Team", "Cost")],
            {TAGS: ("Team", "Cost")},
        ),
        Case(
            "ForAllValues: fewer are fine",
            ALLOW,
            [when("ForAllValues:StringEquals", TAGS, "Team", "Cost")],
            {TAGS: ("Team",)},
        ),
        Case(
            "ForAllValues: one too many",
            IMPLICIT,
            [when("ForAllValues:StringEquals", TAGS, "Team", "Cost")],
            {TAGS: ("Team", "Other")},
        ),
        Case(
            "ForAllValues: true when the key is missing",
            ALLOW,
            [when("ForAllValues:StringEquals", TAGS, "Team")],
        ),
        Case(
            "ForAllValues with Null guards against that",
            IMPLICIT,
            [
                allow(
                    Condition={"ForAllValues:StringEquals": {TAGS: "Team"}, "Null": {TAGS: "false"}}
                )
            ],
        ),
        Case(
            "ForAllValues: a denial by it hits requests without the key",
            EXPLICIT,
            [allow(), when("ForAllValues:StringEquals", TAGS, "Team", effect="Deny")],
        ),
        Case(
            "ForAnyValue: one value fits",
            ALLOW,
            [when("ForAnyValue:StringEquals", TAGS, "Team")],
            {TAGS: ("Other", "Team")},
        ),
        Case(
            "ForAnyValue: none fits",
            IMPLICIT,
            [when("ForAnyValue:StringEquals", TAGS, "Team")],
            {TAGS: ("Other",)},
        ),
        Case(
            "ForAnyValue: false when the key is missing",
            IMPLICIT,
            [when("ForAnyValue:StringEquals", TAGS, "Team")],
        ),
        Case(
            "ForAnyValue with wildcards",
            ALLOW,
            [when("ForAnyValue:StringLike", TAGS, "T*")],
            {TAGS: ("Other", "Team")},
        ),
        Case(
            "ForAllValues negated: none may fit",
            IMPLICIT,
            [when("ForAllValues:StringNotEquals", TAGS, "Secret")],
            {TAGS: ("Team", "Secret")},
        ),
        Case(
            "ForAnyValue negated: one that does not fit is enough",
            ALLOW,
            [when("ForAnyValue:StringNotEquals", TAGS, "Secret")],
            {TAGS: ("Team", "Secret")},
        ),
        Case(
            "ForAnyValue: a denial needs one",
            EXPLICIT,
            [allow(), when("ForAnyValue:StringEquals", TAGS, "Secret", effect="Deny")],
            {TAGS: ("Team", "Secret")},
        ),
        Case(
            "ForAllValues ignoring case",
            ALLOW,
            [when("ForAllValues:StringEqualsIgnoreCase", TAGS, "TEAM")],
            {TAGS: ("team",)},
        ),
    ],
    "IAM policy elements: Variables and tags": [
        Case("a variable in a resource", ALLOW, [MINE], {"aws:username": "bucket"}),
        Case("a variable of somebody else", IMPLICIT, [MINE], {"aws:username": "other"}),
        Case("a variable without a value fits nothing", IMPLICIT, [MINE]),
        Case("the value of a variable is no pattern", IMPLICIT, [MINE], {"aws:username": "*"}),
        Case(
            "a variable in a condition",
            ALLOW,
            [BY_TEAM],
            {"aws:ResourceTag/Team": "blue", "aws:PrincipalTag/Team": "blue"},
        ),
        Case(
            "a variable that differs",
            IMPLICIT,
            [BY_TEAM],
            {"aws:ResourceTag/Team": "red", "aws:PrincipalTag/Team": "blue"},
        ),
        Case(
            "names of variables ignore case",
            ALLOW,
            [when("StringEquals", "aws:ResourceTag/Owner", "${AWS:USERNAME}")],
            {"aws:username": "ada", "aws:ResourceTag/Owner": "ada"},
        ),
        Case(
            "a default stands in for a missing value",
            ALLOW,
            [when("StringEquals", "s3:prefix", "${aws:PrincipalTag/Team, 'all'}")],
            {"s3:prefix": "all"},
        ),
        Case(
            "a value goes before the default",
            IMPLICIT,
            [when("StringEquals", "s3:prefix", "${aws:PrincipalTag/Team, 'all'}")],
            {"s3:prefix": "all", "aws:PrincipalTag/Team": "blue"},
        ),
        Case(
            "${*} is a star and no wildcard", IMPLICIT, [allow(resource="arn:aws:s3:::bucket/${*}")]
        ),
        Case(
            "${*} fits a star",
            ALLOW,
            [allow(resource="arn:aws:s3:::bucket/${*}")],
            resource="arn:aws:s3:::bucket/*",
        ),
        Case(
            "${?} is a question mark",
            ALLOW,
            [when("StringLike", "s3:prefix", "a${?}")],
            {"s3:prefix": "a?"},
        ),
        Case(
            "${$} is a dollar",
            ALLOW,
            [when("StringEquals", "s3:prefix", "${$}5")],
            {"s3:prefix": "$5"},
        ),
        Case(
            "with wildcards around it",
            ALLOW,
            [when("StringLike", "s3:prefix", "home/${aws:username}/*")],
            {"s3:prefix": "home/ada/x", "aws:username": "ada"},
        ),
        Case(
            "in version 2008-10-17 it is plain text",
            IMPLICIT,
            [MINE],
            {"aws:username": "bucket"},
            version="2008-10-17",
        ),
        Case(
            "in version 2008-10-17 it fits itself",
            ALLOW,
            [MINE],
            resource="arn:aws:s3:::${aws:username}/x",
            version="2008-10-17",
        ),
        Case(
            "a denial with a variable without a value denies nothing",
            ALLOW,
            [allow(), without(MINE, "Effect", Effect="Deny")],
        ),
    ],
    "How resource-based and identity-based policies work together": [
        in_role(
            "within an account the resource's policy is enough", ALLOW, [], [to({"AWS": SESSION})]
        ),
        in_role("naming the role is enough too", ALLOW, [], [to({"AWS": ROLE})]),
        in_role("naming the account only delegates", IMPLICIT, [], [to({"AWS": HERE})]),
        in_role("delegated, an identity policy allows", ALLOW, [allow()], [to({"AWS": HERE})]),
        in_role("everybody is the caller as well", ALLOW, [], [to("*")]),
        in_role("everybody in the other spelling", ALLOW, [], [to({"AWS": "*"})]),
        in_role("a denial by the resource wins", EXPLICIT, [allow()], [to({"AWS": ROLE}, "Deny")]),
        in_role(
            "a denial of the account hits its sessions",
            EXPLICIT,
            [allow()],
            [to({"AWS": HERE}, "Deny")],
        ),
        in_role("a denial of somebody else does not", ALLOW, [allow()], [to({"AWS": ADA}, "Deny")]),
        in_role(
            "a resource that names nobody leaves it to identity policies", ALLOW, [allow()], []
        ),
        in_role(
            "a boundary limits what a role is given",
            IMPLICIT,
            [],
            [to({"AWS": ROLE})],
            boundary=[allow("ec2:*")],
        ),
        in_role(
            "it does not limit what the session itself is given",
            ALLOW,
            [],
            [to({"AWS": SESSION})],
            boundary=[allow("ec2:*")],
        ),
        in_role(
            "nor does a session policy", ALLOW, [], [to({"AWS": SESSION})], session=[allow("ec2:*")]
        ),
        in_role(
            "a boundary does not limit what everybody is given",
            ALLOW,
            [],
            [to("*")],
            boundary=[allow("ec2:*")],
        ),
        in_role(
            "a session policy limits what its role is given",
            IMPLICIT,
            [],
            [to({"AWS": ROLE})],
            session=[allow("ec2:*")],
        ),
        Case(
            "a user named by the resource",
            ALLOW,
            [],
            of_resource=[to({"AWS": ADA})],
            principal=USER,
        ),
        Case("another user", IMPLICIT, [], of_resource=[to({"AWS": ADA + "2"})], principal=USER),
        Case(
            "NotPrincipal with Deny spares whom it lists in full",
            ALLOW,
            [allow()],
            of_resource=[
                without(to("*", "Deny"), "Principal", NotPrincipal={"AWS": [SESSION, ROLE, HERE]})
            ],
            principal=IN_ROLE,
        ),
        Case(
            "NotPrincipal with Deny hits all others",
            EXPLICIT,
            [allow()],
            of_resource=[without(to("*", "Deny"), "Principal", NotPrincipal={"AWS": [ADA, HERE]})],
            principal=IN_ROLE,
        ),
    ],
    "Cross-account policy evaluation logic": [
        in_role(
            "both accounts have to allow", ALLOW, [allow()], [to({"AWS": ROLE})], account=THERE
        ),
        in_role(
            "the resource's policy alone is not enough",
            IMPLICIT,
            [],
            [to({"AWS": ROLE})],
            account=THERE,
        ),
        in_role(
            "the caller's policies alone are not enough", IMPLICIT, [allow()], [], account=THERE
        ),
        in_role(
            "naming the account lets its own policies decide",
            ALLOW,
            [allow()],
            [to({"AWS": HERE})],
            account=THERE,
        ),
        in_role(
            "a denial on either side wins",
            EXPLICIT,
            [allow(), deny()],
            [to({"AWS": ROLE})],
            account=THERE,
        ),
        in_role(
            "a boundary counts across accounts",
            IMPLICIT,
            [allow()],
            [to({"AWS": SESSION})],
            account=THERE,
            boundary=[allow("ec2:*")],
        ),
    ],
}
CASES = [(page, case) for page, cases in GROUPS.items() for case in cases]


def policies(statements: Any, name: str, version: str = "2012-10-17") -> list[Policy] | None:
    if statements is None:
        return None
    if not statements:
        return []
    return [Policy.parse({"Version": version, "Statement": statements}, name=name)]


@pytest.mark.parametrize(("page", "case"), CASES, ids=lambda value: getattr(value, "says", value))
def test_the_decision_is_the_documented_one(page, case):
    decision = evaluate(
        Request(case.action, case.resource, case.principal, case.context, case.account),
        identity=policies(case.identity, "identity", case.version) or [],
        boundary=policies(case.boundary, "boundary"),
        session=policies(case.session, "session"),
        resource=policies(case.of_resource, "resource") or [],
    )
    assert decision.effect == case.expected, f"{page}: {case.says} ({decision.reason})"
    assert decision.allowed == (case.expected == ALLOW)
    assert (decision.statement is None) == (case.expected == IMPLICIT), (
        "an implicit denial has no statement; all else has one"
    )


def test_there_are_as_many_cases_as_promised():
    assert len(CASES) >= 150
    said = [(page, case.says) for page, case in CASES]
    assert len(set(said)) == len(said), "each is told once"


SAML = {"Federated": PROVIDER}
AUD = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
WITH_AUD = {"saml:aud": "https://signin.aws.amazon.com/saml"}


def trusting(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": SAML, "Action": "sts:AssumeRoleWithSAML"} | elements


@pytest.mark.parametrize(
    ("says", "statements", "context", "expected"),
    [
        ("the provider that is named may", [trusting()], {}, ALLOW),
        (
            "another provider may not",
            [trusting(Principal={"Federated": PROVIDER + "2"})],
            {},
            IMPLICIT,
        ),
        ("its account is not the provider", [trusting(Principal={"AWS": HERE})], {}, IMPLICIT),
        ("another action is not this one", [trusting(Action="sts:AssumeRole")], {}, IMPLICIT),
        ("a wildcard action is", [trusting(Action="sts:AssumeRole*")], {}, ALLOW),
        ("a condition that holds", [trusting(Condition=AUD)], WITH_AUD, ALLOW),
        ("a condition on a key that is missing", [trusting(Condition=AUD)], {}, IMPLICIT),
        ("a denial wins", [trusting(), trusting(Effect="Deny")], {}, EXPLICIT),
        (
            "a denial of another provider does not",
            [trusting(), trusting(Effect="Deny", Principal={"Federated": "x.example"})],
            {},
            ALLOW,
        ),
        ("everybody may", [trusting(Principal="*")], {}, ALLOW),
    ],
)
def test_a_trust_policy_decides_as_documented(says, statements, context, expected):
    """ "Creating a role for SAML 2.0 federation": the trust policy is the whole decision."""
    (trust,) = policies(statements, "trust")
    request = Request("sts:AssumeRoleWithSAML", ROLE, Principal.federated(PROVIDER), context)
    assert evaluate_trust(request, trust).effect == expected, says
