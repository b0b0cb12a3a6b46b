"""`python -m sandbox aws`: one line when ready, and an end that is asked for."""

import json
import signal
import socket
import subprocess
import sys

import boto3
import pytest

START = [sys.executable, "-m", "sandbox", "aws", "--json"]


@pytest.fixture
def start():
    running = []

    def begin(*arguments, stdin=subprocess.DEVNULL):
        process = subprocess.Popen(
            [*START, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_it_tells_what_is_needed_serves_and_stops_with_its_input(start):
    process = start(
        "--account", "111111111111", "--account", "222222222222", "--until-eof",
        stdin=subprocess.PIPE,
    )  # fmt: skip
    ready = json.loads(process.stdout.readline())
    assert list(ready["accounts"]) == ["111111111111", "222222222222"]
    for account, key in ready["accounts"].items():
        sts = boto3.client(
            "sts",
            region_name="us-east-1",
            endpoint_url=ready["url"],
            aws_access_key_id=key["accessKeyId"],
            aws_secret_access_key=key["secretAccessKey"],
        )
        assert sts.get_caller_identity()["Account"] == account
    process.stdin.close()
    assert process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(start, number):
    process = start()
    assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
    process.send_signal(number)
    assert process.wait(20) == 0


def test_a_port_that_is_taken_is_told_in_one_line(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = start("--port", str(port))
        assert process.wait(20) == 1
    error = process.stderr.read()
    assert str(port) in error
    assert "Traceback" not in error


def test_no_account_is_of_another_form(start):
    process = start("--account", "12")
    assert process.wait(20) == 2
    assert "twelve digits" in process.stderr.read()
