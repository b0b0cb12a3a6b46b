"""The demo says a miss, and leaves nothing when interrupted.

`test_docs_sandbox.py` plays it to its end.
"""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from sandbox.demo.reporter import Reporter, UnexpectedResult
from sandbox.workspace import ROOT

DEMO = [sys.executable, "-m", "sandbox", "demo"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_ends_in_order_and_leaves_no_process(number):
    demo = subprocess.Popen(
        DEMO,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert any("provider plugins:" in line for line in demo.stdout), "it ended before"
    while not (children := psutil.Process(demo.pid).children(recursive=True)):
        time.sleep(0.1)

    demo.send_signal(number)
    rest, _ = demo.communicate(timeout=60)

    assert demo.returncode == 130
    assert rest.rstrip().endswith("interrupted")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, "processes outlived the demo"


def test_a_miss_names_the_step_what_was_expected_and_what_came(capsys):
    with (
        pytest.raises(
            UnexpectedResult, match=r"step 'S3 is denied': expected s3 AccessDenied, .* s3 allowed"
        ),
        Reporter().step("S3 is denied") as step,
    ):
        step.expect("allowed", "AccessDenied", "s3")

    assert "failed" in capsys.readouterr().out
