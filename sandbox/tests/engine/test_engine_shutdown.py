"""However a command ends, nothing of it goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from sandbox.engine import Engine

SLOW = """
import pathlib, subprocess, time
import pulumi
subprocess.Popen(["sleep", "300"])
pulumi.ComponentResource("tiny:index:Team", "red")
pathlib.Path("started").touch()
time.sleep(300)
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="processes are told apart by /proc"
)


def wait_until(holds: Any, seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize(
    ("number", "seconds"), [(signal.SIGINT, 3), (signal.SIGTERM, 3), (signal.SIGKILL, 1)]
)
def test_an_ended_command_leaves_no_process(
    project: Any, number: signal.Signals, seconds: float
) -> None:
    project.write("__main__.py", SLOW)
    command = project.start("up", "--yes", "--skip-preview")
    assert wait_until((project.folder / "started").exists), "the program runs"
    assert len(project.processes()) >= 4, "the CLI, the host, the program and its child"

    command.send_signal(number)
    assert wait_until(lambda: not project.processes(), seconds), project.processes()
    output, _ = command.communicate()
    assert command.returncode != 0
    assert "Traceback" not in output, "whoever interrupts need not be told where"


def test_a_command_that_was_killed_can_be_repeated(project: Any) -> None:
    project.write("__main__.py", SLOW)
    command = project.start("up", "--yes", "--skip-preview")
    assert wait_until((project.folder / "started").exists), "the program runs"
    command.kill()
    command.communicate()

    assert "cancel" in project.up("import pulumi", expect=1), "the CLI says how to go on"
    project.pulumi("cancel", "--yes")
    project.up("import pulumi")


def test_a_killed_host_ends_the_command(project: Any) -> None:
    project.write("__main__.py", SLOW)
    command = project.start("up", "--yes", "--skip-preview")
    assert wait_until((project.folder / "started").exists), "the program runs"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            of_ours = project.marker.encode() in (process / "environ").read_bytes()
            if of_ours and b"sandbox.engine.host" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue

    output, _ = command.communicate(timeout=30)
    assert command.returncode != 0, output
    assert wait_until(lambda: not project.processes()), project.processes()


class Host(subprocess.Popen[bytes]):
    """The language host, once it has output its `port`."""

    port: int


def start_host(engine: Engine) -> Host:
    host = Host(
        [engine.bin / "pulumi-language-python", "--an-option", "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert host.stdout is not None
    host.port = int(host.stdout.readline())
    return host


def test_a_cancelled_call_ends_its_pack_and_not_the_host(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, time; print(os.getpid(), flush=True); time.sleep(300)"
    )
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path),
        kind="analyzer",
        args=["127.0.0.1:1"],
        info=language_pb2.ProgramInfo(
            root_directory=str(tmp_path),
            program_directory=str(tmp_path),
            options={"virtualenv": sys.prefix},
        ),
    )
    with start_host(engine) as host, grpc.insecure_channel(f"127.0.0.1:{host.port}") as channel:
        call = language_pb2_grpc.LanguageRuntimeStub(channel).RunPlugin(request)
        pack = Path("/proc") / next(call).stdout.decode().strip()
        assert pack.exists()
        call.cancel()
        assert wait_until(lambda: not pack.exists(), 5)
        assert host.poll() is None
        host.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_host_ends_at_once_on_a_signal(engine: Engine, number: signal.Signals) -> None:
    with start_host(engine) as host:
        host.send_signal(number)
        host.wait(timeout=2)


def test_the_host_ends_when_the_engine_is_gone(engine: Engine) -> None:
    with start_host(engine) as host:
        assert host.stdin is not None
        host.stdin.close()
        host.wait(timeout=2)


def test_the_host_loads_the_protocols_and_not_the_sdk() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, sandbox.engine.host; print(*sys.modules)"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "pulumi.runtime.proto.language_pb2" in loaded
    assert "pulumi.resource" not in loaded
