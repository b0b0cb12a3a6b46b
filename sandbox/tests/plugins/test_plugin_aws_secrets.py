"""Where an access key can be kept: Parameter Store and Secrets Manager."""

import pytest

PARAMETER = "aws:ssm/parameter:Parameter"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def test_a_parameter_is_kept_encrypted_and_followed(aws, cloud, calls):
    given = {"name": "/okta/key", "type": "SecureString", "value": "first"}

    thing = aws.create(PARAMETER, **given)

    assert calls == ["PutParameter", "GetParameter", "DescribeParameters", "ListTagsForResource"]
    outputs = dict(thing.outputs)
    assert outputs.pop("arn").endswith(":parameter/okta/key")
    assert outputs == {
        "id": "/okta/key",
        "allowedPattern": "",
        "dataType": "text",
        "description": "",
        "hasValueWo": False,
        "keyId": "alias/aws/ssm",
        "name": "/okta/key",
        "overwrite": False,
        "region": "us-east-1",
        "tags": {},
        "tagsAll": {},
        "tier": "Standard",
        "type": "SecureString",
        "value": "first",
        "version": 1,
    }
    assert aws.changes(thing, **given) == set()
    assert aws.refresh(thing) == thing

    thing = aws.update(thing, **given | {"value": "second", "tags": {"team": "access"}})
    ssm = cloud.client("ssm")
    stored = ssm.get_parameter(Name="/okta/key", WithDecryption=True)["Parameter"]
    assert (stored["Value"], thing.outputs["version"]) == ("second", 2)
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/okta/key")
    assert tags["TagList"] == [{"Key": "team", "Value": "access"}]
    assert aws.replaces(thing, **given | {"name": "/okta/other"}) == {"name"}

    aws.delete(thing)
    assert aws.refresh(thing) is None
    aws.delete(thing)


def test_a_parameter_changed_by_hand_is_seen(aws, cloud):
    given = {"name": "/plain", "type": "String", "value": "ours"}
    thing = aws.create(PARAMETER, **given)
    cloud.client("ssm").put_parameter(Name="/plain", Value="theirs", Overwrite=True)

    seen = aws.refresh(thing)

    assert seen.outputs["value"] == "theirs"
    assert aws.changes(seen, **given) == {"value"}


def test_a_parameter_has_a_value(aws):
    with pytest.raises(ValueError, match="one of `insecure_value,value,value_wo`"):
        aws.check(PARAMETER, name="/a", type="String")


def test_a_value_that_is_not_stored_is_more_than_the_stand_in_does(aws):
    with pytest.raises(ValueError, match="value_wo: this emulated plugin does not do"):
        aws.check(PARAMETER, name="/a", type="String", valueWo="x", valueWoVersion=1)


def test_a_secret_has_versions(aws, cloud, calls):
    secret = aws.create(SECRET, name="okta-key", recoveryWindowInDays=0)
    assert calls == ["CreateSecret", "DescribeSecret", "GetResourcePolicy"]
    assert secret.id == secret.outputs["arn"]
    assert secret.outputs["name"] == "okta-key"
    assert secret.outputs["recoveryWindowInDays"] == 0
    assert aws.refresh(secret) == secret

    first = aws.create(VERSION, secretId=secret.id, secretString="first")
    assert first.id == f"{secret.id}|{first.outputs['versionId']}"
    assert first.outputs["versionStages"] == ["AWSCURRENT"]
    assert aws.refresh(first) == first
    assert aws.adopt(VERSION, first.id).outputs["secretString"] == "first"

    answer = aws.diff(first, secretId=secret.id, secretString="second")
    assert set(answer.replaces) == {"secretString"}
    assert not answer.deleteBeforeReplace, "there is always a current version"
    second = aws.create(VERSION, secretId=secret.id, secretString="second")
    aws.delete(first)
    stored = cloud.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert stored["SecretString"] == "second"

    calls.clear()
    aws.delete(second)
    assert calls == ["GetSecretValue"], "the current version goes with its secret only"
    aws.delete(secret)
    assert aws.refresh(secret) is None
    assert aws.refresh(second) is None


def test_a_deleted_secret_waits_unless_told_otherwise(aws, cloud):
    secret = aws.create(SECRET, name="okta-key")

    aws.delete(secret)

    stored = cloud.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert stored["DeletedDate"]
    assert aws.refresh(secret) is None


@pytest.mark.parametrize("days", [1, 6, 31])
def test_a_secret_waits_a_week_to_a_month(aws, days):
    with pytest.raises(ValueError, match="recovery_window_in_days"):
        aws.check(SECRET, name="okta-key", recoveryWindowInDays=days)


def test_a_secrets_tags_and_description_change_in_place(aws):
    secret = aws.create(SECRET, name="okta-key")
    wanted = {"name": "okta-key", "description": "The key", "tags": {"team": "access"}}

    changed = aws.update(secret, **wanted)

    assert changed.outputs["description"] == "The key"
    assert changed.outputs["tags"] == {"team": "access"}
    assert aws.changes(changed, **wanted) == set()
