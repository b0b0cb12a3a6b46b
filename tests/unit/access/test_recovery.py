"""What a recovery finds and does, without an engine and without a cloud."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from access.recovery import recovery, steps
from access.recovery.apps import OktaApp, choose_app
from access.recovery.engine import STACK_IS_LOCKED, Engine, EngineError, Lock, lock_in
from access.recovery.plan import UNKNOWN, Plan
from access.recovery.recovery import announced, recover, summary
from access.recovery.status import GONE, IN_STATE, MISSING, ONLY_IN_CLOUD, Resource, Status
from access.recovery.steps import Step
from settings import SettingsError

STACK = "urn:pulumi:dev::p"
ROLE = f"{STACK}::c:FederatedRole$aws:iam/role:Role::dev-role"
ATTACHMENT = f"{STACK}::c:FederatedRole$aws:iam/rolePolicyAttachment:RolePolicyAttachment::dev-ec2"
PARENT = f"{STACK}::c:FederatedRole::dev"
PROVIDER = f"{STACK}::pulumi:providers:aws::main"
ARNS = {"arn:aws:iam::123456789012:saml-provider/Okta"}
OUR_ARN, OTHER_ARN = *ARNS, "arn:aws:iam::210987654321:saml-provider/Okta"


def step(op, urn, kind, **state):
    return {"op": op, "urn": urn, "newState": {"urn": urn, "type": kind, **state}}


PREVIEW = {
    "steps": [
        step(
            "refresh",
            PROVIDER,
            "pulumi:providers:aws",
            inputs={"allowedAccountIds": '["123456789012"]'},
        ),
        step("create", PARENT, "c:FederatedRole"),
        step(
            "create",
            ROLE,
            "aws:iam/role:Role",
            inputs={"name": "dev", "assumeRolePolicy": UNKNOWN},
            provider=f"{PROVIDER}::1",
        ),
        step(
            "create",
            ATTACHMENT,
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            inputs={"role": "dev", "policyArn": UNKNOWN},
            provider=f"{PROVIDER}::1",
        ),
    ]
}
SKELETON = {
    "nameTable": {"mainAws": PROVIDER, "somebody": "urn:pulumi:dev::p::c:Other::x"},
    "resources": [
        {"type": "c:FederatedRole", "name": "dev", "component": True},
        {
            "type": "aws:iam/role:Role",
            "name": "dev-roleRole",
            "logicalName": "dev-role",
            "id": "<PLACEHOLDER>",
            "parent": "dev",
            "provider": "mainAws",
        },
        {
            "type": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "name": "dev-ec2",
            "id": "<PLACEHOLDER>",
            "parent": "dev",
            "provider": "mainAws",
        },
    ],
}


@pytest.fixture
def plan():
    return Plan.parse(PREVIEW, SKELETON)


def test_only_what_an_update_would_create_is_looked_for(plan):
    assert [each.name for each in plan.created] == ["dev", "dev-role", "dev-ec2"]
    assert not plan.resources[PROVIDER].creates


def test_a_resource_is_in_the_account_that_its_provider_is_limited_to(plan):
    assert plan.account_of(plan.resources[ROLE]) == "123456789012"
    assert plan.account_of(plan.resources[PARENT]) is None


def test_a_value_that_the_update_has_to_make_first_identifies_nothing(plan):
    assert plan.resources[ATTACHMENT].text("policyArn") == ""
    assert plan.resources[ATTACHMENT].text("role") == "dev"
    assert plan.resources[ROLE].text("assumeRolePolicy") == ""
    assert plan.resources[ROLE].text("path") == ""


def test_an_id_that_was_found_completes_what_refers_to_it():
    dependent = {**PREVIEW["steps"][3]}
    dependent["newState"] = dependent["newState"] | {
        "propertyDependencies": {"policyArn": [ROLE], "role": [ROLE, PARENT]}
    }
    planned = Plan.parse({"steps": [dependent]}, {}).resources[ATTACHMENT]

    assert planned.with_ids({}).text("policyArn") == ""
    assert planned.with_ids({ROLE: "arn:x"}).text("policyArn") == "arn:x"


def test_an_input_of_two_resources_is_the_id_of_neither():
    dependent = {**PREVIEW["steps"][3]}
    dependent["newState"] = dependent["newState"] | {
        "propertyDependencies": {"policyArn": [ROLE, PARENT]}
    }
    planned = Plan.parse({"steps": [dependent]}, {}).resources[ATTACHMENT]

    assert planned.with_ids({ROLE: "arn:x", PARENT: "y"}).text("policyArn") == ""


def test_the_import_file_holds_what_is_there_with_its_parents_and_nothing_else(plan):
    file = plan.import_file({ROLE: "dev"})

    assert [(each["name"], each.get("id")) for each in file["resources"]] == [
        ("dev", None),
        ("dev-roleRole", "dev"),
    ]
    assert file["nameTable"] == {"mainAws": PROVIDER}


def test_a_provider_that_the_state_lacks_is_in_the_import_file(plan):
    provider = {"type": "pulumi:providers:aws", "name": "mainAws", "inputs": {}}
    skeleton = SKELETON | {"resources": [provider, *SKELETON["resources"]], "nameTable": {}}

    file = Plan.parse(PREVIEW, skeleton).import_file({ROLE: "dev"})

    assert file["resources"][0] == provider


def app(number, *, in_use=False, arn=OUR_ARN):
    return OktaApp(f"2026-01-0{number}T00:00:00Z", f"0oa{number}", in_use, arn)


def ids(apps):
    return [each.id for each in apps]


@pytest.mark.parametrize(
    ("apps", "recorded", "ours", "unused", "in_use", "of_others"),
    [
        ([], [], None, [], [], []),
        ([app(1)], [], "0oa1", [], [], []),
        ([app(1), app(2)], ["0oa2"], "0oa2", ["0oa1"], [], []),
        ([app(1), app(2)], [], "0oa1", ["0oa2"], [], []),
        ([app(1), app(2, in_use=True)], [], "0oa2", ["0oa1"], [], []),
        ([app(1, in_use=True), app(2)], ["0oa2"], "0oa2", [], ["0oa1"], []),
        ([app(1, arn=OTHER_ARN)], [], None, [], [], ["0oa1"]),
        ([app(1, arn=OTHER_ARN), app(2)], ["0oa2"], "0oa2", [], [], ["0oa1"]),
        ([app(1, arn="")], [], None, [], [], ["0oa1"]),
        # The provider was renamed in the stack file: the state knows the app all the same.
        ([app(1, arn=OTHER_ARN)], ["0oa1"], "0oa1", [], [], []),
    ],
)
def test_apps_of_one_label_are_told_apart(apps, recorded, ours, unused, in_use, of_others):
    choice = choose_app(apps, recorded, ARNS)

    assert (choice.ours.id if choice.ours else None) == ours
    assert ids(choice.unused) == unused
    assert ids(choice.in_use) == in_use
    assert ids(choice.of_others) == of_others


LOCKED = (
    "the stack is currently locked by 1 lock(s). Either wait ... `pulumi cancel`. "
    "file:///s/1.json: created by ci@runner-7 (pid 4711) at 2026-01-01T00:00:00Z"
)


def test_the_owner_of_a_lock_is_read_from_the_engines_message():
    assert lock_in(LOCKED) == Lock("ci", "runner-7", 4711)
    assert lock_in("something else") is None


def pulumi_that(folder, monkeypatch, *, prints, exit_code):
    """A `pulumi` on the PATH that prints and ends so."""
    folder.mkdir()
    program = folder / "pulumi"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint({prints!r})\nsys.exit({exit_code})\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("prints", "message"),
    [
        ("error: no stack named 'dev' found\nmore", "no stack named 'dev' found"),
        ("warning: x\nerror: Preview failed: 401 Unauthorized\n", "401 Unauthorized"),
        (
            "error: could not load provider for resource urn:a: could not create provider urn:b: "
            "configure provider 'urn:b': 1 error occurred:\n  * no such host",
            "1 error occurred: * no such host",
        ),
        ("something else\nthe last line\n", "the last line"),
        ("", "no message"),
    ],
)
def test_a_failure_of_the_engine_is_one_line(prints, message, tmp_path, monkeypatch):
    pulumi_that(tmp_path / "bin", monkeypatch, prints=prints, exit_code=255)

    with pytest.raises(EngineError) as refused:
        Engine("dev", tmp_path).export()

    assert str(refused.value) == f"`pulumi stack export`: {message}"


def test_the_owner_of_the_lock_is_in_the_failures_next_line(tmp_path, monkeypatch):
    text = f"error: {STACK_IS_LOCKED}.\n  file:///x: created by me@here (pid 7)"
    pulumi_that(tmp_path / "bin", monkeypatch, prints=text, exit_code=255)

    with pytest.raises(EngineError) as refused:
        Engine("dev", tmp_path).run("refresh")

    assert lock_in(str(refused.value)) == Lock("me", "here", 7)


def test_a_preview_that_fails_says_why(tmp_path, monkeypatch):
    value = {"diagnostics": [{"message": "warning: x"}, {"message": "error: nobody is ada\ntrace"}]}
    pulumi_that(tmp_path / "bin", monkeypatch, prints=json.dumps(value), exit_code=1)

    with pytest.raises(EngineError, match=r"^`pulumi preview --refresh`: nobody is ada$"):
        Engine("dev", tmp_path).plan()


def test_an_app_that_the_provider_cannot_refresh_has_a_way_out(tmp_path, monkeypatch):
    reason = "error: 1 error occurred:\n\t* failed to get OAuth application: 404 Not Found\n\n"
    value = {"diagnostics": [{"message": reason}]}
    pulumi_that(tmp_path / "bin", monkeypatch, prints=json.dumps(value), exit_code=1)

    with pytest.raises(EngineError, match=r"404 Not Found; the native app .* has the commands$"):
        Engine("dev", tmp_path).plan()


@pytest.mark.parametrize("options", ["", "?metadata=skip"])
def test_the_lock_and_the_state_of_a_file_backend_are_found(tmp_path, monkeypatch, options):
    url = f"file://{tmp_path}/with%20blank{options}"
    pulumi_that(tmp_path / "bin", monkeypatch, prints=json.dumps({"url": url}), exit_code=0)
    folder = tmp_path / "with blank" / ".pulumi"
    locks = folder / "locks" / "organization" / "okta-aws-federation" / "dev"
    states = folder / "stacks" / "okta-aws-federation"
    locks.mkdir(parents=True)
    states.mkdir(parents=True)
    engine = Engine("dev", tmp_path)
    assert engine.lock() is None

    (states / "dev.json").write_text("{}")
    (locks / "1.json").write_text('{"pid": 7, "username": "me", "hostname": "here"}')

    assert engine.lock() == Lock("me", "here", 7)
    assert engine.state_file() == states / "dev.json"
    assert Engine("prod", tmp_path).lock() is None

    (locks / "1.json").write_text('{"pid": 7, "user')
    monkeypatch.setattr("access.recovery.engine.time.sleep", lambda seconds: None)
    cut_off = engine.lock()
    assert cut_off is not None
    assert cut_off.has_ended, "who writes a lock for more than a second was killed"


def test_a_backend_that_is_no_folder_names_no_lock(tmp_path, monkeypatch):
    prints = json.dumps({"url": "s3://states"})
    pulumi_that(tmp_path / "bin", monkeypatch, prints=prints, exit_code=0)

    assert Engine("dev", tmp_path).lock() is None
    assert Engine("dev", tmp_path).state_file() is None


def test_a_lock_of_another_machine_is_left_to_a_person():
    assert Lock("ci", "runner-7", 4711).has_ended is None
    with pytest.raises(SettingsError, match=r"another machine .*`pulumi cancel --stack dev --yes`"):
        steps.unlock(Engine("dev", Path()), Lock("ci", "runner-7", 4711))


def test_a_killed_process_that_nobody_waits_for_has_ended(tmp_path):
    """As in a container without an init: the process stays as a zombie."""
    program = tmp_path / "pulumi"
    program.write_text("#!/bin/sh\necho begun\nread line\n")
    program.chmod(0o755)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        lock = Lock("me", socket.gethostname(), owner.pid)
        assert owner.stdout.readline() == b"begun\n"
        assert not lock.has_ended

        owner.kill()
        owner.stdout.read()  # empty once it is dead

        while psutil.Process(owner.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert lock.has_ended


def test_the_lock_of_a_process_that_has_ended_is_taken_away():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    lock = Lock("me", socket.gethostname(), ended.pid)

    assert lock.has_ended
    assert steps.unlock(Engine("dev", Path()), lock).command.startswith("pulumi cancel")


def test_a_process_id_that_another_program_has_now_is_no_owner():
    assert Lock("me", socket.gethostname(), os.getpid()).has_ended


def test_an_update_that_is_running_is_never_cancelled(monkeypatch):
    monkeypatch.setattr(Lock, "has_ended", False)
    with pytest.raises(SettingsError, match=r"is running .* wait for its end"):
        steps.unlock(Engine("dev", Path()), Lock("me", socket.gethostname(), 1))


def test_an_empty_state_file_is_put_back_from_its_backup(tmp_path, monkeypatch):
    file, backup = tmp_path / "dev.json", tmp_path / "dev.json.bak"
    file.write_text("")
    backup.write_text('{"version": 3}')
    monkeypatch.setattr(Engine, "state_file", lambda _: file)

    restore = steps.restore(Engine("dev", tmp_path), EngineError("EOF"))

    assert restore.command == f"cp '{backup}' '{file}'"
    assert file.read_text() == ""
    restore.run()
    assert json.loads(file.read_text()) == {"version": 3}


def test_attributes_that_a_kill_has_cut_off_are_taken_away(tmp_path, monkeypatch):
    file, attributes = tmp_path / "dev.json", tmp_path / "dev.json.attrs"
    file.write_text('{"version": 3}')
    (tmp_path / "dev.json.bak").write_text("{}")
    attributes.write_text("")
    monkeypatch.setattr(Engine, "state_file", lambda _: file)

    step = steps.restore(Engine("dev", tmp_path), EngineError("EOF"))
    step.run()

    assert step.command == f"rm '{attributes}'"
    assert not attributes.exists()
    assert file.read_text() == '{"version": 3}'


@pytest.mark.parametrize(
    ("backup", "fix"),
    [
        ('{"version": 3}', r"was not renamed or removed: `cp '.*dev\.json\.bak' '.*dev\.json'`"),
        ("", "`pulumi stack init dev`"),
    ],
)
def test_a_state_file_that_is_gone_is_left_to_a_person(tmp_path, monkeypatch, backup, fix):
    (tmp_path / "dev.json.bak").write_text(backup)
    monkeypatch.setattr(Engine, "state_file", lambda _: tmp_path / "dev.json")

    with pytest.raises(EngineError, match=rf"no stack named 'dev' found; if .* {fix}, then this"):
        steps.restore(Engine("dev", tmp_path), EngineError("no stack named 'dev' found"))


INTERRUPTED_ENGINE = """\
import pathlib, signal, sys, time

