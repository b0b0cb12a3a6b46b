"""The workflow files: sound to both linters, and their commands typed as they stand."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from sandbox import bootstrap
from sandbox.workspace import ROOT
from tools import workflows
from tools.comment import MARKER

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def jobs_of(name):
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text())["jobs"]


def steps(name, job):
    """Name of each step -> its command."""
    found = jobs_of(name)[job]["steps"]
    return {step["name"]: step["run"] for step in found if "run" in step and "name" in step}


def test_the_linters_find_nothing_and_find_what_is_wrong(tmp_path):
    assert workflows.complaining(FOLDER, print) == []
    broken = (FOLDER / "deploy.yml").read_text()
    (tmp_path / "one.yml").write_text(broken.replace("needs: dev", "needs: nobody"))
    assert workflows.complaining(tmp_path, print) == ["actionlint"]
    loose = (FOLDER / "check.yml").read_text()
    unpinned = re.sub(r"actions/checkout@\w+ # v[\d.]+", "actions/checkout@v4", loose)
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


@pytest.mark.parametrize("step", ["Preview", "Check", "Deploy", "Drift", "Verify"])
def test_a_stack_is_run_as_the_workflow_says(deployed, step):
    done = type_in(deployed, steps("run-stack", "stack")[step], STACK="dev", LEVEL="dev")

    assert done.returncode == 0, done.stdout[-3000:]


def test_the_level_of_production_is_applied(deployed):
    """What is advice to other stacks stops a deployment of prod."""
    file = deployed.workspace.project / "Pulumi.prod.yaml"
    committed = file.read_text().replace("210987654321", bootstrap.DEMO_ACCOUNT)
    type_in(deployed, "pulumi stack init prod")
    preview = steps("run-stack", "stack")["Preview"]

    file.write_text(committed)
    assert type_in(deployed, preview, STACK="prod", LEVEL="prod").returncode == 0
    file.write_text(committed.replace("protect: true", "protect: false"))
    refused = type_in(deployed, preview, STACK="prod", LEVEL="prod")
    assert refused.returncode != 0
    assert re.search(r"\[mandatory\].* saml-provider-protected ", refused.stdout), refused.stdout
    file.write_text(committed)


def test_every_committed_stack_has_a_level_of_the_pack_and_is_run_by_the_workflows():
    stacks = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}

    for task in ("Preview", "Deploy"):
        command = steps("run-stack", "stack")[task]
        assert '--policy-pack-config "policies/stacks/$LEVEL.json"' in command
    assert {path.stem for path in (ROOT / "policies/stacks").glob("*.json")} >= stacks
    for name in ("drift", "preview", "temporary-access"):
        jobs = yaml.safe_load((FOLDER / f"{name}.yml").read_text())["jobs"]
        assert set(jobs["stack"]["strategy"]["matrix"]["stack"]) == stacks


ESTATE = """config:
  okta-aws-federation:mode: group-mapping
  okta-aws-federation:accounts:
    one: { id: "111111111111", region: us-east-1 }
    two: { id: "222222222222", region: us-east-1 }
  okta-aws-federation:roles: { Developer: {} }
  okta-aws-federation:groups: { Engineers: { roles: [Developer], members: [ada@example.com] } }
"""


def test_an_estate_s_jobs_are_those_of_its_stacks(clone):
    (clone / "Pulumi.company.yaml").write_text(ESTATE)
    python = [sys.executable, "-m", "access.estate"]
    subprocess.run([*python, "init", "Pulumi.company.yaml"], cwd=clone, check=True)
    output = clone.parent / "output"

    play(clone, "Matrix", of=("run-estate", "stacks"), ESTATE="company", GITHUB_OUTPUT=str(output))

    name, _, matrix = output.read_text().partition("=")
    jobs = jobs_of("run-estate")
    assert jobs["stacks"]["outputs"] == {name: f"${{{{ steps.matrix.outputs.{name} }}}}"}
    assert json.loads(matrix) == {
        "okta": "company-okta",
        "accounts": {
            "include": [{"stack": f"company-{name}", "account": name} for name in ("one", "two")]
        },
    }
    values = f"fromJSON(needs.stacks.outputs.{name})"
    assert jobs["okta"]["with"]["stack"] == f"${{{{ {values}.okta }}}}"
    assert jobs["accounts"]["strategy"]["matrix"] == f"${{{{ {values}.accounts }}}}"
    assert jobs["accounts"]["with"]["stack"] == "${{ matrix.stack }}"


def test_the_file_of_a_part_is_not_compared_besides_its_estate_s(clone):
    (clone / "Pulumi.company.yaml").write_text(ESTATE)
    python = [sys.executable, "-m", "access.estate"]
    subprocess.run([*python, "init", "Pulumi.company.yaml"], cwd=clone, check=True)
    names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    files = [file.name for file in clone.glob("Pulumi.company*.yaml")]
    subprocess.run(["git", "-C", clone, "add", *files], check=True)
    subprocess.run(["git", "-C", clone, *names, "commit", "-qm", "an estate"], check=True)

    answers = play(clone, "Access", "Expectations", "Comment")

    assert [done.returncode for done in answers] == [0, 0, 0], answers
    comment = (clone / "comment.md").read_text()
    assert comment.count("Access: HEAD:Pulumi.company") == 1
    assert comment.count("Check: Pulumi.company") == 1
    assert "Access: HEAD:Pulumi.company.yaml" in comment


def test_temporary_access_ends_by_a_deployment_every_day():
    document = yaml.safe_load((FOLDER / "temporary-access.yml").read_text())
    [trigger] = document[True]["schedule"]  # YAML 1.1 reads `on` as true

    minute, hour, *days = trigger["cron"].split()
    assert (int(hour), days) == (0, ["*", "*", "*"]), "soon after the day has ended in UTC"
    assert int(minute) < 60
    assert document["jobs"]["stack"]["with"]["task"] == "deploy"


def test_drift_and_verify_fail_when_somebody_changed_something(deployed):
    arn = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    deployed.aws("iam").detach_role_policy(RoleName="OktaDeveloper", PolicyArn=arn)

    for step in ("Drift", "Verify"):
        done = type_in(deployed, steps("run-stack", "stack")[step], STACK="dev", LEVEL="dev")
        assert done.returncode != 0, f"{step}: {done.stdout[-2000:]}"
    assert "it detached" in done.stdout


GH = """#!{python}
# GitHub's CLI, as far as the workflow needs it: comments are kept in posted.json.
import json, pathlib, sys

