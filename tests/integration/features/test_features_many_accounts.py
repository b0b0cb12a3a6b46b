"""`examples/many-accounts`, deployed as its README says, and entered by people."""

import json
from pathlib import Path

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.accounts import create_deployer_roles, read_accounts, write_profiles
from sandbox.person import outcome, role_pairs
from tests.integration.features.estates import Estate
from tests.logins import Logins

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "many-accounts" / "Pulumi.many-accounts.yaml"
SANDBOX, STAGING, PRODUCTION = "111111111111", "222222222222", "333333333333"
PREFIX = "okta-aws-federation:"
STACKS = [
    "features-okta",
    "features-production",
    "features-sandbox",
    "features-staging",
]


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
    a_state_of_0_1_is_taken_over(bench)

    bench.write(example() | {"today": "2999-12-31"})
    assert bench.up() == {"deleted": 1}, "Joan's memberships: On Call and the two groups it gives"

    estate = it_is_moved_to_an_estate(bench)
    assert all(each["delete"] for each in estate.changes("destroy", "--yes").values())
    assert bench.inventory() == before


def it_is_moved_to_an_estate(bench):
    """Every resource keeps its id, and nobody is refused meanwhile."""
    estate = Estate(bench, f"Pulumi.{bench.stack.name}.yaml", None)
    assert estate.start("init").wait() == 0
    resources, printed = ids(estate, bench.stack.name), estate.start("move").communicate()[0]
    assert printed.count("pulumi state move --source features --dest ") == len(STACKS)
    assert ids(estate, bench.stack.name) == resources, "without --yes it only prints"

    with Logins(bench, "alan@example.com", roles=3) as logins:
        moved = estate.start("move", "--yes")
        assert moved.communicate() == (printed, "")
        assert moved.returncode == 0
        assert merged(ids(estate, each) for each in STACKS) == resources
        changes = estate.changes("up")
        assert estate.changes("up") == {name: {} for name in STACKS}
    assert (logins.refused, logins.count > 10) == ([], True)

    assert changes == {name: {} for name in STACKS} | {"features-production": {"create": 1}}, (
        "a component: the provider of the first account was the app's"
    )
    assert merged(ids(estate, each) for each in STACKS) == resources
    assert (estate.folder / estate.file).exists()
    again = estate.start("move").communicate()[1]
    assert again.startswith("`pulumi stack export`: no stack named 'features'")
    return estate


def ids(estate, stack):
    """Type and name -> id, of what a stack has in a cloud."""
    return {
        (each["type"], each["urn"].rpartition("::")[2]): each["id"]
        for each in estate.state(stack)["resources"]
        if each.get("id") and not each["type"].startswith("pulumi:")
    }


def merged(mappings):
    found = {}
    for each in mappings:
        assert not found.keys() & each.keys()
        found |= each
    return found


def a_state_of_0_1_is_taken_over(bench):
    """Then the app created all SAML providers; two of them are components of their own now."""
    bench.state_of_0_1()

    assert bench.up() == {"created": 2}, "two components, and no resource of a cloud"
    assert bench.up() == {}, "a second up changes nothing"


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
