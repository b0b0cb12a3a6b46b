"""A diff that a reviewer reads: names for lists, what is dangerous first, never too long."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import settings
from access.change_report import LONGEST_COMMENT, as_markdown, as_text
from access.changes import Change, changes
from access.model import AccessModel
from access.trusts import describe_trust, trusts_in_words

ADA, GRACE = "ada@example.com", "grace@example.com"
ACCOUNT = "123456789012"


def model(roles, **groups):
    return AccessModel(
        settings.parse(
            {
                "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
                "roles": roles,
                "groups": groups or {"Team": {"roles": ["Reader"], "members": [ADA]}},
                "today": "2026-11-25",
            }
        )
    )


READER = {"Reader": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}}


@pytest.mark.parametrize("policy", ["SecurityAudit", "ReadOnlyAccess", "AdministratorAccess"])
def test_a_policy_of_aws_that_comes_or_goes_whole_is_its_name(policy):
    more = {"Reader": {"managedPolicies": ["AmazonEC2ReadOnlyAccess", policy]}}

    [come] = changes(model(READER), model(more))
    [gone] = changes(model(more), model(READER))

    assert come.description == gone.description == f"what {policy} allows"
    assert (come.gains, gone.gains) == (True, False)
    assert max(map(len, as_text([come, gone]))) < 120


def test_actions_are_named_where_the_content_of_a_policy_changed():
    def own(*actions):
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        return {"Reader": {"customerPolicies": {"Own": [statement]}}}

    found = changes(model(own("s3:GetObject")), model(own("s3:GetObject", "s3:PutObject")))

    assert {each.description for each in found} == {
        "may s3:GetObject  [Own]",
        "may s3:GetObject, s3:PutObject  [Own]",
    }


def test_the_most_dangerous_comes_first():
    before = model(READER, Team={"roles": ["Reader"], "members": [ADA]})
    after = model(
        {
            "Reader": {"managedPolicies": ["SecurityAudit"]},
            "Zeus": {"managedPolicies": ["IAMFullAccess"]},
        },
        Team={"roles": ["Reader"], "members": [GRACE]},
        Zoo={"roles": ["Zeus"], "members": [ADA]},
    )

    found = changes(before, after)

    first, *others = found
    assert first.danger == 2
    assert {each.description for each in found if each.danger == 2} == {
        "enters Zeus",
        "what IAMFullAccess allows",
    }
    gains = [each.gains for each in others]
    assert gains == sorted(gains, reverse=True)


def change(number, size, *, gains, danger):
    return Change("role", f"Role{number}", "x" * size, True, gains, 1, danger)


many = st.builds(
    lambda sizes, flags: [
        change(number, size, gains=flag > 0, danger=max(flag, 0))
        for number, (size, flag) in enumerate(zip(sizes, flags, strict=False))
    ],
    st.lists(st.integers(1, 3_000), min_size=1, max_size=400),
    st.lists(st.integers(0, 2), min_size=400, max_size=400),
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(many)
def test_a_comment_is_never_longer_than_github_takes_and_counts_what_it_cuts(found):
    text = "\n".join(as_markdown(found, "Pulumi.dev.yaml"))

    rows = [line for line in text.splitlines() if line.startswith(("| gains", "| loses"))]
    assert len(text) <= LONGEST_COMMENT
    left_out = len(found) - len(rows)
    assert (f"and {left_out} change" in text) is bool(left_out)


def test_what_is_cut_is_the_least_dangerous():
    found = [change(number, 500, gains=True, danger=2 * (number == 399)) for number in range(400)]

    text = "\n".join(as_markdown(found, "Pulumi.dev.yaml"))

    assert "`Role399`" in text
    assert "changes more, less dangerous than these" in text
    assert "**400 changes widen roles.**" in text, "the summary counts all"


def test_two_roles_with_long_policies_stay_readable():
    actions = [f"ec2:{name}" for name in ("DescribeInstances", "DescribeVpcs")] * 100
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    long = {
        name: {"customerPolicies": {f"{name}P": [statement]}, "managedPolicies": ["SecurityAudit"]}
        for name in ("Reader", "Writer")
    }

    text = list(as_text(changes(None, model(long))))

    assert max(map(len, text)) < 800
    assert any("characters more" in line for line in text)


TRUSTS = [
    (
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        },
        f"trusts arn:aws:iam::{ACCOUNT}:saml-provider/Okta for sts:AssumeRoleWithSAML, if SAML:aud "
        "StringEquals https://signin.aws.amazon.com/saml",
    ),
    (
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        },
        "trusts every AWS account for sts:AssumeRole and sts:TagSession",
    ),
    (
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
        "refuses everybody for sts:AssumeRole",
    ),
    (
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
        "trusts service ec2.amazonaws.com for sts:AssumeRole",
    ),
]


@pytest.mark.parametrize(("statement", "words"), TRUSTS)
def test_a_trust_is_told_in_words(statement, words):
    assert describe_trust(statement) == words


def test_of_two_trust_policies_only_what_differs_is_told():
    [okta, everybody] = TRUSTS[0][0], TRUSTS[1][0]
    expected, observed = {"Statement": [okta]}, {"Statement": [okta, everybody]}

    assert trusts_in_words(expected, observed) == ("nothing more", TRUSTS[1][1])
    assert trusts_in_words({"Statement": okta}, {"Statement": everybody}) == (
        TRUSTS[0][1],
        TRUSTS[1][1],
    )
