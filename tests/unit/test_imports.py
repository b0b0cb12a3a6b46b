"""What an import loads: the SDKs are heavy, and a reader of outputs has none of a provider."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(code):
    """Run code in a fresh interpreter, in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


WITHOUT_SDKS = "import sys; sys.modules.update(pulumi_aws=None, pulumi_okta=None); "


def test_the_package_alone_brings_pulumi_and_no_sdk_of_a_provider():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert [each.partition(">")[0] for each in project["dependencies"]] == [
        "pulumi",
        "typing-extensions",
    ]
    extra = project["optional-dependencies"]["components"]
    assert [each.partition(">")[0] for each in extra] == ["pulumi-aws", "pulumi-okta"]


@pytest.mark.parametrize("module", ["stack_reference", "partitions", "iam.evaluator"])
def test_the_library_is_imported_without_an_sdk_of_a_provider(module):
    done = python(f"{WITHOUT_SDKS}import okta_aws_federation.{module}")

    assert done.returncode == 0, done.stderr


def test_a_component_without_its_sdk_says_what_to_install():
    done = python(f"{WITHOUT_SDKS}from okta_aws_federation import FederatedRole")

    assert done.returncode == 1
    assert re.fullmatch(
        r"ImportError: FederatedRole needs pulumi_(aws|okta): "
        r"pip install 'okta-aws-federation\[components\]'",
        done.stderr.splitlines()[-1],
    )


def test_a_component_is_one_class_under_both_names():
    done = python(
        "import components, okta_aws_federation as library; "
        "assert library.FederatedRole is components.FederatedRole; "
        "assert sorted(library.__all__) == sorted(components.__all__)"
    )

    assert done.returncode == 0, done.stderr


def test_a_name_that_is_no_component_is_an_attribute_error():
    done = python("import okta_aws_federation; okta_aws_federation.Federatedrole")

    assert "AttributeError" in done.stderr.splitlines()[-1]


def test_a_question_to_a_stack_file_loads_no_sdk():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "access", "check", "Pulumi.dev.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "access.model" in loaded
    assert not {name for name in loaded if name.partition(".")[0].startswith("pulumi")}
