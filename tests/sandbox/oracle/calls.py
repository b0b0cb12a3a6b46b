"""Real calls to the local AWS with a session's keys, signed by botocore, and what came of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lxml import etree

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

    @property
    def service(self) -> str:
        return self.action.partition(":")[0]


IAM, EC2 = "Version=2010-05-08", "Version=2016-11-15"
CALLS = (
    Call("ec2:DescribeInstances", "*", form=f"Action=DescribeInstances&{EC2}"),
    Call("ec2:DescribeVpcs", "*", form=f"Action=DescribeVpcs&{EC2}"),
    Call(
        "ec2:StartInstances",
        "arn:aws:ec2:{region}:{account}:instance/i-0123456789abcdef0",
        form=f"Action=StartInstances&InstanceId.1=i-0123456789abcdef0&{EC2}",
    ),
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
