"""What a stack file expects: how it stands, and the shortest change after which it holds."""

from pathlib import Path

import pytest

import settings
from access.expectations import evaluate_expectation, outcomes
from access.model import AccessModel
from access.suggested_fixes import failed, shortest, undetermined

ROOT = Path(__file__).parents[3]
ADA, GRACE = "ada@example.com", "grace@example.com"
STACKS = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml")])
THEIRS = "arn:aws:iam::123456789012:policy/Theirs"


def lines(estate, found=failed):
    return [str(line) for line in found(estate)]


def of_ada(**expectation):
    return [{"user": ADA, **expectation}]


@pytest.mark.parametrize("file", STACKS, ids=lambda path: path.stem)
def test_what_the_committed_stacks_expect_holds(file):
    read = settings.read(file)

    assert read.expect, "a stack that expects nothing proves nothing"
    assert [line.satisfied for line in outcomes(AccessModel(read))] == [True] * len(
        outcomes(AccessModel(read))
    )


def test_an_action_that_no_policy_allows_is_missed_with_the_shortest_change(estate):
    [line] = lines(estate(expect=of_ada(can=["s3:ListAllMyBuckets"])))

    assert line == (
        "okta-aws-federation:expect.0.can.0 = 's3:ListAllMyBuckets': ada@example.com can't, as "
        "Developer: no identity policy allows s3:ListAllMyBuckets on *; add Auditor to "
        "groups.Developers.roles"
    )


def test_an_action_that_nobodys_role_allows_asks_for_a_policy(estate):
    [line] = lines(estate(expect=of_ada(can=["ec2:RunInstances"])))

    assert line.endswith("; add a policy that allows ec2:RunInstances to a role of theirs")


def test_an_action_that_is_forbidden_and_allowed_names_statement_and_policy(estate):
    [line] = lines(estate(expect=of_ada(cannot=["ec2:DescribeInstances"])))

    assert "ada@example.com can, as Developer: allowed by statement 1 of Amazon" in line
    assert line.endswith("; take AmazonEC2ReadOnlyAccess from roles.Developer")


def test_a_change_that_breaks_another_expectation_comes_after_one_that_does_not(estate):
    [line] = lines(
        estate(
            groups={
                "Developers": {"roles": ["Developer"], "members": [ADA, GRACE]},
            },
            expect=[
                {"user": GRACE, "can": ["ec2:DescribeInstances"]},
                {"user": ADA, "cannot": ["ec2:DescribeInstances"]},
            ],
        )
    )

    assert line.endswith("; take ada@example.com out of groups.Developers and expect")


DEVELOPERS = {"roles": ["Developer"], "members": [ADA]}
EMPTY = {"Developers": {"roles": ["Developer"]}, "Auditors": {"roles": ["Auditor"]}}
WIDE = {"managedPolicies": ["AdministratorAccess", "PowerUserAccess"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"can": ["s3:ListAllMyBuckets"]}),
        ({}, {"cannot": ["ec2:DescribeInstances"]}),
        ({"roles": {"Developer": WIDE}, "groups": {"Team": DEVELOPERS}}, {"cannot": ["s3:*"]}),
        ({"mode": "group-mapping"}, {"can": ["iam:ListRoles"]}),
        ({"app": {"combineRoles": True}}, {"can": ["iam:ListRoles"]}),
        ({"groups": EMPTY}, {"can": ["iam:ListRoles"]}),
    ],
)
def test_a_proposed_change_makes_the_expectation_hold(estate, changes, expected):
    before = estate(**changes, expect=of_ada(**expected))
    [line] = failed(before)

    change = shortest(before, line)

    assert change is not None
    assert change.description == line.fix
    after = AccessModel(change.applied(before.stack))
    assert evaluate_expectation(after, line, known=before.people).satisfied