file = pathlib.Path("posted.json")
comments = json.loads(file.read_text()) if file.exists() else {{}}
arguments = sys.argv[1:]
path = next(each for each in arguments if each.startswith("repos/"))
if "--method" not in arguments:
    assert "--jq" in arguments and "--paginate" in arguments
    marked = [key for key, text in comments.items() if text.startswith({marker!r}) and key != "8"]
    print(*marked, sep="\\n")
    sys.exit()
[field] = [each for each in arguments if each.startswith("body=@")]
method = arguments[arguments.index("--method") + 1]
key = path.rpartition("/")[2] if method == "PATCH" else str(max(map(int, comments), default=0) + 1)
comments[key] = pathlib.Path(field.removeprefix("body=@")).read_text()
file.write_text(json.dumps(comments))
"""


@pytest.fixture
def clone(tmp_path):
    """A clone of its own: the workflow asks git for the branch that the change goes into."""
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
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH.format(python=sys.executable, marker=MARKER))
    gh.chmod(0o755)
    return clone


def play(clone, *names, of=("preview", "access"), **more):
    """Type steps of a job, in a checkout, with a GitHub of one file."""
    commands = steps(*of)
    variables = {
        "BASE": "main",
        "GITHUB_REPOSITORY": "owner/repository",
        "NUMBER": "1",
        "PATH": f"{clone.parent / 'bin'}:{os.environ['PATH']}",
        **more,
    }
    return [
        subprocess.run(
            ["bash", "-eo", "pipefail", "-c", commands[name]],
            cwd=clone,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        for name in names
    ]


def posted(clone):
    return json.loads((clone / "posted.json").read_text())


def test_the_comment_says_who_gains_and_who_loses(clone):
    answers = play(clone, "Access", "Expectations", "Comment")

    assert [done.returncode for done in answers] == [0, 0, 0], answers
    comment = (clone / "comment.md").read_text()
    assert comment.startswith(f"{MARKER}\n### Check: Pulumi.dev.yaml\n")
    assert "### Access: HEAD:Pulumi.dev.yaml\n\n**1 person gains.**" in comment
    assert "| gains | `eve@example.com` | `enters OktaDeveloper` |" in comment
    assert "| loses | `grace@example.com` | `no longer: enters OktaAuditor` |" in comment
    assert posted(clone) == {"1": comment}


def test_the_comment_is_posted_although_an_expectation_is_not_met_and_replaces_its_own(clone):
    others = {"7": "LGTM", "8": f"{MARKER} of somebody else"}
    (clone / "posted.json").write_text(json.dumps(others))
    dev = clone / "Pulumi.dev.yaml"
    dev.write_text(dev.read_text().replace("ec2:DescribeInstances", "ec2:RunInstances"))
    play(clone, "Access", "Comment")
    first = posted(clone)
    access, expectations, comment = play(clone, "Access", "Expectations", "Comment")

    assert (access.returncode, expectations.returncode, comment.returncode) == (0, 1, 0)
    assert first.keys() == posted(clone).keys() == {"7", "8", "9"}
    assert posted(clone).items() >= others.items()
    assert "ec2:RunInstances" in posted(clone)["9"]
    [step] = [s for s in jobs_of("preview")["access"]["steps"] if s.get("name") == "Comment"]
    assert step["if"] == "${{ !cancelled() }}"
