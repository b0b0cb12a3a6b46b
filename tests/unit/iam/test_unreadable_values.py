"""Values that IAM can't read are refused where a policy is read: none of them is "no match".

Sources: IAM User Guide, "Condition operators" (numeric, date, Boolean, IP address), "Grammar of the
IAM JSON policy language", "Resource" (wildcards within the segments of an ARN); W3C NOTE-datetime.
"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_aws_federation.iam.evaluator import MalformedPolicy, Policy, Request, evaluate
from okta_aws_federation.iam.values import value_error

DATES = [
    ("2026-06-01", "2026-05-31T23:59:59Z", "2026-06-01T00:00:01Z"),
    ("2026-06-01T12:00Z", "2026-06-01T11:59:59Z", "2026-06-01T12:00:01Z"),
    ("2026-06-01T14:00+02:00", "2026-06-01T11:59:59Z", "2026-06-01T12:00:01Z"),
    ("2026-06-01T12:00:00.5Z", "2026-06-01T12:00:00Z", "2026-06-01T12:00:01Z"),
    ("1780315200", "2026-06-01T11:59:59Z", "2026-06-01T12:00:01Z"),
]
UNREADABLE = [
    ("DateLessThan", "2026"),
    ("DateLessThan", "2026-06"),
    ("DateLessThan", "2026-13"),
    ("DateLessThan", "2026-02-30"),
    ("DateLessThan", "01.06.2026"),
    ("DateLessThan", "2026-W23"),
    ("DateLessThan", "20260601T120000Z"),
    ("DateLessThan", "2026-06-01 12:00:00"),
    ("DateNotEquals", "tomorrow"),
    ("DateGreaterThanIfExists", "nan"),
    ("NumericLessThan", "inf"),
    ("NumericLessThan", "nan"),
    ("NumericLessThan", "1_000"),
    ("NumericLessThan", "1e3"),
    ("NumericLessThan", " 1"),
    ("NumericLessThan", ""),
    ("NumericNotEquals", "ten"),
    ("ForAllValues:NumericEquals", "0x10"),
    ("IpAddress", "203.0.113.0/33"),
    ("IpAddress", "home"),
    ("NotIpAddress", "203.0.113"),
    ("NotIpAddress", "2001:db8::/129"),
    ("Bool", "maybe"),
    ("Bool", "1"),
    ("Null", "yes"),
    ("BinaryEquals", "§"),
]
GRAMMAR = [
    ({"Action": []}, "empty list"),
    ({"Resource": []}, "empty list"),
    ({"Action": "ListBuckets"}, "must be \\* or a service and an action"),
    ({"Action": "s3: ListBuckets"}, "must be \\* or a service and an action"),
    ({"Action": ""}, "must be \\* or a service and an action"),
    ({"Action": "s*"}, "must be \\* or a service and an action"),
]


def statement(**changes):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | changes


def policy(**changes):
    return Policy.parse({"Version": "2012-10-17", "Statement": [statement(**changes)]})


def allows(document, context=None, resource="*", action="s3:GetObject"):
    request = Request(action, resource, context=context or {})
    return evaluate(request, identity=[document]).allowed


@pytest.mark.parametrize(("date", "before", "after"), DATES)
def test_a_date_is_read_in_each_form_that_aws_documents(date, before, after):
    until = policy(Condition={"DateLessThan": {"aws:CurrentTime": date}})

    assert allows(until, {"aws:CurrentTime": before})
    assert not allows(until, {"aws:CurrentTime": after})


@pytest.mark.parametrize(("operator", "value"), UNREADABLE)
def test_a_value_that_iam_cannot_read_is_refused_and_never_no_match(operator, value):
    with pytest.raises(MalformedPolicy, match="Condition"):
        policy(Effect="Deny", Condition={operator: {"aws:CurrentTime": value}})


@pytest.mark.parametrize(("changes", "message"), GRAMMAR)
def test_what_the_grammar_forbids_is_refused(changes, message):
    with pytest.raises(MalformedPolicy, match=message):
        policy(**changes)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda n: abs(n) < 1e15))
def test_a_number_is_read_as_iam_writes_it(number):
    text = f"{number:f}"

    assert value_error("NumericEquals", text) is None
    assert math.isclose(float(text), number, abs_tol=1e-5)


@given(st.text(max_size=12))
def test_what_python_alone_reads_as_a_number_is_none(text):
    if value_error("NumericEquals", text) is None:
        assert set(text) <= set("0123456789.+-")


@pytest.mark.parametrize(
    ("pattern", "resource", "fits"),
    [
        ("arn:aws:ec2:us-east-1?123456789012:instance/i-1", "us-east-1:123456789012", False),
        ("arn:aws:ec2:us-east-?:123456789012:instance/i-1", "us-east-1:123456789012", True),
        ("arn:aws:ec2:us-east-1:12345678901?:instance/i-1", "us-east-1:123456789012", True),
        ("arn:aws:ec2:us-east-1:123456789012?instance/i-1", "us-east-1:123456789012", False),
    ],
)
def test_a_question_mark_stays_within_its_segment(pattern, resource, fits):
    arn = f"arn:aws:ec2:{resource}:instance/i-1"

    assert allows(policy(Action="ec2:*", Resource=pattern), None, arn, "ec2:StartInstances") is fits


def test_a_question_mark_in_the_resource_part_is_any_character():
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:app"

    logs = policy(Action="logs:*", Resource=arn.replace("group:app", "group?app"))
    assert allows(logs, None, arn, "logs:GetLogEvents")
