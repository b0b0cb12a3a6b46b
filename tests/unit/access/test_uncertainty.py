"""Whatever the unknown turns out to be, AWS answers between the two readings."""

from hypothesis import given
from hypothesis import strategies as st

from access.uncertainty import approximate, unknown_keys
from okta_aws_federation.iam.evaluator import Policy, Request, evaluate

KEYS = ("aws:PrincipalTag/team", "ec2:Region", "aws:SourceIp")
VALUES = ("a", "b", "ab")
RESOURCES = ("*", "arn:aws:s3:::one", "arn:aws:s3:::one/*", "arn:aws:s3:::${aws:PrincipalTag/team}")

conditions = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAllValues:StringEquals"]
    ),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["a", "b", "a*"]), min_size=1),
    max_size=2,
)
statements = st.lists(
    st.builds(
        lambda effect, action, element, resource, condition: {
            "Effect": effect,
            "Action": action,
            element: resource,
            "Condition": condition,
        },
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.sampled_from(["s3:GetObject", "s3:*", "ec2:*"]),
        st.sampled_from(["Resource", "NotResource"]),
        st.sampled_from(RESOURCES),
        conditions,
    ),
    min_size=1,
    max_size=4,
)
truth = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))


@given(statements, statements, truth, st.sets(st.sampled_from(KEYS)))
def test_the_readings_enclose_what_aws_answers(identity, boundary, truth, hidden):
    known = {key: value for key, value in truth.items() if key not in hidden}
    settled = {key.lower() for key in KEYS if key not in hidden}
    policies = tuple(
        Policy.parse({"Version": "2012-10-17", "Statement": each}) for each in (identity, boundary)
    )
    unknown = unknown_keys(policies, "s3:GetObject", lambda key: key in settled)

    def decide(reading, context):
        read = [approximate(each, unknown, reading) if reading else each for each in policies]
        request = Request("s3:GetObject", "arn:aws:s3:::one", context=context)
        return evaluate(request, identity=read[:1], boundary=read[1:]).allowed

    assert decide("lower", known) <= decide(None, truth) <= decide("upper", known)


@given(
    statements, truth, st.sampled_from(["arn:aws:s3:::one", "arn:aws:s3:::one/x", "arn:aws:s3:::a"])
)
def test_what_is_allowed_on_no_resource_is_allowed_on_none(identity, truth, resource):
    policy = Policy.parse({"Version": "2012-10-17", "Statement": identity})
    anywhere = approximate(policy, frozenset(), "upper", frozenset())
    request = Request("s3:GetObject", resource, context=truth)

    somewhere = evaluate(Request("s3:GetObject", context=truth), identity=[anywhere]).allowed

    assert evaluate(request, identity=[policy]).allowed <= somewhere


def test_a_policy_that_asks_nothing_unknown_stays_as_it_is():
    policy = Policy.parse({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})

    assert approximate(policy, frozenset({"ec2:region"}), "lower") == policy
