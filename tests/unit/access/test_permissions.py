"""What a role allows, in lines for people and as a list of actions."""

import pytest

from access import permissions
from access.permissions import allowed_actions, describe_permissions
from settings import AccountRole

ADA = "ada@example.com"
ROLE = AccountRole("main", "Developer")


def lines(with_role, **role):
    return list(describe_permissions(with_role(**role), ROLE))


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}, "may s3:Get*"),
        ({"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}, "may not s3:Get*"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "may all but iam:*"),
        (
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*"],
            },
            "may s3:GetObject, s3:PutObject on arn:aws:s3:::a/*, arn:aws:s3:::b/*",
        ),
        (
            {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/*"},
            "may not s3:* on all but arn:aws:s3:::a/*",
        ),
        (
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"aws:RequestedRegion": "eu-central-1"},
                    "Bool": {"aws:MultiFactorAuthPresent": "true"},
                },
            },
            "may s3:* if aws:multifactorauthpresent, aws:requestedregion fits",
        ),
    ],
)
def test_a_statement_is_a_line(with_role, statement, line):
    assert lines(with_role, inlinePolicies={"Own": [statement]}) == [f"{line}  [Own]"]


def test_a_boundary_and_a_policy_that_is_not_known_are_lines_too(with_role):
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    unknown = "arn:aws:iam::123456789012:policy/Own"

    *_, last, unknown_line = lines(with_role, boundary=boundary, managedPolicies=[unknown])

    assert last == "no more than ReadOnlyAccess, the boundary"
    assert unknown_line == f"whatever {unknown} says; its content is not known here"


def test_the_allowed_actions_are_those_that_the_policies_allow_somewhere(with_role):
    model = with_role(
        inlinePolicies={
            "Own": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:DeleteBucket"],
                    "Resource": "arn:aws:s3:::a/*",
                },
                {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
            ]
        }
    )
    [grant] = model.assumable_roles[ADA]

    assert allowed_actions(model, ADA, grant) - {"sts:GetCallerIdentity"} == {"s3:GetObject"}


def test_what_makes_an_administrator_is_written_as_the_model_compares_it():
    assert set(permissions.ADMINISTRATION) == {
        "iam:attachrolepolicy",
        "iam:attachuserpolicy",
        "iam:putrolepolicy",
    }
