"""A plugin's process: quick to start, and gone as soon as the engine wants it gone or is gone."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from sandbox.engine.protos import provider_pb2_grpc

LAUNCH = Path(__file__).parents[3] / "sandbox/engine/launch.py"
PLUGINS = ("sandbox.plugins.aws", "sandbox.plugins.okta")


@pytest.fixture(params=PLUGINS)
def process(request):
    with subprocess.Popen(
        [sys.executable, LAUNCH, request.param, "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        yield started
        started.kill()


def ready(process):
    """The port, which is all that the plugin prints."""
    return int(process.stdout.readline())


def test_it_serves_at_the_port_that_it_prints(process):
    with grpc.insecure_channel(f"127.0.0.1:{ready(process)}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(Empty(), timeout=10).version.endswith("+emulated")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_when_told_to(process, number):
    ready(process)

    os.killpg(process.pid, number)

    assert process.wait(10) == 0
    assert process.stderr.read() == ""


def test_it_ends_when_the_engine_is_gone(process):
    ready(process)

    process.stdin.close()  # what a killed engine leaves behind

    assert process.wait(10) == 0


@pytest.mark.parametrize("plugin", PLUGINS)
def test_it_does_not_read_the_sdks_to_start(plugin):
    """They take seconds and a hundred megabytes, once for each provider of each command."""
    code = (
        f"import sys, {plugin}.package; "
        "print([name for name in ('pulumi_aws', 'pulumi_okta', 'pulumi.output') "
        "if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=LAUNCH.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "[]\n"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_it_starts_with_little_work(plugin):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    done = subprocess.run(
        [sys.executable, LAUNCH, plugin, "127.0.0.1:1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.strip().isdigit()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Measured: 0.3 s. On a machine that is busy or slow, up to thrice that.
    assert spent < 1.2
