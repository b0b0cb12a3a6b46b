"""`make check` reads the types of the providers' SDKs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
from pulumi_aws import iam
from pulumi_okta.group import Group

iam.Role("role", name="Audit", assume_role_policy="{}", PATH="/okta/")
Group("group", name="Audit")
"""


def checked(tmp_path, program):
    file = tmp_path / "program.py"
    file.write_text(program)
    config = ("--config-file", ROOT / "pyproject.toml", "--cache-dir", ROOT / ".mypy_cache")
    return subprocess.run(
        [sys.executable, "-m", "mypy", *config, file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_misspelt_argument_of_a_resource_is_an_error(tmp_path):
    right = checked(tmp_path, PROGRAM.replace("PATH", "path"))
    misspelt = checked(tmp_path, PROGRAM.replace("PATH", "pth"))

    assert right.returncode == 0, right.stdout
    assert misspelt.returncode == 1
    assert 'No overload variant of "Role"' in misspelt.stdout or "pth" in misspelt.stdout
