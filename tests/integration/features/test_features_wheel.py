"""The wheel, in an environment that has nothing else."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "components", "okta_aws_federation")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        here = ROOT / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", target]
    subprocess.run([*build, source], check=True)
    [wheel] = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Runs code in an environment with the wheel alone, outside of the clone."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    clean = folder / "bin" / "python"
    subprocess.run([clean, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)

    def python(code, **variables):
        return subprocess.run(
            [clean, "-c", code],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return python


def test_the_wheel_has_the_library_and_the_components_and_nothing_of_the_tools(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.partition("/")[0] for name in names}

    assert "okta_aws_federation/py.typed" in names
    assert "okta_aws_federation/components/federated_role.py" in names
    assert {folder.partition("-")[0] for folder in folders} == {"okta_aws_federation"}


def test_the_library_works_without_any_other_package(python):
    code = (
        "from okta_aws_federation.trust_policy import Trust, build_document\n"
        "print(build_document(['arn'], ['aud'], Trust())['Version'])"
    )
    done = python(code)

    assert (done.stdout.strip(), done.stderr) == ("2012-10-17", "")


def test_a_component_without_its_sdks_says_what_to_install(python):
    done = python("from okta_aws_federation import FederatedRole")

    assert done.returncode == 1
    assert "pip install 'okta-aws-federation[components]'" in done.stderr.splitlines()[-1]


def test_with_the_sdks_the_components_are_there(python):
    code = (
        "from okta_aws_federation import FederatedRole, FederatedRoleArgs\n"
        "from okta_aws_federation.stack_reference import Federation\n"
        "arn = 'arn:aws:iam::123456789012:saml-provider/Okta'\n"
        "print(FederatedRoleArgs(role_name='R', provider_arns=[arn]).saml_audiences)"
    )
    done = python(code, PYTHONPATH=sysconfig.get_path("purelib"))

    assert done.stdout == "['https://signin.aws.amazon.com/saml']\n", done.stderr
