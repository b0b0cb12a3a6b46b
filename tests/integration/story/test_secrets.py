"""No secret in clear in anything that a run leaves behind or shows, at the highest verbosity.

The secrets: the access key that the run makes for Okta, the credentials of both clouds, and the
passphrase of the state. The environment of the engine has to hold the latter two; the former must
not be there either, and none may be an argument of a process, which everybody on a machine reads.
"""

import os
import subprocess
import threading
from pathlib import Path

import psutil
import pytest

from sandbox.workspace import ROOT

VERBOSE = ("--verbose=9", "--logtostderr", "--logflow")


class Watch(threading.Thread):
    """Arguments and environment of a process and all below it, looked at until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.root = psutil.Process(pid)
        self.arguments: set[str] = set()
        self.environment: set[str] = set()
        self.names: set[str] = set()

    def run(self) -> None:
        while self.root.is_running() and self.root.status() != psutil.STATUS_ZOMBIE:
            for process in [self.root, *self.root.children(recursive=True)]:
                try:
                    self.names.add(process.name())
                    self.arguments.update(process.cmdline())
                    self.environment.update(process.environ().values())
                except psutil.Error:
                    continue  # it has just ended


@pytest.fixture(scope="module")
def run(bench):
    """A deployment with everything logged: what it printed, and what its processes were given."""
    process = subprocess.Popen(
        ["pulumi", "up", "--stack", bench.stack.name, "--yes", "--non-interactive", *VERBOSE],
        cwd=bench.workspace.project,
        env={**os.environ, **bench.stack.variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    watch = Watch(process.pid)
    watch.start()
    printed, _ = process.communicate()
    watch.join()
    assert process.returncode == 0, printed[-3000:]
    return printed, watch


@pytest.fixture(scope="module")
def made(bench, run):
    """The secret that the run made; only `--show-secrets` shows it."""
    secret = bench.stack.outputs(secrets=True)["provisioningSecretAccessKey"]
    assert len(secret) == 40
    return secret


@pytest.fixture(scope="module")
def secrets(bench, made):
    variables = bench.stack.variables
    return {
        "access key for Okta": made,
        "AWS secret key": variables["AWS_SECRET_ACCESS_KEY"],
        "Okta token": variables["OKTA_API_TOKEN"],
        "passphrase": variables["PULUMI_CONFIG_PASSPHRASE"],
    }


def in_clear(secrets, text):
    return [name for name, secret in secrets.items() if secret in text]


def test_the_watch_and_the_log_saw_enough_to_find_something(run, secrets):
    printed, watch = run

    assert len(printed) > 100_000, "the verbose log"
    assert "OktaDeveloper" in printed
    assert secrets["Okta token"] in watch.environment
    assert {"pulumi"} < watch.names
    assert any("sandbox.plugins.aws" in each for each in watch.arguments), watch.arguments


def test_a_verbose_log_has_no_secret(run, secrets):
    assert in_clear(secrets, run[0]) == []


def test_no_argument_of_a_process_is_a_secret_and_no_environment_has_the_new_key(
    run, secrets, made
):
    _, watch = run

    assert in_clear(secrets, "\n".join(watch.arguments)) == []
    assert made not in "\n".join(watch.environment)


def test_state_outputs_and_previews_have_no_secret(bench, run, secrets):
    name = bench.stack.name
    shown = [
        bench.stack.run("stack", "output", "--stack", name, "--json"),
        bench.stack.run("stack", "export", "--stack", name),
        bench.stack.run("stack", "history", "--stack", name, "--json"),
        bench.stack.run("preview", "--stack", name, "--diff", "--json"),
        bench.stack.run("preview", "--stack", name, "--diff", "--refresh"),
        bench.stack.run("config", "--stack", name, "--json"),
    ]

    assert [in_clear(secrets, text) for text in shown] == [[]] * len(shown)


def test_no_file_of_the_workspace_has_a_secret(bench, run, secrets):
    """State and its backups, logs of both clouds and of the engine, the mirror of the project."""
    files = [path for path in Path(bench.workspace.folder).rglob("*") if path.is_file()]
    text = {path: path.read_bytes().decode(errors="replace") for path in files}
    logs = [path for path in files if path.suffix == ".log"]

    assert logs
    assert bench.state_file() in text
    assert {str(path): found for path in text if (found := in_clear(secrets, text[path]))} == {}


def test_no_page_of_okta_shows_a_secret(bench, run, secrets):
    app = bench.stack.outputs()["appId"]
    answers = [
        bench.okta("GET", "/api/v1/apps"),
        bench.okta("GET", f"/api/v1/apps/{app}"),
        bench.okta("GET", "/api/v1/users"),
    ]

    assert in_clear(secrets, str(answers)) == []


def test_a_trace_shows_the_key_which_is_why_the_page_says_not_to_trace(bench, made, tmp_path):
    trace = tmp_path / "engine.trace"
    bench.stack.run("preview", "--stack", bench.stack.name, f"--tracing=file:{trace}")

    assert made in "".join(
        path.read_bytes().decode(errors="replace") for path in tmp_path.iterdir()
    )
    page = (ROOT / "docs/how-to/run-in-a-pipeline.md").read_text()
    assert "**Don't use `--tracing` in a pipeline.**" in page
