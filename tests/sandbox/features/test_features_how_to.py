"""How-tos: every command in them, typed as it stands there; the second goes on after the first."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"
DEV, STAGING = "123456789012", "111122223333"


def commands(page):
    """Heading -> the commands of its section."""
    sections = re.split(r"^##? ", (HOW_TO / page).read_text(), flags=re.MULTILINE)[1:]
    found = {
        text.partition("\n")[0]: re.findall(r"^\$ (.*)$", text, re.MULTILINE) for text in sections
    }
    return {heading: typed for heading, typed in found.items() if typed}


@pytest.fixture(scope="module")
def bench(bench_of):
    """Both accounts; the environment's key is that of the new one."""
    with bench_of(STAGING, DEV) as bench:
        s3, kms = bench.aws("s3", DEV), bench.aws("kms", DEV)
        s3.create_bucket(Bucket="federation-state")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/federation-state", TargetKeyId=key)
        yield bench


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def type_in(bench, home):
    """Type commands in the project's folder, in one shell; answers with what it printed."""

    def type_in(*lines, account=STAGING, without=(), then=""):
        key = bench.clouds.accounts[account]
        variables = {
            **bench.stack.variables,
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
            "HOME": str(home),
        }
        done = subprocess.run(
            ["bash", "-c", "\n".join(["set -e", *lines, then])],
            cwd=bench.place.project,
            env={name: value for name, value in variables.items() if name not in without},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    return type_in


def test_an_environment_is_added_as_the_page_says(bench, type_in):
    written, looked_at, made, protected = commands("add-an-environment.md").values()

    assert "wrote Pulumi.staging.yaml" in type_in(*written)
    printed = type_in(*looked_at)
    assert "1 expectations hold" in printed
    assert "to create" in printed
    type_in(*made)
    [role] = [
        role
        for role in bench.aws("iam", STAGING).list_roles()["Roles"]
        if role["RoleName"] == "OktaDeveloper"
    ]
    assert role["Arn"] == f"arn:aws:iam::{STAGING}:role/OktaDeveloper"
    type_in(*protected)

    state = json.loads(type_in("pulumi stack export --stack staging"))["deployment"]["resources"]
    protected = {one["type"] for one in state if one.get("protect")}
    assert {"aws:iam/samlProvider:SamlProvider", "okta:app/saml:Saml"} < protected


def test_the_provider_is_renamed_as_the_page_says(bench, type_in):
    [typed] = commands("rename-the-provider.md").values()

    type_in(*typed)

    iam = bench.aws("iam", STAGING)
    [provider] = iam.list_saml_providers()["SAMLProviderList"]
    assert provider["Arn"].endswith(":saml-provider/OktaTwo")
    trust = iam.get_role(RoleName="OktaDeveloper")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"]["Federated"] == provider["Arn"]


def test_what_differs_between_the_environments_is_what_the_page_says():
    said = (HOW_TO / "add-an-environment.md").read_text()
    for name in ("dev", "prod"):
        config = yaml.safe_load((HOW_TO.parents[1] / f"Pulumi.{name}.yaml").read_text())["config"]
        main = config["okta-aws-federation:accounts"]["main"]
        assert f"{main['id']}, {main['region']}" in said
        assert config.get("okta-aws-federation:protect", False) == (name == "prod")


def test_each_backend_is_chosen_as_the_page_says(bench, type_in, home):
    folder, bucket, other = commands("choose-a-backend.md").values()
    take_down = "pulumi destroy --stack dev --yes\npulumi stack rm dev --yes --preserve-config"
    own = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")

    type_in(*folder, account=DEV, without=own, then=take_down)
    assert list((home / "federation-state").rglob("meta.yaml"))
    assert (home / "federation-passphrase").stat().st_mode & 0o077 == 0

    type_in(*bucket, account=DEV, without=own)
    state = bench.aws("s3", DEV).get_object(
        Bucket="federation-state", Key=".pulumi/stacks/okta-aws-federation/dev.json"
    )
    held = json.loads(state["Body"].read())["checkpoint"]["latest"]
    assert held["secrets_providers"]["type"] == "cloud"
    assert len(held["resources"]) > 10

    address = [line.replace("https://store.example.com", bench.clouds.aws_url) for line in other]
    assert "dev" in type_in(*address, account=DEV, without=("AWS_ENDPOINT_URL", *own))
