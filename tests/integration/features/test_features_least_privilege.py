"""The rights that a deployment needs, as the documents list them: with less, it is refused.

The local AWS decides each call by IAM's rules, and the local Okta by the scopes of the token.
"""

import json
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.errors import SandboxError
from sandbox.stack import Stack
from sandbox.workspace import ROOT
from tests.spread import spread

ACCOUNT = "123456789012"
REFERENCE = ROOT / "docs/reference"
POLICY = json.loads((REFERENCE / "deployer-policy.json").read_text())
OPTIONS = json.loads((REFERENCE / "deployer-options.json").read_text())
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/FederationBoundary"
PAGE = ROOT / "docs/how-to/run-in-a-pipeline.md"
SCOPES = ("okta.apps.manage", "okta.groups.manage", "okta.users.read")
ADA = "ada@example.com"
READ_LOGS = [{"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}]
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {
        "OktaDeveloper": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"], "boundary": BOUNDARY}
    },
    "groups": {"AWSDeveloper": {"roles": ["OktaDeveloper"], "members": [ADA]}},
    "tags": {"owner": "identity"},
    "expect": [{"user": ADA, "can": ["ec2:DescribeInstances"]}],
}
"""What an administrator deploys first."""


def changed(**provisioning):
    """What a pipeline may have to do to it, all at once."""
    stack = json.loads(json.dumps(STACK))
    stack["tags"] = {"owner": "platform"}
    stack["provisioning"] = {"keys": ["first", "second"], **provisioning}
    stack["roles"]["OktaDeveloper"] |= {
        "sessionHours": 2,
        "description": "Writes code.",
        "inlinePolicies": {"Logs": READ_LOGS},
        "customerPolicies": {"OktaReadsLogs": READ_LOGS},
        "trust": {"closes": "2030-01-01"},
    }
    stack["roles"]["OktaAuditor"] = {"managedPolicies": ["SecurityAudit"], "boundary": BOUNDARY}
    stack["groups"]["AWSDeveloper"]["roles"] = ["OktaDeveloper", "OktaAuditor"]
    return stack


PRIVATE_KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        iam = bench.aws("iam", ACCOUNT)
        iam.create_user(UserName="deployer")
        iam.create_policy(
            PolicyName="FederationBoundary",
            PolicyDocument=(REFERENCE / "boundary-policy.json").read_text(),
        )
        bench.write(STACK)
        bench.up()
        yield bench


def deployer(bench, document=POLICY, scopes=SCOPES, options=()) -> Stack:
    """The stack, worked with the credentials of a pipeline that may do this and no more."""
    iam = bench.aws("iam", ACCOUNT)
    # A policy of its own, since all inline policies of a user have 2,048 characters.
    for policy in iam.list_attached_user_policies(UserName="deployer")["AttachedPolicies"]:
        iam.detach_user_policy(UserName="deployer", PolicyArn=policy["PolicyArn"])
        iam.delete_policy(PolicyArn=policy["PolicyArn"])
    if options:
        more = json.dumps({"Version": "2012-10-17", "Statement": options})
        made = iam.create_policy(PolicyName="DeployerOptions", PolicyDocument=more)["Policy"]
        iam.attach_user_policy(UserName="deployer", PolicyArn=made["Arn"])
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


def test_every_change_after_the_first_deployment_needs_no_more_than_policy_and_scopes(bench):
    stack = deployer(bench)
    bench.write(changed())
    stack.run("up", "--stack", stack.name, "--refresh", "--yes", "--skip-preview")
    bench.do_the_provisioning_tab()
    bench.write(changed(integration="done"))
    stack.up()
    assert bench.enter(ADA, "OktaDeveloper").caller().endswith(f"OktaDeveloper/{ADA}")
    stack.run("refresh", "--stack", stack.name, "--yes", "--skip-preview")

    bench.write(STACK)
    assert stack.up()["deleted"] > 5


def without(sid):
    return POLICY | {"Statement": [s for s in POLICY["Statement"] if s["Sid"] != sid]}


SIDS = [each["Sid"] for each in POLICY["Statement"] if each["Effect"] == "Allow"]


@pytest.mark.parametrize("sid", spread(SIDS, "RolesWithinTheBoundary", "KeysOfTheProvisioningUser"))
def test_with_one_statement_less_aws_refuses(bench, sid):
    stack = deployer(bench, without(sid))
    bench.write(changed())

    with pytest.raises(SandboxError, match=r"not authorized to perform: iam:"):
        stack.run("up", "--stack", stack.name, "--refresh", "--yes", "--skip-preview")

    bench.write(STACK)
    bench.up()


@pytest.mark.parametrize("option", spread(OPTIONS, "provisioning.store: ssm"))
def test_an_option_needs_its_statements_and_no_more(bench, option):
    stack = json.loads(json.dumps(STACK))
    if option == "roles.*.alarms":
        topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:sign-ins"
        stack["roles"]["OktaDeveloper"]["alarms"] = [topic]
    else:
        stack["provisioning"] = {"store": {"kind": option.rpartition(" ")[2]}}
    bench.write(stack)

    with pytest.raises(SandboxError, match="not authorized to perform"):
        deployer(bench).up()
    assert deployer(bench, options=OPTIONS[option]).up()["created"] > 0
    bench.write(STACK)
    assert deployer(bench, options=OPTIONS[option]).up()["deleted"] > 0


@pytest.mark.parametrize("scope", spread(SCOPES, "okta.groups.manage"))
def test_with_one_scope_less_okta_refuses(bench, scope):
    stack = deployer(bench, scopes=[each for each in SCOPES if each != scope])
    bench.write(changed() | {"app": {"label": f"AWS without {scope}"}})

    with pytest.raises(SandboxError, match=r"(?i)scope|permission|E0000006|403"):
        stack.run("up", "--stack", stack.name, "--refresh", "--yes", "--skip-preview")

    bench.write(STACK)
    bench.up()


@pytest.fixture(scope="module")
def pipeline(bench):
    """AWS with the rights of a pipeline."""
    stack = deployer(bench)
    return boto3.client(
        "iam",
        endpoint_url=bench.clouds.aws_url,
        region_name="us-east-1",
        aws_access_key_id=stack.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack.variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}, retries={"max_attempts": 1}),
    )


ANYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
OWN = f"arn:aws:iam::{ACCOUNT}"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUSTING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"{OWN}:root"},
            "Action": "sts:AssumeRole",
        },
    }
)
ATTEMPTS = {
    "a role without the boundary": (
        "create_role",
        {"RoleName": "OktaEvil", "AssumeRolePolicyDocument": TRUSTING},
    ),
    "a role with a wide boundary": (
        "create_role",
        {
            "RoleName": "OktaEvil",
            "AssumeRolePolicyDocument": TRUSTING,
            "PermissionsBoundary": ADMINISTRATOR,
        },
    ),
    "the boundary off a role": (
        "delete_role_permissions_boundary",
        {"RoleName": "OktaDeveloper"},
    ),
    "another boundary": (
        "put_role_permissions_boundary",
        {"RoleName": "OktaDeveloper", "PermissionsBoundary": ADMINISTRATOR},
    ),
    "a wider boundary": (
        "create_policy_version",
        {"PolicyArn": BOUNDARY, "PolicyDocument": ANYTHING, "SetAsDefault": True},
    ),
    "an administrator's group": (
        "attach_group_policy",
        {"GroupName": "OktaSSOusers", "PolicyArn": ADMINISTRATOR},
    ),
    "a policy in the group": (
        "put_group_policy",
        {"GroupName": "OktaSSOusers", "PolicyName": "All", "PolicyDocument": ANYTHING},
    ),
    "a wider policy of the group": (
        "create_policy_version",
        {
            "PolicyArn": f"{OWN}:policy/OktaMasterAccountPolicy",
            "PolicyDocument": ANYTHING,
            "SetAsDefault": True,
        },
    ),
    "somebody into the group": (
        "add_user_to_group",
        {"GroupName": "OktaSSOusers", "UserName": "deployer"},
    ),
    "an administrator": (
        "attach_user_policy",
        {"UserName": "OktaSSOuser", "PolicyArn": ADMINISTRATOR},
    ),
    "more for itself": (
        "put_user_policy",
        {"UserName": "deployer", "PolicyName": "All", "PolicyDocument": ANYTHING},
    ),
    "a key of somebody else": ("create_access_key", {"UserName": "deployer"}),
    "a password": (
        "create_login_profile",
        {"UserName": "OktaSSOuser", "Password": "Correct-horse1"},
    ),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_call_of_a_pipeline_makes_an_administrator(pipeline, attempt):
    call, arguments = ATTEMPTS[attempt]

    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(pipeline, call)(**arguments)


def test_whoever_enters_a_role_with_every_permission_is_held_by_the_boundary(bench, pipeline):
    pipeline.put_role_policy(RoleName="OktaDeveloper", PolicyName="All", PolicyDocument=ANYTHING)
    bench.do_the_provisioning_tab()
    bench.write(STACK | {"provisioning": {"integration": "done"}})
    bench.up()
    iam = bench.enter(ADA).client("iam")

    assert iam.list_roles()["Roles"]
    for call, arguments in (
        ("create_user", {"UserName": "evil"}),
        ("attach_role_policy", {"RoleName": "OktaDeveloper", "PolicyArn": ADMINISTRATOR}),
        ("delete_role_permissions_boundary", {"RoleName": "OktaDeveloper"}),
    ):
        with pytest.raises(ClientError, match="explicit deny in a permissions boundary"):
            getattr(iam, call)(**arguments)


def test_the_page_names_the_scopes_and_the_policy():
    page = PAGE.read_text()

    assert ",".join(SCOPES) in page
    for name in ("deployer-policy", "deployer-options", "boundary-policy"):
        assert f"../reference/{name}.json" in page
    assert [option for option in OPTIONS if f"`{option}`" not in page] == []
