"""What checkov sees of each broken rule is what `docs/reference/policy-comparison.md` says."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.engine import cache
from tests.integration.policies.terraform import KEPT

ROOT = Path(__file__).parents[3]
COMPARISON = ROOT / "docs/reference/policy-comparison.md"
REQUIREMENTS = ROOT / "requirements/checkov.txt"
SWITCHES = ("--framework=terraform", "--output=json", "--quiet", "--compact", "--skip-download")
ROW = re.compile(r"^\| `([a-z-]+)` .*?\| (.*?) \|", re.MULTILINE)
SAID = {
    rule: set(re.findall(r"CKV2?_AWS_\d+", cell))
    for rule, cell in ROW.findall(COMPARISON.read_text())
}
"""Rule -> checks of checkov that report it, after the table."""


@pytest.fixture(scope="module")
def checkov() -> Path:
    """The folder that checkov is installed in, with all that it needs and nothing else."""
    [version] = re.findall(r"^checkov==(.+)", REQUIREMENTS.read_text(), re.MULTILINE)
    folder = cache.folder() / f"checkov-{version}-{sys.implementation.cache_tag}"
    with cache.lock(folder.with_name(f"{folder.name}.lock"), print) as lock_fd:
        if not folder.exists():
            partial = folder.with_name(f"{folder.name}.partial")
            install = [sys.executable, "-m", "pip", "install", "--no-deps", "--upgrade"]
            cache.run(
                [*install, "--target", partial, "--requirement", REQUIREMENTS],
                what="installing checkov",
                log=folder.with_name(f"{folder.name}.log"),
                env=os.environ,
                lock_fd=lock_fd,
                report=print,
            )
            partial.rename(folder)
    return folder


@pytest.fixture(scope="module")
def found(checkov: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """Rule -> checks that report something which they do not report while every rule is kept."""
    folder = tmp_path_factory.mktemp("terraform")
    module = "tests.integration.policies.terraform"
    states = [KEPT, *SAID]
    subprocess.run([sys.executable, "-m", module, str(folder), *states], cwd=ROOT, check=True)
    judged = subprocess.run(
        [sys.executable, "-S", "-m", "checkov.main", *SWITCHES, "--directory", str(folder)],
        env={**os.environ, "PYTHONPATH": str(checkov), "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        check=False,
    )
    report = json.loads(judged.stdout)
    assert report["summary"]["parsing_errors"] == 0
    reported = defaultdict(set)
    for one in report["results"]["failed_checks"]:
        reported[Path(one["file_path"]).parent.name].add((one["check_id"], one["resource"]))
    assert {check for check, _ in reported[KEPT]} == {"CKV_AWS_273"}, "as the page says"
    return {rule: {check for check, _ in reported[rule] - reported[KEPT]} for rule in SAID}


@pytest.mark.parametrize("rule", SAID)
def test_checkov_sees_what_the_comparison_says(found, rule):
    assert found[rule] == SAID[rule]


def test_every_rule_is_compared():
    table = (ROOT / "policies/README.md").read_text().split("## Configuration")[0]

    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) <= set(SAID)
