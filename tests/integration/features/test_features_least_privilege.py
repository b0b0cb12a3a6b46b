"""The rights that a deployment needs, as the documents list them: with less, it is refused.

The local AWS decides each call by IAM's rules, and the local Okta by the scopes of the token.
"""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.errors import SandboxError
from sandbox.stack import Stack
from sandbox.workspace import ROOT

ACCOUNT = "123456789012"
POLICY = json.loads((ROOT / "docs/reference/deployer-policy.json").read_text())
PAGE = ROOT / "docs/how-to/run-in-a-pipeline.md"
SCOPES = ("okta.apps.manage", "okta.groups.manage", "okta.users.read")
ADA = "ada@example.com"
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {
        "OktaDeveloper": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
            "inlinePolicies": {
                "Logs": [{"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}]
            },
            "boundary": "ReadOnlyAccess",
        }
    },
    "groups": {"AWSDeveloper": {"roles": ["OktaDeveloper"], "members": [ADA]}},
    "tags": {"owner": "identity"},
    "expect": [{"user": ADA, "can": ["ec2:DescribeInstances"]}],
}
PRIVATE_KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        bench.aws("iam", ACCOUNT).create_user(UserName="deployer")
        yield bench


def deployer(bench, document=POLICY, scopes=SCOPES) -> Stack:
    """The stack, worked with the credentials of a pipeline that may do this and no more."""
    iam = bench.aws("iam", ACCOUNT)
    iam.put_user_policy(
        UserName="deployer", PolicyName="Deployer", PolicyDocument=json.dumps(document)
    )
    for key in iam.list_access_keys(UserName="deployer")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="deployer", AccessKeyId=key["AccessKeyId"])
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    client = bench.org.register_service(PRIVATE_KEY.public_key(), SCOPES)
    bench.org.org.services[client] = replace(
        bench.org.org.services[client], scopes=frozenset(scopes)
    )
    pem = PRIVATE_KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    variables = {k: v for k, v in bench.stack.variables.items() if k != "OKTA_API_TOKEN"}
    variables |= {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "OKTA_API_CLIENT_ID": client,
        "OKTA_API_PRIVATE_KEY": pem.decode(),
        "OKTA_API_SCOPES": ",".join(scopes),
    }
    return replace(bench.stack, variables=variables)


def test_a_whole_life_of_a_stack_needs_no_more_than_the_policy_and_the_scopes(bench):
    stack = deployer(bench)
    bench.write(STACK)
    assert stack.up()["created"] > 15
    bench.do_the_provisioning_tab()
    changed = json.loads(json.dumps(STACK))
    changed["provisioning"] = {"integration": "done"}
    changed["tags"] = {"owner": "platform"}
    changed["roles"]["OktaDeveloper"] |= {"sessionHours": 2, "description": "Writes code."}
    changed["roles"]["OktaDeveloper"]["trust"] = {"closes": "2030-01-01"}
    del changed["roles"]["OktaDeveloper"]["boundary"]
    bench.write(changed)
    stack.up()
    assert bench.enter(ADA).caller().endswith(f"OktaDeveloper/{ADA}")
    stack.run("refresh", "--stack", stack.name, "--yes", "--skip-preview")

    assert stack.destroy()["deleted"] > 15


def without(sid):
    return POLICY | {"Statement": [s for s in POLICY["Statement"] if s["Sid"] != sid]}


@pytest.mark.parametrize("sid", [s["Sid"] for s in POLICY["Statement"] if s["Effect"] == "Allow"])
def test_with_one_statement_less_aws_refuses(bench, sid):
    stack = deployer(bench, without(sid))
    bench.write(STACK)

    with pytest.raises(SandboxError, match=r"not authorized to perform: iam:Create"):
        stack.up()

    deployer(bench).destroy()


@pytest.mark.parametrize("scope", SCOPES)
def test_with_one_scope_less_okta_refuses(bench, scope):
    stack = deployer(bench, scopes=[each for each in SCOPES if each != scope])
    bench.write(STACK)

    with pytest.raises(SandboxError, match=r"(?i)scope|permission|E0000006|403"):
        stack.up()

    deployer(bench).destroy()


def test_no_deployment_makes_an_administrator(bench):
    bench.write(STACK | {"roles": {"OktaDeveloper": {"managedPolicies": ["AdministratorAccess"]}}})

    with pytest.raises(SandboxError, match="explicit deny"):
        deployer(bench).up()

    deployer(bench).destroy()


def test_the_page_names_the_scopes_and_the_policy():
    page = PAGE.read_text()

    assert ",".join(SCOPES) in page
    assert "../reference/deployer-policy.json" in page
