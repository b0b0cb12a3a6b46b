"""`examples/consumer` builds on a federation's outputs; the state of both is in one bucket."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml

from sandbox.errors import SandboxError

ROOT = Path(__file__).parents[3]
ACCOUNT = "123456789012"
BUCKET = "federation-state"
FEDERATION = "organization/okta-aws-federation/dev"
PREFIX = "okta-aws-federation:"
SCHEMA = json.loads((ROOT / "docs" / "reference" / "outputs.schema.json").read_text())
SECRET = "provisioningSecretAccessKey"


def developers():
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    return {key.removeprefix(PREFIX): value for key, value in config.items()}


@pytest.fixture(scope="module")
def bench(bench_of):
    """The federation, deployed with its state in a bucket of the local AWS."""
    with bench_of(ACCOUNT) as bench:
        bench.aws("s3", ACCOUNT).create_bucket(Bucket=BUCKET)
        bench.stack = replace(bench.stack, name="dev")
        bench.stack.variables["PULUMI_BACKEND_URL"] = f"s3://{BUCKET}/teams"
        # The local AWS sends no checksums, and the engine would warn of each.
        bench.stack.variables["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"
        bench.stack.create()
        bench.write(developers())
        bench.up()
        yield bench


@pytest.fixture(scope="module")
def consumer(bench, package, steps, tmp_path_factory):
    """Set up as the README says."""
    project = tmp_path_factory.mktemp("project") / "consumer"
    shutil.copytree(ROOT / "examples" / "consumer", project)
    (project / ".venv").symlink_to(Path(sys.prefix))
    consumer = replace(
        bench.stack,
        name="dev",
        project=project,
        variables={**bench.stack.variables, "PYTHONPATH": str(package)},
    )
    [typed] = steps("examples/consumer/README.md")
    replace(bench, stack=consumer).type(*typed)
    return consumer


@pytest.fixture
def changed(consumer):
    """The consumer's program with something replaced, for one test."""
    program = consumer.project / "__main__.py"
    text = program.read_text()

    def changed(old, new):
        assert old in text
        program.write_text(text.replace(old, new))

    yield changed
    program.write_text(text)


def states(bench):
    """Key -> content of everything in the bucket."""
    s3 = bench.aws("s3", ACCOUNT)
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_what_the_engine_holds_after_an_update_keeps_the_contract(bench):
    jsonschema.validate(bench.stack.outputs(secrets=True), SCHEMA)
    assert "teams/.pulumi/stacks/okta-aws-federation/dev.json" in states(bench)
    assert bench.up() == {}, "the next run finds the state where the first one left it"


def test_a_consumer_adds_a_policy_and_a_role_of_its_own_and_learns_no_secret(bench, consumer):
    iam = bench.aws("iam", ACCOUNT)
    attached = iam.list_attached_role_policies(RoleName="OktaDeveloper")["AttachedPolicies"]
    assert "CloudWatchLogsReadOnlyAccess" in {policy["PolicyName"] for policy in attached}
    ours = iam.get_role(RoleName="OktaReports")["Role"]["AssumeRolePolicyDocument"]
    theirs = iam.get_role(RoleName="OktaDeveloper")["Role"]["AssumeRolePolicyDocument"]
    assert ours == theirs
    secret = bench.stack.outputs(secrets=True)[SECRET].encode()
    found = states(bench)
    assert "teams/.pulumi/stacks/okta-aws-consumer/dev.json" in found
    assert [key for key, state in found.items() if secret in state] == []


def test_a_consumer_keeps_the_rules_of_the_pack(consumer):
    said = consumer.run(
        "preview", "--stack", consumer.name, "--policy-pack", str(ROOT / "policies")
    )

    assert "okta-aws-federation" in said, "the pack did not run"
    assert "[mandatory]" not in said
    assert "[advisory]" not in said


def test_a_consumer_that_reads_the_secret_holds_it_encrypted(bench, consumer, changed):
    changed(
        "pulumi.export(",
        'pulumi.export("key", federation.provisioning_secret_access_key)\npulumi.export(',
    )

    consumer.up()

    secret = bench.stack.outputs(secrets=True)[SECRET]
    assert consumer.outputs()["key"] == "[secret]"
    assert consumer.outputs(secrets=True)["key"] == secret
    assert [key for key, state in states(bench).items() if secret.encode() in state] == []


def test_a_name_that_is_not_there_is_one_line_on_the_screen_and_changes_nothing(consumer, changed):
    changed('"OktaDeveloper", pulumi.InvokeOptions', '"OktaDevelper", pulumi.InvokeOptions')

    with pytest.raises(SandboxError) as refused:
        consumer.up()

    lines = str(refused.value).splitlines()
    assert lines[0].endswith(
        f"{FEDERATION} has no OktaDevelper in its output roles (it has OktaDeveloper); did "
        "you mean OktaDeveloper?"
    )
    assert "Traceback" not in str(refused.value)
    assert len(lines) <= 2, "the refusal, and that the update failed"


def test_the_consumer_is_typed_by_the_package_that_it_installs(package, tmp_path):
    """Without the package's types the consumer would pass a number for a role's name."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from okta_aws_federation.stack_reference import Federation\n"
        'Federation("a/b/c").role_name(7)\n'
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    done = [
        subprocess.run(
            [*command, str(file)],
            cwd=file.parent,
            env={**os.environ, "MYPYPATH": str(package)},
            capture_output=True,
            text=True,
            check=False,
        )
        for file in (ROOT / "examples" / "consumer" / "__main__.py", wrong)
    ]

    assert done[0].returncode == 0, done[0].stdout
    assert 'has incompatible type "int"; expected "str"' in done[1].stdout


def test_the_consumer_leaves_the_federation_as_it_was(bench, consumer):
    consumer.destroy()

    attached = bench.aws("iam", ACCOUNT).list_attached_role_policies(RoleName="OktaDeveloper")
    names = {policy["PolicyName"] for policy in attached["AttachedPolicies"]}
    assert names == {"AmazonEC2ReadOnlyAccess"}
    assert bench.up() == {}
