"""`python -m sandbox up`, `down`, `env`, `login` when something is not as they need it."""

import os
import subprocess
import sys
import textwrap

import psutil
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from sandbox import commands, workspace
from sandbox.clouds import Clouds, still_running
from sandbox.demo import command as demo_command
from sandbox.errors import SandboxError
from sandbox.network.client import Route
from sandbox.workspace import Workspace, exclusive

ADA = "ada@example.com"


@pytest.fixture
def live(tmp_path, monkeypatch):
    """A sandbox's folder of its own, in a clone with two stack files."""
    root, home = tmp_path / "clone", tmp_path / "clone" / ".sandbox"
    home.mkdir(parents=True)
    (root / "Pulumi.dev.yaml").write_text("config: {}\n")
    (root / "Pulumi.prod.yaml").write_text("config: {}\n")
    live = Workspace(home / "live")
    live.folder.mkdir()
    for module, name, value in (
        (workspace, "ROOT", root),
        (workspace, "HOME", home),
        (commands, "LIVE", live),
        (commands, "LOCK", home / "live.lock"),
        (demo_command, "HOME", home),
    ):
        monkeypatch.setattr(module, name, value)
    return live


@pytest.fixture
def sleeper():
    """A process that stands for a cloud."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def save(live, *pids):
    clouds = Clouds(
        aws_url="http://127.0.0.1:9",
        accounts={},
        okta_url="http://127.0.0.1:9",
        okta_token="t",
        admin={"login": "admin@example.com", "password": "p"},
        people={ADA: {"password": "p"}},
    )
    live.save(clouds, list(pids), "passphrase", "emulated")


def run(command, *arguments):
    """Exit code, output and the one-line error of a command."""
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit | SandboxError):
        raise result.exception
    error = str(result.exception) if isinstance(result.exception, SandboxError) else ""
    assert "\n" not in error
    return result.output, error


def test_a_second_up_is_refused_while_one_is_at_work(live):
    with exclusive(commands.LOCK, ""):
        assert "another `sandbox up` or `down` is at work" in run(commands.up)[1]


def test_a_lock_ends_with_its_process(live):
    script = textwrap.dedent(
        f"""
        import pathlib, time
        from sandbox.workspace import exclusive
        with exclusive(pathlib.Path({str(commands.LOCK)!r}), "busy"):
            print("locked", flush=True)
            time.sleep(600)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        with pytest.raises(SandboxError, match="busy"), exclusive(commands.LOCK, "busy"):
            pass
        process.kill()
    with exclusive(commands.LOCK, "busy"):
        pass


def test_a_running_sandbox_is_not_started_twice(live, sleeper):
    save(live, sleeper.pid)

    assert "is running in this clone already" in run(commands.up)[1]


def test_half_a_sandbox_is_said_to_be_half(live, sleeper):
    save(live, sleeper.pid, os.getpid())
    forget_start_time(live, os.getpid())

    assert "1 of the 2 clouds of this clone's sandbox run still" in run(commands.up)[1]


def test_a_sandbox_that_a_reboot_ended_is_replaced(live, sleeper, monkeypatch):
    save(live, sleeper.pid)
    sleeper.kill()
    sleeper.wait()

    def engine(*_):
        raise SandboxError("as far as the engine")

    monkeypatch.setattr(commands.bootstrap, "engine", engine)
    output, error = run(commands.up)

    assert output == "the sandbox that was left running here has ended; starting a new one\n"
    assert error == "as far as the engine"


def forget_start_time(live, pid):
    """As after a reboot: another process has the id now."""
    started = psutil.Process(pid).create_time()
    live.state_file.write_text(live.state_file.read_text().replace(str(started), "1.0"))


def test_a_process_id_that_was_given_away_is_not_ours(live, sleeper):
    save(live, sleeper.pid)
    forget_start_time(live, sleeper.pid)

    assert still_running(live.processes()) == []
    assert run(commands.down)[0] == "stopped 0 processes\n"
    assert sleeper.poll() is None, "somebody else's process goes on"


@pytest.mark.parametrize(
    "command",
    [commands.env, commands.login, commands.provision, commands.refresh_application_data],
)
def test_what_needs_a_sandbox_says_that_it_has_ended(live, sleeper, command):
    assert "no sandbox is running in this clone" in run(command)[1]
    save(live, sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    assert "the sandbox of this clone has ended" in run(command)[1]


class Stack:
    def __init__(self, outputs):
        self._outputs = outputs

    def outputs(self, *, secrets=False):
        return self._outputs


@pytest.fixture
def deployed(live, monkeypatch):
    """A running sandbox whose stack has these outputs."""

    def deploy(**outputs):
        save(live, os.getpid())
        monkeypatch.setattr(commands.bootstrap, "live_variables", lambda name: {})
        monkeypatch.setattr(commands.bootstrap, "stack", lambda *_: Stack(outputs))

    return deploy


@pytest.mark.parametrize("outputs", [{}, {"signInUrl": ""}, {"signInUrl": None}])
def test_login_without_a_sign_in_address_says_what_to_do(deployed, outputs):
    deployed(**outputs)

    assert "stack dev has no output signInUrl" in run(commands.login)[1]


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:9/home/amazon_aws/0oa/272", "nonsense", "http://[bad/"]
)
def test_login_at_an_okta_that_does_not_answer_is_one_line(deployed, link):
    deployed(signInUrl=link)

    assert f"{link} can't be opened" in run(commands.login)[1]


