"""`python -m tools.acceptance`: against the local clouds as if they were real ones, and against
clouds that differ. It passes, says what differs, and leaves nothing, however it ends."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from sandbox import bootstrap
from sandbox.aws.server import LocalAws
from sandbox.clouds import UNWANTED, running
from sandbox.demo.administrator import enable_provisioning, inventory
from sandbox.fault_control import FaultClient
from sandbox.faults import Fault
from sandbox.workspace import HOME, ROOT
from tools.acceptance.answers import QUESTIONS
from tools.acceptance.run import AFTER_THE_STEP

ACCOUNT = bootstrap.DEMO_ACCOUNT
TARGET = f"{ACCOUNT}@{bootstrap.LOCAL_ORG}"
ON_PAGE = ".venv/bin/python -m tools.acceptance --sandbox"  # docs/how-to/acceptance.md
COMMAND = [sys.executable, "-m", "tools.acceptance"]
REFUSING = [
    "largest_priority=100",
    "strict_roles=false",
    "integration_key_in_settings=true",
    "role_paths=dropped",
    "settings_defaults=false",
]


@pytest.fixture
def clouds(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    with running([ACCOUNT], logs) as started:
        yield started


def environment(clouds):
    inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    return inherited | clouds.variables(ACCOUNT) | {"ACCEPTANCE_TARGET": TARGET}


class OnTerminal:
    """The command as a person starts it, on real clouds for all that it knows."""

    def __init__(self, clouds, output):
        self.output = output
        self._terminal, end = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, "--plugins", "emulated", "--output", output],
            cwd=ROOT,
            env=environment(clouds),
            stdin=end,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        os.close(end)
        self.printed = ""

    def read_until(self, expected):
        while expected not in self.printed:
            character = self.process.stdout.read(1)
            assert character, self.printed
            self.printed += character

    def press_enter(self):
        os.write(self._terminal, b"\n")

    def end(self):
        rest, _ = self.process.communicate(timeout=300)
        os.close(self._terminal)
        self.printed += rest
        return json.loads(self.output.read_text())


def in_sandbox(output, *arguments):
    done = subprocess.run(
        [sys.executable, *ON_PAGE.split()[1:], "--output", output, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    return done, json.loads(output.read_text())


def answers(report):
    return {each["id"]: each["answer"] for each in report["answers"]}


def folders():
    return set(HOME.glob("oaf-acceptance-*/"))


def test_a_person_at_a_terminal_gets_every_answer_and_nothing_is_left(clouds, tmp_path):
    before, folders_before = inventory(clouds, ACCOUNT), folders()
    run = OnTerminal(clouds, tmp_path / "answers.json")

    run.read_until("Enter when it is done")
    app = re.search(r"/admin/app/amazon_aws/instance/(\w+)/", run.printed)[1]
    key_id, secret = re.findall(r"(?:Access|Secret) Key +(\S+)", run.printed)
    assert len(inventory(clouds, ACCOUNT)) > len(before) + 5, "the stack is deployed by now"
    enable_provisioning(clouds, app, key_id, secret)
    run.press_enter()
    report = run.end()

    assert run.process.returncode == 0, run.printed
    assert answers(report) == dict.fromkeys(QUESTIONS, "yes")
    assert (report["left_behind"], report["failure"], report["sandbox"]) == ([], None, False)
    assert inventory(clouds, ACCOUNT) == before
    assert folders() <= folders_before
    text = run.output.read_text()
    for hidden in (ACCOUNT, bootstrap.LOCAL_ORG, key_id, secret, clouds.okta_token):
        assert hidden not in text
    assert all(each["limit"] > 0 for each in report["rate_limits"])
    assert {"pulumi", "pulumi-aws", "pulumi-okta", "plugins", "python"} == set(report["versions"])


@pytest.mark.parametrize(
    ("switches", "differing", "unasked"),
    [
        (
            REFUSING,
            {
                "priority-over-100",
                "unknown-role-refused",
                "key-hidden",
                "role-path-enters",
                "settings-defaults",
                "new-group-seen",
                "new-role-seen",
                "new-person-found",
                "second-up-unchanged",
            },
            set(),
        ),
        pytest.param(
            [
                "renumber_priorities=from-0",
                "plus_in_session_name=space",
                "key_in_settings=stored",
                "force_authn=true",
            ],
            {
                "priorities-unchanged",
                "plus-login-enters",
                "key-setting-ignored",
            },
            {"role-path-enters"},
            marks=pytest.mark.slow,
        ),
    ],
    ids=["refuses-and-hides", "renumbers"],
)
def test_clouds_that_differ_are_answered_no_in_just_that(switches, differing, unasked, tmp_path):
    options = [option for switch in switches for option in ("--switch", switch)]
    lag = ["--lag", "3"] if "new-role-seen" in differing else []

    done, report = in_sandbox(tmp_path / "answers.json", *options, *lag)

    found = answers(report)
    assert {name for name, answer in found.items() if answer == "no"} == differing
    assert {name for name, answer in found.items() if answer is None} == unasked
    assert done.returncode == 1
    assert report["left_behind"] == []


@pytest.mark.slow
def test_a_deployment_that_fails_ends_the_run_and_is_taken_down(tmp_path):
    done, report = in_sandbox(tmp_path / "answers.json", "--switch", "largest_priority=0")

    found = answers(report)
    assert found["first-phase-deploys"] == "yes"
    assert found["second-phase-deploys"] == "no"
    assert found["verify-agrees"] is None
    assert "priority: must be a number from 0 to 0" in report["failure"]
    assert (done.returncode, report["left_behind"]) == (1, [])


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "before the step by hand end without an error? "),
        pytest.param(signal.SIGTERM, "Enter when it is done", marks=pytest.mark.slow),
    ],
)
def test_an_interrupt_takes_everything_down(number, moment, clouds, tmp_path):
    before, folders_before = inventory(clouds, ACCOUNT), folders()
    run = OnTerminal(clouds, tmp_path / "answers.json")
    run.read_until(moment)
    if number == signal.SIGINT:
        while not any("role/oaf-acceptance" in name for name in inventory(clouds, ACCOUNT)):
            assert run.process.poll() is None
            time.sleep(0.1)

    run.process.send_signal(number)
    run.read_until("Taking everything down")
    run.process.send_signal(number)  # a second one, by somebody in a hurry
    report = run.end()

    assert run.process.returncode == 130, run.printed
    assert report["failure"] == "interrupted"
    assert inventory(clouds, ACCOUNT) == before
    assert folders() <= folders_before


def test_what_cannot_be_taken_down_is_named_and_taken_down_later(clouds, tmp_path):
    before, folders_before = inventory(clouds, ACCOUNT), folders()
    aws = FaultClient(clouds.control["aws"])
    aws.add(
        Fault(
            effect="error",
            operation="iam:DeleteSAMLProvider",
            times=None,
            status=403,
            code="AccessDenied",
        )
    )
    output = tmp_path / "answers.json"
    command = [*COMMAND, "--plugins", "emulated", "--already-done", "--output", output]
    typed = {"cwd": ROOT, "env": environment(clouds), "capture_output": True, "text": True}

    done = subprocess.run(command, **typed, timeout=400, check=False)
    report = json.loads(output.read_text())

    assert done.returncode == 3, done.stdout + done.stderr
    unasked = {each["id"]: each["reason"] for each in report["answers"] if not each["answer"]}
    assert unasked.pop("integration-active") == "the step by hand was not done"
    assert set(unasked) == set(AFTER_THE_STEP)
    assert set(answers(report).values()) == {"yes", None}
    [left] = report["left_behind"]
    assert re.match(r"SAML provider oaf-acceptance-\w{8}: .*AccessDenied", left)
    assert f"not taken down: {left}" in done.stderr
    [remaining] = inventory(clouds, ACCOUNT) - before
    assert remaining.endswith(f"saml-provider/{report['prefix']}")
    assert {folder.name[:-9] for folder in folders() - folders_before} == {report["prefix"]}

    aws.clear()
    again = [*COMMAND, "--take-down", report["prefix"]]
    assert subprocess.run(again, **typed, timeout=60, check=False).returncode == 0
    assert inventory(clouds, ACCOUNT) == before
    assert folders() <= folders_before


@pytest.fixture(scope="module")
def other_account():
    """An AWS whose credentials are of another account than the target's."""
    with LocalAws(["210987654321"]) as aws:
        key = aws.administrators["210987654321"]
        yield {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_REGION": "us-east-1",
        }


