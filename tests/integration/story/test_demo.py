"""`make demo` as a whole: it plays to its end, says a miss, and leaves nothing when interrupted."""

import re
import signal
import subprocess
import sys

import psutil
import pytest

from sandbox.demo.reporter import Reporter, UnexpectedResult
from sandbox.workspace import HOME, ROOT
from tests import documents

DEMO = [sys.executable, "-m", "sandbox", "demo"]


def test_the_story_plays_to_its_end_and_leaves_no_folder():
    before = set(HOME.glob("demo-*"))

    done = subprocess.run(DEMO, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "caller is arn:aws:sts::123456789012:assumed-role/OktaDeveloper/ada@" in done.stdout
    assert "STS answered InvalidIdentityToken" in done.stdout
    plugins = r"provider plugins: emulated, pulumi-aws 7\.\d+\.\d+, pulumi-okta 7\.\d+\.\d+"
    assert re.search(plugins, done.stdout), "it says which plugins answered"
    assert "steps as expected" in done.stdout
    assert set(HOME.glob("demo-*")) <= before
    [excerpt] = [b for b in documents.blocks(ROOT / "README.md") if b.kind == "demo"]
    assert set(without_times(excerpt.text)) <= set(without_times(done.stdout)), "the README's"


def without_times(told):
    return [re.sub(r"\s+\d+\.\d s ", " ", line) for line in told.splitlines()]


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
    while "provider plugins:" not in demo.stdout.readline():
        pass
    children = []
    while not children:
        children = psutil.Process(demo.pid).children(recursive=True)

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
