"""`examples/many-accounts`, deployed as its README says, and entered by people."""

import json
from pathlib import Path

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.accounts import create_deployer_roles, read_accounts, write_profiles
from sandbox.person import outcome, role_pairs

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "many-accounts" / "Pulumi.many-accounts.yaml"
SANDBOX, STAGING, PRODUCTION = "111111111111", "222222222222", "333333333333"
PREFIX = "okta-aws-federation:"


def example():
    """The example's configuration, unprotected: it is destroyed in the end."""
    config = yaml.safe_load(EXAMPLE.read_text())["config"]
    return {key.removeprefix(PREFIX): value for key, value in config.items()} | {"protect": False}


@pytest.fixture(scope="module")
def bench(bench_of, tmp_path_factory):
    with bench_of(SANDBOX, STAGING, PRODUCTION) as bench:
        accounts = read_accounts(EXAMPLE.parent)["many-accounts"]
        credentials = tmp_path_factory.mktemp("home") / "credentials"
        write_profiles(bench.clouds, accounts, credentials)
        create_deployer_roles(bench.clouds, accounts)
        bench.stack.variables["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials)
        yield bench


def test_three_accounts_are_deployed_entered_and_taken_down(bench):
    before = bench.inventory()
    bench.write(example())
    assert set(bench.up()) == {"created"}

    for account in (SANDBOX, STAGING, PRODUCTION):
        [provider] = bench.aws("iam", account).list_saml_providers()["SAMLProviderList"]
        assert provider["Arn"] == f"arn:aws:iam::{account}:saml-provider/Okta"
    for account in (SANDBOX, STAGING, PRODUCTION):
        assert bench.aws("iam", account).list_users()["Users"][1:] == [], "no key, no user"

    ada_enters_each_account_as_what_she_is_there(bench)
    who_is_tagged_and_named_stays_so(bench)
    assert bench.up() == {}, "a second up changes nothing"
    a_state_of_0_1_is_taken_over(bench)

    bench.write(example() | {"today": "3000-01-01"})
    assert bench.up() == {"deleted": 1}, "Joan's memberships: On Call and the two groups it gives"

    bench.stack.destroy()
    assert bench.inventory() == before


def a_state_of_0_1_is_taken_over(bench):
    """Then the app created all SAML providers; two of them are components of their own now."""
    bench.state_of_0_1()

    assert bench.up() == {"created": 2}, "two components, and no resource of a cloud"
    assert bench.up() == {}


def ada_enters_each_account_as_what_she_is_there(bench):
    roles = [role for role, _ in role_pairs(bench.response("ada@example.com"))]
    assert sorted(roles) == [
        f"arn:aws:iam::{SANDBOX}:role/OktaDeveloper",
        f"arn:aws:iam::{STAGING}:role/OktaDeveloper",
        f"arn:aws:iam::{STAGING}:role/OktaOperator",
        f"arn:aws:iam::{PRODUCTION}:role/OktaOperator",
    ]
    for role in roles:
        session = bench.enter("ada@example.com", role)
        assert session.caller() == (
            role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/ada@example.com"
        )
        assert outcome(session.client("ec2").describe_instances) == "allowed"
        assert outcome(session.client("s3").list_buckets) == "AccessDenied"


def who_is_tagged_and_named_stays_so(bench):
    """Grace's department goes with her, and a department that no role lists stays outside."""
    user = bench.okta("GET", "/api/v1/users/grace@example.com")
    bench.okta("POST", f"/api/v1/users/{user['id']}", json={"profile": {"department": "Compilers"}})
    session = bench.enter("grace@example.com", f"{SANDBOX}:role/OktaDeveloper")
    assert outcome(session.client("ec2").describe_instances) == "allowed"

    iam = bench.aws("iam", SANDBOX)
    role = iam.get_role(RoleName="OktaDeveloper")["Role"]["AssumeRolePolicyDocument"]
    without = [s for s in role["Statement"] if s["Action"] != "sts:TagSession"]
    assert len(without) == len(role["Statement"]) - 1
    iam.update_assume_role_policy(
        RoleName="OktaDeveloper",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": without}),
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        bench.enter("grace@example.com", f"{SANDBOX}:role/OktaDeveloper")
    iam.update_assume_role_policy(RoleName="OktaDeveloper", PolicyDocument=json.dumps(role))