SANDBOX_ORG = {"OKTA_ORG_NAME": "sandbox", "OKTA_BASE_URL": "okta.test"}


@pytest.mark.parametrize(
    ("variables", "arguments", "refusal"),
    [
        ({}, [], "ACCEPTANCE_TARGET is not set: name the account and the org"),
        ({"ACCEPTANCE_TARGET": "acme"}, [], "ACCEPTANCE_TARGET = 'acme' is not ACCOUNT@ORG"),
        ({"ACCEPTANCE_TARGET": TARGET}, [], "OKTA_ORG_NAME is not set: set it to sandbox"),
        (
            {"ACCEPTANCE_TARGET": TARGET, "OKTA_ORG_NAME": "acme"},
            [],
            "OKTA_BASE_URL are of acme.okta.com, but ACCEPTANCE_TARGET allows sandbox.okta.test",
        ),
        (
            {"ACCEPTANCE_TARGET": TARGET, **SANDBOX_ORG},
            [],
            "the AWS credentials are of account 210987654321, but ACCEPTANCE_TARGET allows 1234",
        ),
        (
            {"ACCEPTANCE_TARGET": f"210987654321@{bootstrap.LOCAL_ORG}", **SANDBOX_ORG},
            [],
            "Okta can't be read: set OKTA_API_TOKEN, or",
        ),
        (
            {
                "ACCEPTANCE_TARGET": f"210987654321@{bootstrap.LOCAL_ORG}",
                "OKTA_API_TOKEN": "x",
                **SANDBOX_ORG,
            },
            [],
            "nobody is at the input: run it in a terminal, or add --already-done",
        ),
        ({}, ["--switch", "order=shuffled"], "add --sandbox"),
        ({}, ["--sandbox", "--switch", "colour=red"], "no switch 'colour'; there are"),
        ({}, ["--take-down", "AWS"], "'AWS' is not the prefix of a run"),
        ({}, ["--sandbox", "--output", "nowhere/x.json"], "there is no folder nowhere"),
    ],
)
def test_it_refuses_in_one_line_and_makes_nothing(variables, arguments, refusal, other_account):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OKTA_", "AWS_", "ACCEPTANCE_"))
    }
    folders_before = folders()

    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=inherited | other_account | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert refusal in line
    assert done.stdout == ""
    assert folders() <= folders_before
