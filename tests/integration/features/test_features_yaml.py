"""The components from Pulumi YAML, by `pulumi package add`, up to a person's session."""

import json
import shutil
import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from sandbox.engine import prepare
from sandbox.errors import SandboxError
from sandbox.stack import Stack

ROOT = Path(__file__).parents[3]
ACCOUNT = "123456789012"
PERSON = "ada@example.com"


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        yield bench


@pytest.fixture(scope="module")
def variables(bench, tmp_path_factory):
    """An engine that runs YAML and has the emulated plugins installed, as a machine has those
    that Pulumi publishes."""
    engine = prepare(tmp_path_factory.mktemp("engine") / "bin", report=print, yaml=True)
    values = {**bench.stack.variables, "PULUMI_HOME": str(tmp_path_factory.mktemp("home"))}
    values["PATH"] = f"{engine.bin}:{values['PATH']}"
    stack = Stack(
        name="dev", project=ROOT, variables=values, log=tmp_path_factory.mktemp("log") / "log"
    )
    for name in ("aws", "okta"):
        launcher = engine.bin / f"pulumi-resource-{name}"
        version = metadata.version(f"pulumi-{name}")
        stack.run("plugin", "install", "resource", name, version, "--file", str(launcher))
    return values


@pytest.fixture(scope="module")
def stack(bench, variables, steps, tmp_path_factory):
    """The example in a clone, after the commands of its page."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("okta_aws_federation", "pyproject.toml", "requirements.txt", ".venv"):
        (clone / name).symlink_to(ROOT / name)
    # A copy, since the engine leaves a file beside the plugin: `schema-okta-aws-federation.json`.
    shutil.copytree(ROOT / "components", clone / "components")
    project = clone / "examples" / "yaml"
    shutil.copytree(ROOT / "examples" / "yaml", project)
    stack = Stack(name="dev", project=project, variables=variables, log=bench.stack.log)
    [lines] = steps("examples/yaml/README.md")
    printed = replace(bench, stack=stack).type(*lines)
    assert "Added package" in printed
    return stack


def test_get_schema_prints_every_component_and_requires_what_has_no_default(stack):
    # Not by Stack.run, since the schema alone is on stdout.
    printed = subprocess.run(
        ["pulumi", "package", "get-schema", "../../components/plugin"],
        cwd=stack.project,
        env={**stack.variables},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    schema = json.loads(printed[printed.index("{\n") :])
    required = {
        name.rpartition(":")[2]: resource.get("requiredInputs", [])
        for name, resource in schema["resources"].items()
    }
    assert required == {
        "OktaAwsApp": ["accountId"],
        "FederatedRole": ["roleName"],
        "ProvisioningUser": [],
        "AccessGroup": ["groupName"],
        "SamlIdentityProvider": ["accountId", "metadata"],
    }


def test_a_person_enters_what_a_yaml_program_has_made(bench, stack):
    session = replace(bench, stack=stack).enter(PERSON)

    arn = session.client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Reports/{PERSON}"
    assert stack.outputs()["roleArn"] == f"arn:aws:iam::{ACCOUNT}:role/Reports"
    assert stack.up().keys() == {"unchanged"}


def test_the_provisioning_secret_is_encrypted_in_the_state(stack):
    secret = stack.outputs(secrets=True)["secretAccessKey"]

    assert len(secret) == 40
    assert stack.outputs()["secretAccessKey"] == "[secret]"
    assert secret not in stack.run("stack", "export")


def test_what_a_component_refuses_is_one_line_with_its_argument(stack):
    file = stack.project / "Pulumi.yaml"
    before = file.read_text()
    file.write_text(before.replace("roleName: Reports", "roleName: Reports\n      path: reports"))
    try:
        with pytest.raises(SandboxError) as refused:
            stack.run("preview")
    finally:
        file.write_text(before)

    assert "path must begin and end with /, not 'reports'" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_it_is_taken_down_again(bench, stack):
    stack.destroy()

    assert bench.aws("iam", ACCOUNT).list_roles()["Roles"] == []
