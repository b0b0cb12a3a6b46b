"""A stack's life on the real engine, in order: each test goes on where the one before left it."""

import re

import pytest

from sandbox.demo.administrator import enable_provisioning, inventory
from sandbox.errors import SandboxError

ACCOUNT = "123456789012"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def changes(counts):
    return {what: number for what, number in counts.items() if what != "unchanged"}


def attached(bench, role="OktaDeveloper"):
    policies = bench.aws("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {policy["PolicyArn"] for policy in policies}


def test_a_preview_makes_nothing(bench):
    before = inventory(bench.clouds, ACCOUNT)

    printed = bench.stack.run("preview", "--stack", "dev")

    assert "to create" in printed
    assert inventory(bench.clouds, ACCOUNT) == before


def test_an_up_deploys_and_the_next_one_finds_nothing_to_do(bench):
    assert bench.stack.up()["created"] > 10
    assert attached(bench) == {EC2}
    assert changes(bench.stack.up()) == {}


def test_the_secret_key_is_encrypted_in_the_state(bench):
    outputs = bench.stack.outputs(secrets=True)
    secret = outputs["provisioningSecretAccessKey"]
    assert len(secret) == 40

    files = [path for path in bench.workspace.folder.rglob("*") if path.is_file()]
    assert bench.state_file() in files
    holding = [path for path in files if secret.encode() in path.read_bytes()]
    assert holding == [], "a state file or a log tells the secret"
    assert bench.stack.outputs()["provisioningSecretAccessKey"] == "[secret]"


def test_the_assignments_follow_once_the_integration_is_done(bench):
    outputs = bench.stack.outputs(secrets=True)
    assert bench.okta("GET", f"/api/v1/apps/{outputs['appId']}/groups") == []
    enable_provisioning(
        bench.clouds,
        outputs["appId"],
        outputs["provisioningAccessKeyId"],
        outputs["provisioningSecretAccessKey"],
    )

    bench.edit(lambda config: config["provisioning"].update(integration="done"))

    assert changes(bench.stack.up()) == {"created": 1}
    [assignment] = bench.okta("GET", f"/api/v1/apps/{outputs['appId']}/groups")
    assert assignment["profile"]["samlRoles"] == ["OktaDeveloper"]
    assert changes(bench.stack.up()) == {}


def test_a_description_is_changed_in_place(bench):
    bench.edit(lambda config: config["roles"]["OktaDeveloper"].update(description="Looks around."))

    assert changes(bench.stack.up()) == {"updated": 1}
    role = bench.aws("iam").get_role(RoleName="OktaDeveloper")["Role"]
    assert role["Description"] == "Looks around."


def test_another_provider_name_replaces_the_provider_and_every_trust_follows(bench):
    bench.edit(lambda config: config["app"].update(provider="OktaTwo"))

    counts = changes(bench.stack.up())

    assert counts["replaced"] == 1, "the name that the app waits for"
    assert (counts["created"], counts["deleted"]) == (1, 1), "the new provider before the old goes"
    role = bench.aws("iam").get_role(RoleName="OktaDeveloper")["Role"]
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"]["Federated"].endswith(":saml-provider/OktaTwo")
    app = bench.okta("GET", f"/api/v1/apps/{bench.stack.outputs()['appId']}")
    assert app["settings"]["app"]["identityProviderArn"].endswith(":saml-provider/OktaTwo")
    assert changes(bench.stack.up()) == {}


def test_a_policy_that_somebody_detached_is_seen_and_attached_again(bench):
    bench.aws("iam").detach_role_policy(RoleName="OktaDeveloper", PolicyArn=EC2)
    assert changes(bench.stack.up()) == {}, "without a refresh the engine trusts its state"

    bench.stack.run("refresh", "--stack", "dev", "--yes", "--skip-preview")

    assert changes(bench.stack.up()) == {"created": 1}
    assert attached(bench) == {EC2}


def test_a_group_that_somebody_edited_in_okta_is_seen_and_mended(bench):
    group_id = bench.stack.outputs()["groupIds"]["AWSDeveloper"]
    profile = {"name": "AWSDeveloper", "description": "edited by hand"}
    bench.okta("PUT", f"/api/v1/groups/{group_id}", json={"profile": profile})

    printed = bench.stack.run("refresh", "--stack", "dev", "--yes", "--skip-preview")
    assert re.search(r"~ \d+ updated", printed)

    assert changes(bench.stack.up()) == {"updated": 1}
    group = bench.okta("GET", f"/api/v1/groups/{group_id}")
    assert group["profile"]["description"] == ""


def test_a_stack_file_that_is_wrong_is_refused_and_changes_nothing(bench):
    state = bench.resources()
    good = bench.stack_file.read_text()
    bench.edit(lambda config: config["app"].update(sessionHours=13))

    with pytest.raises(SandboxError, match=r"app\.sessionHours = 13") as refused:
        bench.stack.up()

    assert "Traceback" not in str(refused.value)
    bench.stack_file.write_text(good)
    assert sorted(bench.resources(), key=str) == sorted(state, key=str)
    assert changes(bench.stack.up()) == {}


def test_a_destroy_leaves_nothing_of_ours(bench):
    ours = {"OktaDeveloper", "OktaSSOuser", "OktaMasterAccountPolicy", "saml-provider/Okta"}

    bench.stack.destroy()

    left = inventory(bench.clouds, ACCOUNT)
    assert not [entry for entry in left for name in ours if name in entry]
    assert not [entry for entry in left if entry.startswith("apps ")]
