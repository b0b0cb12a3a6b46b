"""The accounts of stack files: which the emulated AWS serves, and how a deployment reaches them."""

import stat
from pathlib import Path

import boto3
import pytest

from sandbox.accounts import (
    StackAccount,
    create_deployer_roles,
    read_accounts,
    server_options,
    write_profiles,
)
from sandbox.aws.server import LocalAws
from sandbox.clouds import Clouds

ROOT = Path(__file__).parents[2]
HUB, SPOKE, CHINA = "111111111111", "222222222222", "333333333333"
STACK = f"""
config:
  okta-aws-federation:accounts:
    hub: {{ id: "{HUB}", region: eu-central-1 }}
    spoke:
      id: "{SPOKE}"
      region: us-east-1
      assumeRole: arn:aws:iam::{SPOKE}:role/deploy/Federation
    china: {{ id: "{CHINA}", region: cn-north-1, profile: china }}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: okta-aws-federation\n")
    (tmp_path / "Pulumi.all.yaml").write_text(STACK)
    return tmp_path


def test_the_committed_stack_files_are_served():
    stacks = read_accounts(ROOT)
    assert stacks["dev"][0].id == "123456789012"
    assert stacks["prod"][0].id == "210987654321"


def test_every_example_with_accounts_can_be_served():
    files = [
        file for file in ROOT.glob("examples/*/Pulumi.*.yaml") if "accounts" in file.read_text()
    ]
    assert files
    for file in files:
        assert read_accounts(file.parent)[file.stem.removeprefix("Pulumi.")]


def test_each_account_is_read_with_its_partition(folder):
    assert read_accounts(folder) == {
        "all": (
            StackAccount(id=HUB, region="eu-central-1"),
            StackAccount(
                id=SPOKE,
                region="us-east-1",
                assume_role=f"arn:aws:iam::{SPOKE}:role/deploy/Federation",
            ),
            StackAccount(id=CHINA, region="cn-north-1", profile="china"),
        )
    }
    assert server_options(read_accounts(folder)) == [
        f"{HUB}=aws",
        f"{SPOKE}=aws",
        f"{CHINA}=aws-cn",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "config: [a]",
        "config: {",
        "config: { okta-aws-federation:accounts: { a: { id: 12, region: us-east-1 } } }",
        'config: { okta-aws-federation:accounts: { a: { id: "123456789012", region: xx-foo-1 } } }',
        'config: { okta-aws-federation:accounts: { a: { id: "123456789012" } } }',
        'config: { okta-aws-federation:accounts: "123456789012" }',
    ],
)
def test_a_file_with_mistakes_stops_nobody(folder, text):
    (folder / "Pulumi.bad.yaml").write_text(text)
    assert list(read_accounts(folder)) == ["all"]


def test_a_deployment_reaches_each_account(folder):
    accounts = read_accounts(folder)["all"]
    with LocalAws({HUB: "aws", SPOKE: "aws", CHINA: "aws-cn"}) as aws:
        keys = {
            account: {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
            for account, key in aws.administrators.items()
        }
        clouds = Clouds(
            aws_url=aws.url, accounts=keys, okta_url="", okta_token="", admin={}, people={}
        )
        create_deployer_roles(clouds, accounts)
        write_profiles(clouds, accounts, folder / "credentials")

        hub = boto3.client(
            "sts",
            endpoint_url=aws.url,
            region_name="eu-central-1",
            aws_access_key_id=keys[HUB]["accessKeyId"],
            aws_secret_access_key=keys[HUB]["secretAccessKey"],
        )
        session = hub.assume_role(RoleArn=accounts[1].assume_role, RoleSessionName="deploy")
        assert session["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{SPOKE}:assumed-role/")
    text = (folder / "credentials").read_text()
    assert f"[china]\naws_access_key_id={keys[CHINA]['accessKeyId']}\n" in text
    assert stat.S_IMODE((folder / "credentials").stat().st_mode) == 0o600
