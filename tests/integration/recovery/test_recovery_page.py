"""The how-to's commands, typed after a real kill; and what they never touch."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import takewhile
from pathlib import Path

import psutil
import pytest

from tests import documents
from tests.integration.recovery.bench import bench_in
from tests.integration.recovery.interruption import Point

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "recover-a-killed-update.md"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A first update whose engine was killed when Okta had made the app."""
    with bench_in(tmp_path_factory.mktemp("killed")) as bench:
        bench.interrupted(Point("first up", "engine", "after", "POST /apps"))
        yield bench


def type_in(bench, line):
    values = bench.variables | {"PULUMI_SKIP_CONFIRMATIONS": "true"}
    return documents.in_a_shell(line, bench.stack.project, values)


def type_block(bench, number):
    blocks = [each for each in documents.blocks(PAGE) if each.where == "engine"]
    assert len(blocks) == 2
    for line, _ in blocks[number].commands:
        done = type_in(bench, line)
        assert done.returncode == 0, f"{line}: {done.stdout[-3000:]}"


def test_without_yes_it_changes_nothing_and_says_what_is_where(bench):
    before = bench.in_aws(), bench.in_okta()

    done = bench.recover("--json")

    value = json.loads(done.stdout)
    assert done.returncode == 1
    assert any(each["status"] == "only in a cloud" for each in value["resources"])
    commands = [each["command"].split(" --")[0] for each in value["steps"]]
    assert commands[:3] == ["pulumi cancel", "pulumi refresh", "pulumi import"]
    assert value["pendingOperations"] != []
    assert (bench.in_aws(), bench.in_okta()) == before
    assert json.loads(bench.recover("--json").stdout) == value


def test_a_recover_may_be_killed_itself(bench):
    """With the import that it was doing; the page's commands then begin with this lock."""
    locks = bench.workspace.backend / ".pulumi" / "locks"
    command = [sys.executable, "-u", "-m", "access", "recover", "Pulumi.dev.yaml", "--yes"]
    with subprocess.Popen(
        command,
        cwd=bench.stack.project,
        env=bench.variables,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as recover:
        steps = list(takewhile(lambda line: "$ pulumi import" not in line, recover.stdout))
        while not list(locks.rglob("*.json")):
            assert recover.poll() is None, "it ended without an import"
            time.sleep(0.01)  # the import has its lock for a moment only
        family = psutil.Process(recover.pid).children(recursive=True)
        os.killpg(recover.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=5)

    assert any("$ pulumi cancel" in line for line in steps)
    assert "pulumi cancel" in bench.recover().stdout


def test_the_pages_commands_bring_it_back(bench):
    type_block(bench, 0)

    assert len(bench.in_okta()["apps"]) == 1
    assert bench.in_aws()["keys"]["OktaSSOuser"] == 1
    assert bench.recover().returncode == 0


def test_a_second_app_and_a_second_key_are_deleted_only_if_nobody_uses_them(bench):
    # An app, a key: what a lost answer leaves. Ada is assigned to another one.
    outputs = bench.stack.outputs()
    app = bench.okta("GET", f"/api/v1/apps/{outputs['appId']}")
    body = {key: app[key] for key in ("name", "label", "signOnMode", "settings")}
    unused, used = (bench.okta("POST", "/api/v1/apps", json=body)["id"] for _ in range(2))
    [ada] = bench.okta(
        "GET", "/api/v1/users", params={"search": 'profile.login eq "ada@example.com"'}
    )
    person = {"id": ada["id"], "scope": "USER", "credentials": {"userName": "ada@example.com"}}
    bench.okta("POST", f"/api/v1/apps/{used}/users", json=person)
    key = bench.iam().create_access_key(UserName="OktaSSOuser")["AccessKey"]["AccessKeyId"]

    verified = bench.access("verify", "Pulumi.dev.yaml").stdout
    for identifier in (unused, used):
        assert f"apps of its label: expected {outputs['appId']}, found {identifier}" in verified
    assert f"access keys: expected 1, found 2: {key} not in the state" in verified
    checked = bench.access("check", "--live", "Pulumi.dev.yaml").stdout
    assert f"Okta has app {unused} of this label" in checked
    assert outputs["appId"] not in checked

    done = bench.recover("--yes")

    assert done.returncode == 1, "a person has to decide on the used app"
    assert f"delete app {unused}" in done.stdout
    assert f"--access-key-id {key}" in done.stdout
    assert f"Okta app {used} has the label" in done.stdout
    left = {each["id"] for each in bench.okta("GET", "/api/v1/apps") if each["name"] == app["name"]}
    assert left == {outputs["appId"], used}
    keys = bench.iam().list_access_keys(UserName="OktaSSOuser")["AccessKeyMetadata"]
    assert [each["AccessKeyId"] for each in keys] == [outputs["provisioningAccessKeyId"]]

    # What a person decides, when nobody needs the app any more.
    bench.okta("POST", f"/api/v1/apps/{used}/lifecycle/deactivate")
    bench.okta("DELETE", f"/api/v1/apps/{used}")
    assert bench.recover().returncode == 0


def test_an_empty_state_file_is_put_back(bench):
    [file] = (bench.workspace.backend / ".pulumi" / "stacks").rglob("dev.json")
    whole = bench.in_state()
    file.write_text("")
    file.with_name("dev.json.attrs").write_text("")

    shown = bench.recover()
    assert shown.returncode == 1
    assert f"cp '{file}.bak' '{file}'" in shown.stdout
    done = bench.recover("--yes")
    assert f"rm '{file}.attrs'" in done.stdout

    assert bench.in_state() == whole


def test_the_pages_commands_end_a_killed_destroy(bench):
    bench.interrupted(Point("destroy", "engine", "after", "DeleteRole"))

    type_block(bench, 1)

    assert [role["RoleName"] for role in bench.iam().list_roles()["Roles"]] == []
    assert bench.in_state() == {}
