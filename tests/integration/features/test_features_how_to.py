"""How-tos: every command in them, typed as it stands there; the second goes on after the first."""

import json
from pathlib import Path

import pytest
import yaml

from tests import documents

ROOT = Path(__file__).parents[3]
HOW_TO = ROOT / "docs" / "how-to"
DEV, STAGING = "123456789012", "111122223333"


@pytest.fixture(scope="module")
def bench(bench_of):
    """Both accounts; the environment's key is that of the new one."""
    with bench_of(STAGING, DEV) as bench:
        s3, kms = bench.aws("s3", DEV), bench.aws("kms", DEV)
        s3.create_bucket(Bucket="federation-state")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/federation-state", TargetKeyId=key)
        yield bench


def test_no_page_with_commands_for_the_engine_is_forgotten():
    tested = {"docs/how-to/add-an-environment.md", "docs/how-to/rename-the-provider.md"}
    tested |= {"docs/how-to/choose-a-backend.md", "docs/how-to/recover-a-killed-update.md"}
    tested |= {"docs/how-to/troubleshooting.md"}
    tested |= {f"examples/{name}/README.md" for name in ("break-glass", "consumer", "yaml")}

    pages = {str(page.relative_to(ROOT)) for page in documents.running("engine")}
    assert pages == tested


def test_an_environment_is_added_as_the_page_says(bench, steps):
    written, level, looked_at, made, protected = steps("docs/how-to/add-an-environment.md")

    assert "wrote Pulumi.staging.yaml" in bench.type(*written)
    bench.type(*level)
    printed = bench.type(*looked_at)
    assert "2 of 2 expectations are met" in printed
    assert "to create" in printed
    bench.type(*made)
    [role] = [
        role
        for role in bench.aws("iam", STAGING).list_roles()["Roles"]
        if role["RoleName"] == "OktaDeveloper"
    ]
    assert role["Arn"] == f"arn:aws:iam::{STAGING}:role/OktaDeveloper"
    bench.type(*protected)
    # The mirror of the project links to the clone's policies: nothing may stay there.
    bench.type("rm policies/stacks/staging.json")

    state = json.loads(bench.type("pulumi stack export --stack staging"))["deployment"]["resources"]
    protected = {one["type"] for one in state if one.get("protect")}
    assert {"aws:iam/samlProvider:SamlProvider", "okta:app/saml:Saml"} < protected


def test_the_variables_of_another_org_stop_the_run_before_anything_is_made(bench):
    """`settings new` wrote the org of the variables into the file."""
    before = bench.okta("GET", "/api/v1/apps"), bench.inventory()
    bench.type(
        "cp Pulumi.staging.yaml kept.yaml", "sed -i 's/  - ada@/  - grace@/' Pulumi.staging.yaml"
    )

    with pytest.raises(AssertionError) as refused:
        bench.type("pulumi up --stack staging --yes", OKTA_ORG_NAME="sandbox-prod")
    with pytest.raises(AssertionError) as unverified:
        bench.type(
            ".venv/bin/python -m access verify Pulumi.staging.yaml", OKTA_BASE_URL="okta.com"
        )
    bench.type("mv kept.yaml Pulumi.staging.yaml")

    line = "okta-aws-federation:okta.org = 'sandbox.okta.test': is another org than OKTA_ORG_NAME"
    assert line in str(refused.value)
    assert line in str(unverified.value)
    assert "Traceback" not in str(refused.value)
    assert (bench.okta("GET", "/api/v1/apps"), bench.inventory()) == before


def test_the_provider_is_renamed_as_the_page_says(bench, steps):
    for lines in steps("docs/how-to/rename-the-provider.md"):
        bench.type(*lines)

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


@pytest.fixture
def type_in(bench, tmp_path):
    """As somebody who has chosen no backend yet, with the key of the other account; at home."""
    key = bench.clouds.accounts[DEV]

    def type_in(*lines, without=()):
        return bench.type(
            *lines,
            without=("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", *without),
            AWS_ACCESS_KEY_ID=key["accessKeyId"],
            AWS_SECRET_ACCESS_KEY=key["secretAccessKey"],
            HOME=str(tmp_path),
        )

    return type_in


def test_each_backend_is_chosen_as_the_page_says(bench, steps, type_in, tmp_path):
    folder, bucket, other = steps("docs/how-to/choose-a-backend.md")
    gone = "pulumi destroy --stack dev --yes", "pulumi stack rm dev --yes --preserve-config"

    type_in(*folder, *gone)
    assert list((tmp_path / "federation-state").rglob("meta.yaml"))
    assert (tmp_path / "federation-passphrase").stat().st_mode & 0o077 == 0

    type_in(*bucket)
    state = bench.aws("s3", DEV).get_object(
        Bucket="federation-state", Key=".pulumi/stacks/okta-aws-federation/dev.json"
    )
    held = json.loads(state["Body"].read())["checkpoint"]["latest"]
    assert held["secrets_providers"]["type"] == "cloud"
    assert len(held["resources"]) > 10

    address = [line.replace("https://store.example.com", bench.clouds.aws_url) for line in other]
    assert "dev" in type_in(*address, without=("AWS_ENDPOINT_URL",))
