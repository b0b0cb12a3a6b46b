"""A stack with every option whose state lost all that it held: recovered, nothing made twice."""

import json
import os
import subprocess
import sys

import pytest

from tests.integration.features.test_features_every_option import (
    ACCOUNT,
    STACK,
    trust_another_app,
)

PROVIDERS = ("pulumi:pulumi:Stack", "pulumi:providers:")
NOT_IMPORTED = {
    "aws:iam/accessKey:AccessKey",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "okta:index/userGroupMemberships:UserGroupMemberships",
    "pulumi:index:Stash",
}
"""What an update makes again without a change to what is there; and keys."""


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT, region="eu-central-1") as bench:
        bench.okta("POST", "/api/v1/groups", json={"profile": {"name": "Directory"}})
        trust_another_app(bench, "OktaBefore")
        # In the first phase: no key is in use, so each can be replaced.
        bench.write(STACK)
        bench.up()
        yield bench


def recover(bench, *options):
    done = subprocess.run(
        [sys.executable, "-m", "access", "recover", "Pulumi.features.yaml", *options],
        cwd=bench.stack.project,
        env={**os.environ, **bench.stack.variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode < 2, done.stderr
    return done.stdout


def lose_all(bench):
    """The state as an engine leaves it that was killed before it recorded anything."""
    file = bench.workspace.folder / "lost.json"
    state = json.loads(bench.stack.run("stack", "export", "--stack", "features"))
    resources = state["deployment"]["resources"]
    kept = [each for each in resources if each["type"].startswith(PROVIDERS)]
    state["deployment"]["resources"] = kept
    file.write_text(json.dumps(state))
    bench.stack.run("stack", "import", "--stack", "features", "--file", str(file))
    return {each["type"] for each in resources if each.get("id")} - {each["type"] for each in kept}


def without_keys(inventory):
    return {each for each in inventory if not each.startswith("access key")}


def test_everything_is_found_again_and_nothing_is_made_twice(bench):
    before = without_keys(bench.inventory())
    apps = sorted(each["id"] for each in bench.okta("GET", "/api/v1/apps"))
    lost = lose_all(bench)

    shown = json.loads(recover(bench, "--json"))
    by_type = {each["type"]: each["status"] for each in shown["resources"]}
    missing = {kind for kind in lost if by_type[kind] != "only in a cloud"}
    assert missing <= NOT_IMPORTED
    assert sum("delete-access-key" in each["command"] for each in shown["steps"]) == 2

    recover(bench, "--yes")
    changes = bench.up()

    assert not changes.keys() & {"replaced", "deleted"}, changes
    assert without_keys(bench.inventory()) == before
    assert sorted(each["id"] for each in bench.okta("GET", "/api/v1/apps")) == apps
    assert (
        len(bench.aws("iam", ACCOUNT).list_access_keys(UserName="OktaSSOuser")["AccessKeyMetadata"])
        == 2
    )
    assert bench.up() == {}
    assert "nothing is to be done" in recover(bench)
