"""`python -m sandbox okta` as another process uses it."""

import json
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from sandbox.okta.command import okta

COMMAND = [
    sys.executable,
    "-c",
    "from sandbox.okta.command import okta; okta(standalone_mode=True)",
]


@pytest.fixture
def started(tmp_path):
    processes = []

    def start(*options, stdin=subprocess.DEVNULL):
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                [*COMMAND, *options], stdin=stdin, stdout=subprocess.PIPE, stderr=log
            )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stdin:
            process.stdin.close()


def ready(process):
    return json.loads(process.stdout.readline())


def test_the_ready_line_holds_what_another_program_needs(started, tmp_path):
    said = ready(started("--json", "--switch", "pipeline=classic"))

    assert set(said) == {"url", "token", "control", "route", "admin", "people"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", said["url"])
    assert set(said["people"]) == {
        f"{name}@example.com" for name in ("ada", "grace", "alan", "joan")
    }
    headers = {"Authorization": f"SSWS {said['token']}"}
    with httpx.Client(base_url=said["url"], headers=headers, trust_env=False) as client:
        assert client.get("/api/v1/users/me").json()["profile"]["login"] == said["admin"]["login"]
        assert client.get("/.well-known/okta-organization").json()["pipeline"] == "v1"
        ada = {"username": "ada@example.com", **said["people"]["ada@example.com"]}
        assert client.post("/api/v1/authn", json=ada).json()["status"] == "SUCCESS"
    log = (tmp_path / "log").read_text()
    assert "POST /api/v1/authn 200" in log
    for secret in (said["token"], ada["password"]):
        assert secret not in log, "no secret stands in the log"


@pytest.mark.parametrize("options", [(), ("--until-eof",)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_when_told(started, tmp_path, number, options):
    process = started("--json", *options, stdin=subprocess.PIPE)
    ready(process)
    process.send_signal(number)

    assert process.wait(10) == 0
    assert (tmp_path / "log").read_text() == ""


def test_it_ends_with_its_input(started):
    process = started("--json", "--until-eof", stdin=subprocess.PIPE)
    ready(process)
    process.stdin.close()

    assert process.wait(10) == 0


def test_passwords_and_tokens_are_new_each_time(started):
    first, second = (ready(started("--json")) for _ in range(2))

    assert first["token"] != second["token"]
    assert first["people"] != second["people"]


def test_a_port_that_is_taken_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = CliRunner().invoke(okta, ["--port", str(port)])

    assert result.exit_code == 1
    assert result.output == f"Error: cannot listen on port {port}: Address already in use\n"


def test_a_switch_that_is_none_is_one_line():
    result = CliRunner().invoke(okta, ["--switch", "pipeline=v3"])

    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "must be one of idx, classic, not 'v3'" in result.output


def test_a_person_is_told_in_words(started):
    process = started()
    lines = [process.stdout.readline().decode() for _ in range(9)]

    assert "A sandbox of Okta listens on http://127.0.0.1:" in lines[0]
    assert any("ada@example.com" in line for line in lines)
