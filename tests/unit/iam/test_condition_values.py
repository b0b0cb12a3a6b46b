"""Which texts IAM's condition operators can read; the rest would match nothing, silently."""

import pytest

from okta_aws_federation.iam.evaluator import MalformedPolicy, Policy
from okta_aws_federation.iam.values import value_error

READABLE = [
    ("DateLessThan", "2099-01-01T00:00:00Z"),
    ("DateLessThan", "2099-01-01T00:00Z"),
    ("DateLessThan", "2099-01-01"),
    ("DateGreaterThanIfExists", "2099-01-01T00:00:00.5+02:00"),
    ("DateLessThan", "4070908800"),
    ("NumericLessThan", "10"),
    ("NumericLessThan", "-1.5"),
    ("ForAnyValue:NumericEquals", "7"),
    ("IpAddress", "203.0.113.0/24"),
    ("NotIpAddress", "203.0.113.7"),
    ("IpAddress", "2001:db8::/32"),
    ("Bool", "TRUE"),
    ("Null", "false"),
    ("BinaryEquals", "QUJD"),
    ("StringEquals", "maybe"),
    ("DateLessThan", "${aws:CurrentTime}"),
]
UNREADABLE = [
    ("DateLessThan", "2099-01"),
    ("DateLessThan", "2099"),
    ("DateLessThan", "soon"),
    ("DateLessThan", "2099-02-30"),
    ("DateLessThan", "2099-01-01T25:00:00Z"),
    ("DateLessThan", ""),
    ("NumericLessThan", "inf"),
    ("NumericLessThan", "nan"),
    ("NumericLessThan", "1_000"),
    ("NumericLessThan", "1e3"),
    ("NumericLessThan", "soon"),
    ("NumericLessThan", "\N{ARABIC-INDIC DIGIT ONE}"),
    ("IpAddress", "203.0.113.0/33"),
    ("NotIpAddressIfExists", "home"),
    ("Bool", "maybe"),
    ("Bool", "yes"),
    ("Null", "1"),
    ("BinaryEquals", "?"),
]


@pytest.mark.parametrize(("operator", "value"), READABLE)
def test_what_iam_reads_is_readable(operator, value):
    assert value_error(operator, value) is None


@pytest.mark.parametrize(("operator", "value"), UNREADABLE)
def test_what_iam_does_not_read_has_a_reason(operator, value):
    assert value_error(operator, value)


@pytest.mark.parametrize(
    ("operator", "value"), [("NumericLessThan", "inf"), ("NumericLessThan", "1_000")]
)
def test_the_evaluator_refuses_the_policy(operator, value):
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "*",
        "Condition": {operator: {"s3:max-keys": value}},
    }
    with pytest.raises(MalformedPolicy, match="is no number"):
        Policy.parse({"Version": "2012-10-17", "Statement": [statement]})
