"""The layers of docs/architecture.md: each contract fails once it is broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("okta_aws_federation", "settings", "components", "access", "sandbox", "tools")


@pytest.fixture
def lint(tmp_path):
    """Check the contracts on a copy of the packages in which files got one more line each."""

    def lint(file=None, line=""):
        for package in PACKAGES:
            shutil.copytree(
                ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("tests")
            )
        for name in ("pyproject.toml", "component_args.py", "entitlements.py"):
            shutil.copy(ROOT / name, tmp_path)
        if file:
            path = tmp_path / file
            path.write_text(f"{path.read_text()}\n{line}\n")
        return subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200"},  # names of contracts in one line
            capture_output=True,
            text=True,
            check=False,
        )

    return lint


def test_the_contracts_are_kept(lint):
    done = lint()

    assert done.returncode == 0, done.stdout
    assert "5 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("okta_aws_federation/partitions.py", "import settings", "A layer imports"),
        ("settings/okta.py", "import access.trusts", "A layer imports"),
        ("access/trusts.py", "import components.errors", "A layer imports"),
        ("components/errors.py", "import access.trusts", "A layer imports"),
        ("access/trusts.py", "import component_args", "Nothing climbs back"),
        ("components/errors.py", "import settings.okta", "Components know no stack file"),
        ("access/trusts.py", "import pulumi_aws", "The access model needs no SDK"),
        ("okta_aws_federation/iam/policy.py", "import pulumi", "The library needs no SDK"),
    ],
)
def test_a_layer_that_imports_what_is_above_it_fails_the_check(lint, file, line, contract):
    done = lint(file, line)

    assert done.returncode == 1
    broken = [each for each in done.stdout.splitlines() if "BROKEN" in each]
    assert [each for each in broken if each.startswith(contract)]
