"""The emulated AWS after a restart: what it remembers, and files that it does not take."""

import json
import pickle
import stat
import subprocess
import sys

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.server import LocalAws
from sandbox.aws.state import UnusableState

ACCOUNT, OTHER = "123456789012", "210987654321"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    }
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "aws.pickle"


def client(url, service, key, secret, token=None):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def of_administrator(local, service, account=ACCOUNT):
    key = local.administrators[account]
    return client(local.url, service, key.access_key_id, key.secret_access_key)


def test_after_a_restart_everything_is_as_it_was(file, idp):
    with LocalAws((ACCOUNT, OTHER), state=file) as local:
        iam, before = of_administrator(local, "iam"), local.administrators
        role = iam.create_role(RoleName="R", AssumeRolePolicyDocument=TRUST)["Role"]
        iam.attach_role_policy(RoleName="R", PolicyArn=READ_ONLY)
        provider = iam.create_saml_provider(
            Name="Okta",
            SAMLMetadataDocument=idp.metadata(),
            Tags=[{"Key": "team", "Value": "access"}],
        )["SAMLProviderArn"]
        uuid = iam.get_saml_provider(SAMLProviderArn=provider)["SAMLProviderUUID"]
        iam.create_user(UserName="U")
        key = iam.create_access_key(UserName="U")["AccessKey"]
        session = of_administrator(local, "sts").assume_role(
            RoleArn=role["Arn"], RoleSessionName="ada"
        )["Credentials"]
        of_administrator(local, "ssm").put_parameter(Name="/p", Value="v", Type="SecureString")
        of_administrator(local, "secretsmanager").create_secret(Name="s", SecretString="v")
        of_administrator(local, "events").put_rule(Name="r", EventPattern="{}")
        of_administrator(local, "iam", OTHER).create_group(GroupName="G")

    with LocalAws((ACCOUNT, OTHER), state=file) as local:
        assert local.administrators == before
        iam = of_administrator(local, "iam")
        again = iam.get_role(RoleName="R")["Role"]
        assert (again["RoleId"], again["Arn"]) == (role["RoleId"], role["Arn"])
        attached = iam.list_attached_role_policies(RoleName="R")["AttachedPolicies"]
        assert [one["PolicyArn"] for one in attached] == [READ_ONLY]
        assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["AttachmentCount"] == 1
        saml = iam.get_saml_provider(SAMLProviderArn=provider)
        assert (saml["SAMLProviderUUID"], saml["Tags"]) == (
            uuid,
            [{"Key": "team", "Value": "access"}],
        )
        user = client(local.url, "sts", key["AccessKeyId"], key["SecretAccessKey"])
        assert user.get_caller_identity()["Arn"].endswith(":user/U")
        ec2 = client(
            local.url,
            "ec2",
            session["AccessKeyId"],
            session["SecretAccessKey"],
            session["SessionToken"],
        )
        assert ec2.describe_instances()["Reservations"] == []
        parameter = of_administrator(local, "ssm").get_parameter(Name="/p", WithDecryption=True)
        assert parameter["Parameter"]["Value"] == "v"
        secret = of_administrator(local, "secretsmanager").get_secret_value(SecretId="s")
        assert secret["SecretString"] == "v"
        assert of_administrator(local, "events").describe_rule(Name="r")["EventPattern"] == "{}"
        assert of_administrator(local, "iam", OTHER).get_group(GroupName="G")["Users"] == []
        iam.detach_role_policy(RoleName="R", PolicyArn=READ_ONLY)
        iam.delete_role(RoleName="R")


def test_without_a_file_a_restart_forgets(file):
    with LocalAws((ACCOUNT,)) as local:
        of_administrator(local, "iam").create_user(UserName="U")
    with LocalAws((ACCOUNT,)) as local, pytest.raises(ClientError, match="NoSuchEntity"):
        of_administrator(local, "iam").get_user(UserName="U")
    assert not file.exists()


def test_a_killed_process_has_lost_nothing_that_it_answered(file):
    command = [sys.executable, "-m", "sandbox", "aws", "--json", "--state", str(file)]

    def start():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = json.loads(process.stdout.readline())
        key = ready["accounts"][ACCOUNT]
        return process, client(ready["url"], "iam", key["accessKeyId"], key["secretAccessKey"])

    process, iam = start()
    try:
        iam.create_user(UserName="U")
    finally:
        process.kill()
        process.wait()
    process, iam = start()
    try:
        assert iam.get_user(UserName="U")["User"]["UserName"] == "U"
    finally:
        process.kill()
        process.wait()


def test_only_the_owner_can_read_the_file(file):
    LocalAws((ACCOUNT,), state=file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no state of the emulated AWS"),
        (b"hello", "is no state of the emulated AWS"),
        (pickle.dumps([1]), "is no state of the emulated AWS"),
        (pickle.dumps({"format": 0, "accounts": {}}), "has format 0, not 1"),
        (pickle.dumps({"format": 1, "accounts": {OTHER: "aws"}}), f"is of accounts {OTHER}"),
    ],
)
def test_another_file_is_refused_in_one_line(file, content, words):
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(UnusableState, match=words) as refusal:
        LocalAws((ACCOUNT,), state=file)
    assert "\n" not in str(refusal.value)
