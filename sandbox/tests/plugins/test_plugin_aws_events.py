"""Rules of EventBridge, and who is told."""

import json

import pytest

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
PATTERN = json.dumps({"source": ["aws.sts"]})
QUEUE = "arn:aws:sqs:us-east-1:123456789012:told"


def test_a_rule_is_made_followed_and_taken_down(aws, cloud, calls):
    given = {"name": "entered", "eventPattern": PATTERN, "tags": {"team": "access"}}

    thing = aws.create(RULE, **given)

    assert calls == ["PutRule", "DescribeRule", "ListTagsForResource"]
    assert thing.outputs["arn"].endswith(":rule/entered")
    assert (thing.outputs["state"], thing.outputs["region"]) == ("ENABLED", "us-east-1")
    assert aws.changes(thing, **given) == set()
    assert aws.changes(thing, **given | {"eventPattern": '{"source":["aws.sts"]}'}) == set()
    assert aws.refresh(thing) == thing
    assert aws.replaces(thing, **given | {"name": "other"}) == {"name"}
    assert aws.replaces(thing, **given | {"region": "eu-west-1"}) == {"region"}

    events = cloud.client("events")
    thing = aws.update(thing, **given | {"description": "Somebody entered.", "tags": {}})
    assert events.describe_rule(Name="entered")["Description"] == "Somebody entered."
    assert events.list_tags_for_resource(ResourceARN=thing.outputs["arn"])["Tags"] == []
    events.disable_rule(Name="entered")
    assert aws.changes(aws.refresh(thing), **given | {"description": "Somebody entered."}) >= {
        "state"
    }

    aws.delete(thing)
    assert aws.refresh(thing) is None
    aws.delete(thing)


def test_a_target_is_told_by_arn_and_follows(aws, cloud):
    rule = aws.create(RULE, name="entered", eventPattern=PATTERN)
    given = {"rule": "entered", "targetId": "alarm", "arn": QUEUE}

    thing = aws.create(TARGET, **given)

    assert thing.id == "entered-alarm"
    assert aws.changes(thing, **given) == set()
    assert aws.refresh(thing) == thing
    assert aws.adopt(TARGET, "entered/alarm").outputs["arn"] == QUEUE
    thing = aws.update(thing, **given | {"arn": f"{QUEUE}-too"})
    events = cloud.client("events")
    [target] = events.list_targets_by_rule(Rule="entered")["Targets"]
    assert target == {"Id": "alarm", "Arn": f"{QUEUE}-too"}
    assert aws.replaces(thing, **given | {"rule": "other"}) >= {"rule"}

    aws.delete(thing)
    assert aws.refresh(thing) is None
    aws.delete(thing)
    aws.delete(rule)


def test_what_the_stand_in_does_not_do_is_said(aws):
    with pytest.raises(ValueError, match="schedule_expression: this emulated plugin does not do"):
        aws.check(RULE, name="entered", scheduleExpression="rate(1 day)", eventPattern=PATTERN)
    with pytest.raises(ValueError, match="the emulator makes no schedules"):
        aws.check(RULE, name="entered")
    with pytest.raises(ValueError, match="input: this emulated plugin does not do"):
        aws.check(TARGET, rule="entered", arn=QUEUE, targetId="alarm", input="{}")