def end(*_):
    time.sleep(0.5)  # longer than subprocess.run waits before it kills
    pathlib.Path("ended").touch()
    sys.exit(1)

signal.signal(signal.SIGINT, end)
pathlib.Path("begun").touch()
time.sleep(60)
"""


def test_an_interrupt_lets_the_engine_end_what_it_is_doing(tmp_path, monkeypatch):
    pulumi_that(tmp_path / "bin", monkeypatch, prints="", exit_code=0)
    (tmp_path / "bin" / "pulumi").write_text(f"#!{sys.executable}\n{INTERRUPTED_ENGINE}")
    script = "from access.recovery.engine import *; Engine('dev', Path.cwd()).run('import')"
    command = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (tmp_path / "begun").exists():
        assert command.poll() is None
        time.sleep(0.05)

    os.killpg(command.pid, signal.SIGINT)

    assert command.wait() != 0
    assert (tmp_path / "ended").exists()


def test_a_state_that_can_be_read_is_never_replaced(tmp_path, monkeypatch):
    file, backup = tmp_path / "dev.json", tmp_path / "dev.json.bak"
    file.write_text("{}")
    backup.write_text("{}")
    (tmp_path / "dev.json.attrs").write_text("{}")
    monkeypatch.setattr(Engine, "state_file", lambda _: file)

    with pytest.raises(EngineError, match="incorrect passphrase"):
        steps.restore(Engine("dev", tmp_path), EngineError("incorrect passphrase"))


class World:
    """Statuses that a recovery sees one after the other, and what it did."""

    def __init__(self, monkeypatch, *rounds):
        self.rounds, self.done = list(rounds), []
        monkeypatch.setattr(recovery.status, "read", lambda engine, stack: self.rounds.pop(0))

    def step(self, name, run=lambda: None):
        return Step(name, "because", lambda: (self.done.append(name), run())[0])


def found(*steps, notes=(), resources=(), pending=()):
    return Status(list(resources), list(pending), list(steps), list(notes))


ENGINE = Engine("dev", Path())


def test_without_yes_everything_is_shown_and_nothing_done(monkeypatch):
    world = World(monkeypatch)
    world.rounds = [found(world.step("pulumi cancel"), world.step("pulumi import"))]
    lines = []

    outcome = recover(ENGINE, None, lines.append, 0)

    assert world.done == []
    assert [each.command for each in outcome.left] == ["pulumi cancel", "pulumi import"]
    assert "1. pulumi cancel" in "\n".join(lines)


def test_each_step_is_shown_before_it_is_done(monkeypatch):
    world, lines = World(monkeypatch), []
    world.rounds = [found(world.step("first"), world.step("second", lambda: None)), found()]

    def say(line):
        if line.startswith("$ "):
            assert len(world.done) == sum(each.startswith("$ ") for each in lines)
        lines.append(line)

    outcome = recover(ENGINE, None, say, 8)

    assert world.done == ["first", "second"]
    assert [each for each in lines if each.startswith("$ ")] == [
        "$ first\n  because",
        "$ second\n  because",
    ]
    assert outcome.left == []
    assert lines[-1] == "steps done: 2; next: pulumi up --stack dev"


def test_it_looks_again_until_nothing_is_to_be_done(monkeypatch):
    world = World(monkeypatch)
    world.rounds = [found(world.step("policy")), found(world.step("rule")), found()]

    recover(ENGINE, None, lambda _: None, 8)

    assert world.done == ["policy", "rule"]
    assert world.rounds == []


def test_a_second_time_nothing_is_done(monkeypatch):
    World(monkeypatch, found())
    lines = []

    outcome = recover(ENGINE, None, lines.append, 8)

    assert outcome.done == []
    assert lines[-1].startswith("nothing is to be done")


def test_a_step_that_fails_ends_it_with_the_engines_words(monkeypatch):
    def fail():
        raise EngineError("`pulumi import`: no such role")

    world = World(monkeypatch)
    world.rounds = [found(world.step("import", fail), world.step("delete"))]

    outcome = recover(ENGINE, None, lambda _: None, 8)

    assert outcome.failed == "`pulumi import`: no such role"
    assert world.done == ["import"]


def test_a_step_that_changes_nothing_is_tried_a_limited_number_of_times(monkeypatch):
    world = World(monkeypatch)
    world.rounds = [found(world.step("again")) for _ in range(4)]

    outcome = recover(ENGINE, None, lambda _: None, 3)

    assert world.done == ["again"] * 3
    assert [each.command for each in outcome.left] == ["again"]


def test_a_lock_that_only_a_step_meets_is_cancelled_if_its_owner_has_ended(monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    locked = LOCKED.replace("runner-7 (pid 4711)", f"{socket.gethostname()} (pid {ended.pid})")
    cancelled = []
    monkeypatch.setattr(Engine, "run", lambda self, *arguments: cancelled.append(arguments) or "")

    def refuse_once():
        if not cancelled:
            raise EngineError(locked)

    world = World(monkeypatch)
    world.rounds = [found(world.step("import", refuse_once)), found()]

    outcome = recover(ENGINE, None, lambda _: None, 8)

    assert cancelled == [("cancel", "--yes")]
    assert [each.command for each in outcome.done] == ["pulumi cancel --stack dev --yes", "import"]
    assert outcome.failed is None


def test_the_summary_counts_and_names_what_is_not_in_order():
    resources = [
        Resource(IN_STATE, "aws:iam/user:User", "a", None),
        Resource(ONLY_IN_CLOUD, "aws:iam/role:Role", "b", "B"),
        Resource(MISSING, "aws:iam/group:Group", "c", None),
        Resource(GONE, "aws:iam/policy:Policy", "d", None),
    ]

    lines = summary("dev", found(resources=resources, pending=["creating aws:iam/role:Role b"]))

    assert lines == [
        "stack dev: 1 in the state, 1 only in a cloud, 1 missing, 1 in the state but gone; "
        "pending operations: 1",
        "  pending: creating aws:iam/role:Role b",
        "  only in a cloud: aws:iam/role:Role b = B",
        "  missing: aws:iam/group:Group c",
        "  in the state but gone: aws:iam/policy:Policy d",
    ]


def test_what_a_person_has_to_decide_is_shown_and_counts_as_undone(monkeypatch):
    note = "Okta app 0oa1 has the label too"
    World(monkeypatch, found(notes=[note]))

    outcome = recover(ENGINE, None, lambda _: None, 8)

    assert outcome.notes == [note]
    assert announced(found(notes=[note])) == [f"note: {note}"]


def test_quiet_leaves_the_steps_and_no_summary(monkeypatch):
    world, lines = World(monkeypatch), []
    world.rounds = [found(world.step("import")), found()]
    monkeypatch.setattr(recovery, "is_quiet", lambda: True)

    recover(ENGINE, None, lines.append, 1)

    assert lines == ["$ import\n  because"]


def test_the_answer_in_json_has_steps_and_resources(monkeypatch):
    world = World(monkeypatch)
    resource = Resource(ONLY_IN_CLOUD, "aws:iam/role:Role", "b", "B")
    world.rounds = [found(world.step("import"), resources=[resource])]

    value = recover(ENGINE, None, lambda _: None, 0).as_json()

    assert value["steps"] == [{"command": "import", "reason": "because"}]
    assert value["resources"] == [
        {"status": ONLY_IN_CLOUD, "type": "aws:iam/role:Role", "name": "b", "id": "B"}
    ]
    assert value["done"] == []
    assert value["error"] is None


def test_without_the_engine_the_command_says_so_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "access", "recover", "Pulumi.dev.yaml"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == "the state can't be read: `pulumi` is not on the PATH\n"
