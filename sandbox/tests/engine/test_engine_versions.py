"""One version of the CLI in every file that names one."""

import re
from pathlib import Path

import pytest

from sandbox.engine import build

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("file", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=str)
def test_a_workflow_installs_the_cli_that_the_sandbox_builds(file):
    named = re.findall(r"get\.pulumi\.com \| sh -s -- --version (\S+)", file.read_text())

    assert set(named) <= {build.VERSION.removeprefix("v")}


def test_the_job_with_published_plugins_runs_the_demo_with_the_official_cli():
    job = (
        (ROOT / ".github" / "workflows" / "check.yml")
        .read_text()
        .partition("published-plugins:")[2]
    )

    assert "make demo PLUGINS=published" in job
    assert "SANDBOX_ENGINE: path" in job