def test_two_policies_that_allow_it_are_taken_away_together(with_role):
    role = with_role(managedPolicies=["AmazonS3FullAccess", "AmazonS3ReadOnlyAccess"])
    expect = [{"group": "Developers", "cannot": ["s3:GetObject"]}]

    [line] = failed(expecting(role, expect))

    assert line.fix == (
        "take AmazonS3FullAccess from roles.Developer, "
        "and take AmazonS3ReadOnlyAccess from roles.Developer"
    )


def expecting(estate, expect):
    """The same stack with other expectations."""
    groups = {"Developers": {"roles": ["Developer"]}}
    read = settings.parse(dict(VALUES, groups=groups, expect=expect)).expect
    return AccessModel(estate.stack.model_copy(update={"expect": read}))


VALUES = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {"Developer": {}},
}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"can": ["ec2:Describe*"]}, True),
        ({"can": ["ec2:*"]}, False),
        ({"cannot": ["iam:*", "s3:*"]}, True),
        ({"cannot": ["ec2:*"]}, False),
    ],
)
def test_a_wildcard_means_all_or_none_of_what_it_stands_for(estate, expected, holds):
    found = outcomes(estate(expect=of_ada(**expected)))

    assert [line.satisfied for line in found] == [holds] * len(found)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("ec2:DescribeInstanses", "is no action of ec2 (did you mean 'DescribeInstances'?)"),
        ("ecc2:DescribeInstances", "names no service of AWS (did you mean 'ec2'?)"),
        ("s3:Fetch*", "is no action of s3"),
    ],
)
def test_an_action_that_aws_does_not_have_is_missed_with_what_may_be_meant(estate, action, said):
    for kind in ("can", "cannot"):
        [line] = lines(estate(expect=of_ada(**{kind: [action]})))

        assert line == f"okta-aws-federation:expect.0.{kind}.0 = {action!r}: {said}; correct it"


def test_what_is_allowed_on_one_resource_asks_for_its_name(with_role):
    own = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]
    role = with_role(inlinePolicies={"Own": own})

    def standing(**expected):
        return outcomes(expecting(role, of_ada(**expected)))

    [everywhere] = standing(can=["s3:GetObject"])
    assert everywhere.satisfied is False
    assert everywhere.fix == "name the resource: {action: s3:GetObject, resource: ...}"
    [there] = standing(can=[{"action": "s3:GetObject", "resource": "arn:aws:s3:::reports/a"}])
    assert there.satisfied is True
    [nowhere] = standing(cannot=["s3:GetObject"])
    assert nowhere.satisfied is False, "there is a resource on which they can"
    [elsewhere] = standing(cannot=[{"action": "s3:GetObject", "resource": "arn:aws:s3:::keys/a"}])
    assert elsewhere.satisfied is True


def test_what_depends_on_the_unknown_is_neither_held_nor_missed(with_role):
    own = [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
        }
    ]
    role = with_role({"sessionTags": {"team": "user.department"}}, inlinePolicies={"Own": own})
    asked = {"action": "s3:GetObject", "context": {"aws:PrincipalTag/team": "blue"}}
    told = expecting(role, of_ada(can=["s3:GetObject", asked], cannot=["s3:GetObject"]))

    assert [line.satisfied for line in outcomes(told)] == [None, True, None]
    assert failed(told) == []
    assert [str(line).rpartition("; ")[2] for line in undetermined(told)] == [
        "say it in context: {aws:principaltag/team: ...}"
    ] * 2


def test_what_an_unknown_policy_decides_is_asked_of_the_account(with_role):
    role = with_role(managedPolicies=[THEIRS])

    [line] = undetermined(expecting(role, of_ada(can=["s3:GetObject"])))

    assert line.fix == "ask with --live, which reads these policies from the account"


def test_a_group_is_expected_of_as_a_person_is(estate):
    expect = [{"group": "Auditors", "can": ["iam:ListRoles"], "cannot": ["ec2:DescribeInstances"]}]

    [line] = lines(estate(expect=expect))

    assert "group Auditors can, as Auditor" in line
