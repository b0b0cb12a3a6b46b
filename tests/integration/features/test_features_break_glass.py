"""`examples/break-glass` as its README says: set up at rest, opened, and closed again."""

import json
from dataclasses import replace

import pytest

from sandbox.errors import SandboxError
from sandbox.person import outcome

ACCOUNT = "444444444444"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/EmergencyAccess"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:emergency-access"
HERE = (
    # The local AWS delivers to queues and not to topics.
    "pulumi config set --stack break-glass --path"
    f" 'okta-aws-federation:roles.EmergencyAccess.alarms[0]' {QUEUE}",
)
"""What differs from the example in this test."""


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        bench.aws("sqs", ACCOUNT).create_queue(QueueName="emergency-access")
        bench.stack = replace(bench.stack, name="break-glass")
        yield bench


@pytest.fixture(scope="module")
def parts(steps):
    """The README's commands: to set it up, to open it, to close it."""
    return steps("examples/break-glass/README.md")


def test_at_rest_nobody_enters_whoever_is_in_the_group(bench, parts):
    copied, made, *rest = parts[0]
    bench.type(copied, made, *HERE, *rest)

    app = bench.okta("GET", f"/api/v1/apps/{bench.stack.outputs()['appId']}")
    assert app["status"] == "INACTIVE"
    assert bench.up() == {}
    groups = bench.okta("GET", "/api/v1/groups")
    ours = [one["id"] for one in groups if "mergency" in one["profile"]["name"]]
    assert len(ours) == 2
    ada = bench.okta("GET", "/api/v1/users/ada@example.com")["id"]
    for group in ours:
        bench.okta("PUT", f"/api/v1/groups/{group}/users/{ada}")
    with pytest.raises(SandboxError, match="App Not Active"):
        bench.enter("ada@example.com")
    for group in ours:
        bench.okta("DELETE", f"/api/v1/groups/{group}/users/{ada}")


def test_opened_the_people_on_duty_enter_and_nobody_else(bench, parts):
    bench.type(*parts[1])

    with pytest.raises(SandboxError, match="second factor"):
        bench.enter("ada@example.com")
    bench.okta("PATCH", "/sandbox/switches", json={"second_factor": True})
    session = bench.enter("ada@example.com")
    assert session.caller().endswith("assumed-role/EmergencyAccess/ada@example.com")
    assert outcome(session.client("ec2").describe_instances) == "allowed"
    assert outcome(session.client("iam").create_user, UserName="Eve") == "AccessDenied"
    with pytest.raises(SandboxError, match="App Not Assigned"):
        bench.enter("grace@example.com")


def recorded(bench, role, name="AssumeRoleWithSAML"):
    """An event as CloudTrail records it, which the local AWS has not; by its documented sample."""
    detail = {
        "eventVersion": "1.08",
        "eventSource": "sts.amazonaws.com",
        "eventName": name,
        "readOnly": True,
        "userIdentity": {"type": "SAMLUser", "userName": "ada@example.com"},
        "requestParameters": {
            "sAMLAssertionID": "_c0046cEXAMPLEb9d4b8eEXAMPLE2619aEXAMPLE",
            "roleSessionName": "ada@example.com",
            "durationSeconds": 3600,
            "roleArn": role,
            "principalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/OktaEmergency",
        },
    }
    entry = {
        "Source": "aws.sts",
        "DetailType": "AWS API Call via CloudTrail",
        "Detail": json.dumps(detail),
    }
    bench.aws("events", ACCOUNT).put_events(Entries=[entry])


def told(bench):
    """Who has entered, by what has arrived in the queue since it was asked last."""
    sqs = bench.aws("sqs", ACCOUNT)
    url = sqs.get_queue_url(QueueName="emergency-access")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    events = [json.loads(message["Body"])["detail"] for message in messages]
    return [event["requestParameters"]["roleSessionName"] for event in events]


def test_each_entry_into_the_role_is_told_and_no_other_event(bench):
    recorded(bench, ROLE)
    assert told(bench) == ["ada@example.com"]

    recorded(bench, f"arn:aws:iam::{ACCOUNT}:role/Other")
    recorded(bench, ROLE, name="AssumeRole")
    assert told(bench) == []


def test_the_alarm_hears_read_only_events_in_each_region_and_is_as_it_was_made(bench):
    for region in ("us-east-1", "us-west-2"):
        [rule] = bench.aws("events", ACCOUNT, region).list_rules()["Rules"]
        assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        assert ROLE in rule["EventPattern"]
    bench.aws("events", ACCOUNT).disable_rule(Name="EmergencyAccess-entered")

    bench.stack.run("refresh", "--stack", "break-glass", "--yes", "--skip-preview")

    assert bench.up() == {"updated": 1}, "whoever turned the alarm off is found out"


def test_closed_nobody_enters_and_the_group_is_empty(bench, parts):
    bench.type(*parts[2])

    with pytest.raises(SandboxError, match="App Not Active"):
        bench.enter("ada@example.com")
    for group in bench.okta("GET", "/api/v1/groups"):
        if "mergency" in group["profile"]["name"]:
            assert bench.okta("GET", f"/api/v1/groups/{group['id']}/users") == []
    assert bench.up() == {}


def test_a_refresh_of_an_app_at_rest_keeps_what_aws_was_told(bench):
    bench.stack.run("refresh", "--stack", "break-glass", "--yes", "--skip-preview")

    assert bench.up() == {}, "an inactive app shows no metadata, and the provider keeps its own"
