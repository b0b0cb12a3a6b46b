"""Real calls to the local AWS with a session's keys, signed by botocore, and what came of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lxml import etree

from okta_aws_federation.iam.matching import ContextValue

REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
QUERY = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Call:
    """One action as it is called, and as policies name it."""

    action: str
    resource: str
    """ARN with {account} and {region}, or `*`."""
    method: str = "POST"
    path: str = "/"
    form: str = ""
    target: str = ""
    body: str = ""
    also: tuple[str, ...] = ()
    """Further resources on which it must be allowed."""
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    """The condition keys that its parameters give."""

    def resources(self, partition: str, account: str, region: str) -> tuple[str, ...]:
        """ARNs in the account."""
        found = (each.format(account=account, region=region) for each in self.all_resources)
        return tuple(each.replace("arn:aws:", f"arn:{partition}:") for each in found)

    @property
    def all_resources(self) -> tuple[str, ...]:
        return (self.resource, *self.also)

    @property
    def service(self) -> str:
        return self.action.partition(":")[0]


IAM, EC2, STS = "Version=2010-05-08", "Version=2016-11-15", "Version=2011-06-15"
TAGGED = "Tags.member.1.Key=team&Tags.member.1.Value=blue"
CALLS = (
    Call("ec2:DescribeInstances", "*", form=f"Action=DescribeInstances&{EC2}"),
    Call("ec2:DescribeVpcs", "*", form=f"Action=DescribeVpcs&{EC2}"),
    Call(
        "ec2:StartInstances",
        "arn:aws:ec2:{region}:{account}:instance/i-0123456789abcdef0",
        form=f"Action=StartInstances&InstanceId.1=i-0123456789abcdef0&{EC2}",
    ),
    Call(
        "ec2:RunInstances",
        "arn:aws:ec2:{region}::image/ami-12c6146b",
        form=f"Action=RunInstances&ImageId=ami-12c6146b&MinCount=1&MaxCount=1&DryRun=true&{EC2}",
        also=tuple(
            f"arn:aws:ec2:{{region}}:{{account}}:{kind}/*"
            for kind in ("instance", "network-interface", "volume")
        ),
    ),
    Call("iam:ListRoles", "*", form=f"Action=ListRoles&MaxItems=1&{IAM}"),
    Call(
        "iam:CreateUser",
        "arn:aws:iam::{account}:user/team/new",
        form=f"Action=CreateUser&UserName=new&Path=/team/&{TAGGED}&{IAM}",
        context={"aws:RequestTag/team": "blue", "aws:TagKeys": ("team",)},
    ),
    Call("sts:GetCallerIdentity", "*", form=f"Action=GetCallerIdentity&{STS}"),
    Call("iam:ListAccountAliases", "*", form=f"Action=ListAccountAliases&{IAM}"),
    Call(
        "iam:GetUser",
        "arn:aws:iam::{account}:user/nobody",
        form=f"Action=GetUser&UserName=nobody&{IAM}",
    ),
    Call(
        "iam:DeleteUser",
        "arn:aws:iam::{account}:user/nobody",
        form=f"Action=DeleteUser&UserName=nobody&{IAM}",
    ),
    Call("s3:ListAllMyBuckets", "*", method="GET"),
    Call("s3:GetObject", "arn:aws:s3:::reports/2026", method="GET", path="/reports/2026"),
    Call("s3:DeleteObject", "arn:aws:s3:::reports/2026", method="DELETE", path="/reports/2026"),
    Call(
        "s3:ListBucket",
        "arn:aws:s3:::reports",
        method="GET",
        path="/reports?list-type=2&prefix=team%2Fblue",
        context={"s3:prefix": "team/blue"},
    ),
    Call("s3:GetObject", "arn:aws:s3:::reports/blue", method="GET", path="/reports/blue"),
    Call("s3:GetObject", "arn:aws:s3:::secrets/key", method="GET", path="/secrets/key"),
    Call(
        "ssm:GetParameter",
        "arn:aws:ssm:{region}:{account}:parameter/team/blue",
        target="AmazonSSM.GetParameter",
        body='{"Name": "/team/blue"}',
    ),
    Call(
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:{region}:{account}:secret:team/blue",
        target="secretsmanager.GetSecretValue",
        body='{"SecretId": "team/blue"}',
    ),
)


class Caller:
    """A session's keys in a region, and the connection over which it calls."""

    def __init__(self, url: str, keys: Mapping[str, str], region: str, line: httpx.Client) -> None:
        self.url, self.region, self.line = url, region, line
        self.credentials = Credentials(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
        )

    def allowed(self, call: Call) -> bool:
        """Whether AWS lets the call through; what the call then finds does not matter."""
        answer = self.ask(call)
        code = code_of(answer)
        assert answer.status_code < 500, answer.text
        assert code in REFUSALS or answer.status_code not in (401, 403), answer.text
        return code not in REFUSALS

    def ask(self, call: Call) -> httpx.Response:
        headers = {"X-Amz-Target": call.target, "Content-Type": "application/x-amz-json-1.1"}
        headers = headers if call.target else ({"Content-Type": QUERY} if call.form else {})
        request = AWSRequest(
            call.method, f"{self.url}{call.path}", headers=headers, data=call.form or call.body
        )
        SigV4Auth(self.credentials, call.service, self.region).add_auth(request)
        return self.line.request(
            call.method, request.url, headers=dict(request.headers), content=request.data
        )


def code_of(answer: httpx.Response) -> str:
    """The error's code, in whichever form the service says it; empty where there is none."""
    if answer.is_success or not answer.content:
        return ""
    if answer.content.startswith(b"{"):
        told: Any = json.loads(answer.content)
        return str(told.get("__type", "")).rpartition("#")[2]
    found = etree.fromstring(answer.content).find(".//{*}Code")
    return "" if found is None else str(found.text)