def test_a_sign_in_that_aws_refuses_is_one_line(deployed, monkeypatch):
    deployed(signInUrl="http://127.0.0.1:9/")
    answer = {"Error": {"Code": "InvalidIdentityToken", "Message": "Response signature invalid"}}

    def refused(*_):
        raise ClientError(answer, "AssumeRoleWithSAML")

    monkeypatch.setattr(commands, "saml_response", lambda *_, **__: "")
    monkeypatch.setattr(commands, "role_pairs", lambda _: [("arn:role", "arn:provider")])
    monkeypatch.setattr(commands, "assume", refused)

    assert "arn:role: An error occurred (InvalidIdentityToken)" in run(commands.login)[1]


def test_provisioning_at_an_okta_that_does_not_answer_is_one_line(deployed):
    deployed(appId="0oa", provisioningAccessKeyId="k", provisioningSecretAccessKey="s")

    assert "can't be opened" in run(commands.provision)[1]


def test_an_edit_of_the_clones_stack_file_is_reported(live, deployed):
    deployed(signInUrl="http://127.0.0.1:9/")
    (workspace.ROOT / "Pulumi.dev.yaml").write_text("config: { edited: true }\n")

    output, _ = run(commands.login)

    assert "warning: Pulumi.dev.yaml was changed in the clone after `python -m sandbox" in output
    assert str(live.project / "Pulumi.dev.yaml") in output
    assert "Pulumi.prod.yaml" not in output

    copy = "encryptionsalt: v1\nconfig: { edited: true }\n"
    live.project.mkdir()
    (live.project / "Pulumi.dev.yaml").write_text(copy)
    assert "was changed" not in run(commands.login)[0], "the copy has the change too"


def test_a_state_that_cannot_be_read_is_one_line_and_down_removes_it(live):
    live.state_file.write_text("{")

    assert "can't be read" in run(commands.login)[1]
    assert "can't be read" in run(commands.down)[1]
    assert run(commands.down)[0] == "nothing is running in this clone\n"


@pytest.mark.parametrize("command", [commands.up, demo_command.demo])
def test_a_clone_that_cannot_be_written_to_is_one_line(live, tmp_path, monkeypatch, command):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(workspace, "HOME", tmp_path / "file" / ".sandbox")

    assert "can't be written to (Not a directory)" in run(command)[1]


def test_what_killed_demos_left_is_removed_and_nothing_else(live):
    home = live.folder.parent
    for name in ("demo-killed", "demo-running", "demo-kept"):
        (home / name / "logs").mkdir(parents=True)
    for name in ("demo-killed", "demo-running"):
        (home / f"{name}.lock").touch()

    with exclusive(home / "demo-running.lock", ""):
        demo_command.remove_leftovers()

    assert sorted(entry.name for entry in home.glob("demo-*")) == [
        "demo-kept",
        "demo-running",
        "demo-running.lock",
    ]


def cloud(route):
    return Clouds(
        aws_url="http://127.0.0.1:1",
        accounts={"123456789012": {"accessKeyId": "AKIA", "secretAccessKey": "s"}},
        okta_url="http://127.0.0.1:2",
        okta_token="t",
        admin={},
        people={},
        route=route,
    )


ROUTE = Route(proxy="http://127.0.0.1:3", ca_file="/ca.pem", ca_bundle="/bundle.pem")


def test_the_environment_leads_to_okta_by_name_and_to_aws_without_a_proxy():
    variables = cloud(ROUTE).variables("123456789012")

    assert (variables["OKTA_ORG_NAME"], variables["OKTA_BASE_URL"]) == ("sandbox", "okta.test")
    assert variables["HTTPS_PROXY"] == variables["https_proxy"] == "http://127.0.0.1:3"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert variables[name] == "/bundle.pem"
    for name in ("NO_PROXY", "no_proxy"):
        assert "127.0.0.1" in variables[name].split(",")
    assert not {"OKTA_HTTP_PROXY", "AWS_CA_BUNDLE"} & variables.keys()


@pytest.mark.parametrize(("route", "http_proxy"), [(ROUTE, True), (None, False)])
def test_plain_http_stays_possible(route, http_proxy):
    variables = cloud(route).variables("123456789012", http_proxy=http_proxy)

    assert variables["OKTA_HTTP_PROXY"] == "http://127.0.0.1:2"
    assert not {"HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE"} & variables.keys()


def test_env_unsets_what_would_win_over_it(deployed, live, monkeypatch):
    deployed()
    asked = []

    def variables(name, *, http_proxy):
        asked.append((name, http_proxy))
        return {"OKTA_ORG_NAME": "sandbox"}

    monkeypatch.setattr(commands.bootstrap, "live_variables", variables)
    first = run(commands.env)[0]
    run(commands.env, "--http-proxy", "--stack", "prod")

    assert asked == [("dev", False), ("prod", True)]
    unset = first.splitlines()[0].split()
    assert unset[0] == "unset"
    assert {"OKTA_HTTP_PROXY", "ALL_PROXY", "AWS_PROFILE", "AWS_CA_BUNDLE"} <= set(unset)
    assert "export OKTA_ORG_NAME=sandbox" in first
