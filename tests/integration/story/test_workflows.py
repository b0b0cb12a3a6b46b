"""The workflow files: sound to both linters, and their commands typed as they stand."""

import os
import re
import subprocess

import pytest
import yaml

from sandbox.workspace import ROOT
from tools import workflows

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def steps(name, job):
    """Name of each step -> its command."""
    document = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    found = document["jobs"][job]["steps"]
    return {step["name"]: step["run"] for step in found if "run" in step and "name" in step}


def test_the_linters_find_nothing_and_find_what_is_wrong(tmp_path):
    assert workflows.complaining(FOLDER, print) == []
    broken = (FOLDER / "deploy.yml").read_text()
    (tmp_path / "one.yml").write_text(broken.replace("needs: dev", "needs: nobody"))
    assert workflows.complaining(tmp_path, print) == ["actionlint"]
    loose = (FOLDER / "check.yml").read_text()
    unpinned = re.sub(r"actions/checkout@\w+ # v4\.2\.2", "actions/checkout@v4", loose)
    (tmp_path / "one.yml").write_text(unpinned)
    assert workflows.complaining(tmp_path, print) == ["zizmor"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_run_has_more_rights_than_it_says(path):
    document = yaml.safe_load(path.read_text())
    text = path.read_text()

    assert document["permissions"] == {}
    assert "pull_request_target" not in text
    for use in re.findall(r"uses: (\S+)(.*)", text):
        pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", use[0]) and re.search(r"# v[\d.]+$", use[1])
        assert use[0].startswith("./") or pinned, use


def test_a_fork_gets_neither_credentials_nor_a_comment():
    jobs = yaml.safe_load((FOLDER / "preview.yml").read_text())["jobs"]

    for job in jobs.values():
        assert job["if"].startswith("github.event.pull_request.head.repo.full_name == github.repo")
    assert "secrets" not in jobs["access"]


def test_only_deployments_of_one_stack_wait_for_each_other():
    group = yaml.safe_load((FOLDER / "run-stack.yml").read_text())["jobs"]["stack"]["concurrency"]

    assert "inputs.task" in group["group"], "a waiting preview would cancel a waiting deployment"
    assert "inputs.stack" in group["group"]
    assert group["cancel-in-progress"] is False


def test_drift_that_the_engine_found_is_named_by_verify_too():
    document = yaml.safe_load((FOLDER / "run-stack.yml").read_text())
    [verify] = [s for s in document["jobs"]["stack"]["steps"] if s.get("name") == "Verify"]

    assert "inputs.task == 'drift' && !cancelled()" in verify["if"]


def test_the_engine_is_the_one_that_is_tested():
    go_mod = (ROOT / "sandbox/engine/go.mod").read_text()
    pinned = re.search(r"pulumi/pkg/v3 v([\d.]+)", go_mod)[1]

    assert f"--version {pinned}\n" in steps("run-stack", "stack")["Install"]


@pytest.fixture(scope="module")
def deployed(bench):
    bench.stack.up()
    return bench


def type_in(bench, command, **variables):
    unwanted = ("PULUMI_", "AWS_", "OKTA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],  # as GitHub runs it
        cwd=bench.workspace.project,
        env=kept | dict(bench.stack.variables) | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("step", ["Preview", "Deploy", "Drift", "Verify"])
def test_a_stack_is_run_as_the_workflow_says(deployed, step):
    done = type_in(deployed, steps("run-stack", "stack")[step], STACK="dev")

    assert done.returncode == 0, done.stdout[-3000:]


def test_drift_and_verify_fail_when_somebody_changed_something(deployed):
    arn = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    deployed.aws("iam").detach_role_policy(RoleName="OktaDeveloper", PolicyArn=arn)

    for step in ("Drift", "Verify"):
        done = type_in(deployed, steps("run-stack", "stack")[step], STACK="dev")
        assert done.returncode != 0, f"{step}: {done.stdout[-2000:]}"
    assert "it detached" in done.stdout


def test_the_comment_says_who_gains_and_who_loses(tmp_path):
    """In a clone of its own: the workflow asks git for the branch that the change goes into."""
    source, clone = tmp_path / "source", tmp_path / "clone"

    def git(folder, *arguments):
        names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", "-C", folder, *names, *arguments], check=True, capture_output=True)

    source.mkdir()
    git(source, "init", "--initial-branch=main")
    for file in ROOT.glob("Pulumi.*.yaml"):
        (source / file.name).write_text(file.read_text())
    git(source, "add", ".")
    git(source, "commit", "-m", "first")
    subprocess.run(["git", "clone", "-q", source, clone], check=True)
    for entry in ROOT.iterdir():
        if not (clone / entry.name).exists() and entry.name not in (".git", ".sandbox"):
            (clone / entry.name).symlink_to(entry)
    dev = clone / "Pulumi.dev.yaml"
    dev.write_text(
        dev.read_text().replace("[ada@example.com]", "[ada@example.com, eve@example.com]")
    )
    git(clone, "rm", "-q", "Pulumi.prod.yaml")
    git(clone, "commit", "-am", "one more, and one stack less")

    commands = steps("preview", "access")
    for step in ("Expectations", "Access"):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", commands[step]],
            cwd=clone,
            env=os.environ | {"BASE": "main"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    comment = (clone / "access.md").read_text()
    assert "### Access: HEAD:Pulumi.dev.yaml\n\n**1 person gains.**" in comment
    assert "| gains | `eve@example.com` | `enters OktaDeveloper` |" in comment
    assert "| loses | `grace@example.com` | `no longer: enters OktaAuditor` |" in comment
