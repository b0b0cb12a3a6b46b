"""One stack file deployed as an Okta stack and a stack for each account, on the real engine."""

import json
import os
import signal
import time
from contextlib import suppress

import pytest

from sandbox.accounts import create_deployer_roles, read_accounts, write_profiles
from sandbox.person import assume, outcome, role_pairs, saml_response
from tests.integration.features.estates import Estate
from tests.integration.features.test_features_many_accounts import (
    PRODUCTION,
    SANDBOX,
    STAGING,
    example,
)

FILE = "Pulumi.company.yaml"
OKTA, *ACCOUNTS = STACKS = [
    "company-okta",
    "company-production",
    "company-sandbox",
    "company-staging",
]


@pytest.fixture(scope="module")
def estate(bench_of, tmp_path_factory):
    with bench_of(SANDBOX, STAGING, PRODUCTION) as bench:
        credentials = tmp_path_factory.mktemp("home") / "credentials"
        bench.stack.variables["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials)
        estate = Estate(bench, FILE, credentials)
        estate.write(example())
        accounts = read_accounts(estate.folder)["company"]
        write_profiles(bench.clouds, accounts, credentials)
        create_deployer_roles(bench.clouds, accounts)
        yield estate


def test_three_accounts_are_deployed_as_stacks_of_their_own(estate):
    before = estate.bench.inventory()
    written = estate.start("init").communicate()[0]
    assert written.split(": written\n")[:-1] == [f"Pulumi.{name}.yaml" for name in STACKS]

    a_preview_needs_the_okta_half_first(estate)
    an_account_that_fails_is_named_and_stops_no_other(estate)
    people_enter_each_account(estate)
    a_part_is_verified_with_the_credentials_of_its_own_cloud(estate)
    a_command_on_the_engine_takes_the_file_of_a_part(estate)
    an_account_s_update_touches_nothing_else(estate)
    a_run_that_is_killed_is_finished_by_the_next(estate)

    destroyed = estate.changes("destroy", "--yes")
    assert all(each["delete"] for each in destroyed.values())
    assert estate.bench.inventory() == before


def a_preview_needs_the_okta_half_first(estate):
    code, outcomes, errors = estate.run("preview")

    assert code == 0, errors
    assert outcomes[OKTA]["status"] == "done"
    assert {outcomes[name]["status"] for name in ACCOUNTS} == {"waiting"}


def an_account_that_fails_is_named_and_stops_no_other(estate):
    text = estate.credentials.read_text()
    estate.credentials.write_text(text.replace("[staging]", "[elsewhere]"))

    code, outcomes, errors = estate.run("up")

    assert code == 1
    assert {name: each["status"] for name, each in outcomes.items()} == {
        name: "failed" if name == "company-staging" else "done" for name in STACKS
    }
    assert "staging" in outcomes["company-staging"]["error"]
    assert "1 of 4 stacks are not done: company-staging; " in errors

    estate.credentials.write_text(text)
    assert set(estate.changes("up", "--only-failed")) == {"company-staging"}


def a_part_is_verified_with_the_credentials_of_its_own_cloud(estate):
    """As the runners of `run-estate.yml` have them; other parts' deviations are not theirs."""
    arn = "arn:aws:iam::aws:policy/SecurityAudit"
    iam = estate.bench.aws("iam", STAGING)
    text = estate.credentials.read_text()
    estate.credentials.write_text(text.replace("[sandbox]", "[elsewhere]"))
    iam.detach_role_policy(RoleName="OktaAuditor", PolicyArn=arn)

    code, answer = estate.access(["verify"], "okta", without=["AWS_"])
    assert (code, answer.split(",")[0]) == (0, f"part okta of {FILE} is as the stack file says")
    code, answer = estate.access(["verify"], "staging", without=["OKTA_"])
    assert code == 1
    assert "role OktaAuditor in 222222222222" in answer
    assert not {SANDBOX, PRODUCTION} & set(answer.replace(":", " ").split())
    code, answer = estate.access(["verify"])
    assert code == 2, "the whole estate needs all credentials"
    assert "account 111111111111: no credentials that work" in answer

    iam.attach_role_policy(RoleName="OktaAuditor", PolicyArn=arn)
    code, answer = estate.access(["check", "--live"], "staging", without=["OKTA_"])
    assert code == 0
    assert "policies as account staging has them, read " in answer
    assert f"Pulumi.company-staging.yaml is part account:staging of {FILE}, all of wh" in answer
    estate.credentials.write_text(text)
    assert estate.access(["verify"])[0] == 0


def a_command_on_the_engine_takes_the_file_of_a_part(estate):
    code, answer = estate.access(["recover"])
    assert code == 2
    assert answer.startswith(
        f"{FILE}: has no stack company: it is deployed as stacks of its parts;"
    )
    assert (
        "name the file of one: Pulumi.company-okta.yaml, Pulumi.company-production.yaml" in answer
    )
    assert estate.access(["recover"], "staging")[0] == 0
    code, answer = estate.access(["check", "--live"], "staging")
    assert (code, "app-exists" in answer) == (0, False), "the app is in the Okta half's state"


def an_account_s_update_touches_nothing_else(estate):
    others = {name: estate.state(name) for name in STACKS if name != "company-staging"}
    estate.bench.org.org.requests.clear()

    estate.bench.stack.run("up", "--stack", "company-staging", "--yes", "--skip-preview")

    assert list(estate.bench.org.org.requests) == []
    assert {name: estate.state(name) for name in others} == others


def people_enter_each_account(estate):
    bench = estate.bench
    outputs = json.loads(bench.stack.run("stack", "output", "--json", "--stack", OKTA))
    password = bench.clouds.people["ada@example.com"]["password"]
    response = saml_response(outputs["signInUrl"], "ada@example.com", password)
    pairs = role_pairs(response)
    assert {role.split(":")[4] for role, _ in pairs} == {SANDBOX, STAGING, PRODUCTION}
    for role, provider in pairs:
        session = assume(response, role, provider, bench.clouds.aws_url)
        assert outcome(session.client("ec2").describe_instances) == "allowed"


def a_run_that_is_killed_is_finished_by_the_next(estate):
    """Killed with every process of it, while the accounts' stacks are at work."""
    config = example()
    config["roles"]["OktaReader"] = {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}
    config["groups"]["Readers"] = {"roles": ["OktaReader"], "members": ["ada@example.com"]}
    estate.write(config)
    process = estate.start("up", "--parallel", "3")
    while not any(has_reader(estate, account) for account in (SANDBOX, STAGING, PRODUCTION)):
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    _, outcomes, errors = estate.run("up")

    assert {each["status"] for each in outcomes.values()} == {"done"}, errors
    assert "unlocked, its lock was of a run that was killed" in errors
    for stack in STACKS:
        assert not estate.state(stack).get("pending_operations")
    for account in (SANDBOX, STAGING, PRODUCTION):
        assert has_reader(estate, account)
    assert estate.changes("up") == {key: {} for key in STACKS}, "another up changes nothing"


def has_reader(estate, account):
    roles = estate.bench.aws("iam", account).list_roles()["Roles"]
    return "OktaReader" in {each["RoleName"] for each in roles}
