"""Who reaches what, from a stack file alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import settings
from access import aws_managed
from access.estate import Estate
from access.expectations import missed

ROOT = Path(__file__).parents[3]
ADA = "ada@example.com"


def stack(**changes):
    given = {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "roles": {
            "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
            "Auditor": {"managedPolicies": ["SecurityAudit"]},
        },
        "groups": {
            "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
            "Auditors": {"roles": ["Auditor"], "members": ["grace@example.com"], "priority": 2},
        },
    }
    return settings.parse(given | changes)


def expecting(**expectation):
    return [{"user": ADA, **expectation}]


@pytest.mark.parametrize("file", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.stem)
def test_what_the_committed_stacks_expect_holds(file):
    read = settings.read(file)

    assert read.expect, "a stack that expects nothing proves nothing"
    assert missed(read) == []


def test_an_action_that_no_policy_allows_is_missed_with_the_shortest_change():
    [line] = missed(stack(expect=expecting(can=["s3:ListAllMyBuckets"])))

    assert line == (
        "okta-aws-federation:expect.0.can = 's3:ListAllMyBuckets': ada@example.com can't, as "
        "Developer: no identity policy allows s3:ListAllMyBuckets on *; add ada@example.com to "
        "groups.Auditors.members, which opens Auditor"
    )


def test_an_action_that_nobodys_role_allows_asks_for_a_policy():
    [line] = missed(stack(expect=expecting(can=["ec2:RunInstances"])))

    assert line.endswith("; add a policy that allows ec2:RunInstances to a role of theirs")


def test_an_action_that_is_forbidden_and_allowed_names_the_statement():
    [line] = missed(stack(expect=expecting(cannot=["ec2:DescribeInstances"])))

    assert "ada@example.com can, as Developer: allowed by statement" in line
    assert "of AmazonEC2ReadOnlyAccess" in line


def test_somebody_in_no_group_reaches_nothing():
    answer = Estate(stack()).answer("eve@example.com", "ec2:DescribeInstances")

    assert not answer.allowed
    assert answer.reason == "eve@example.com is in no group of this stack"


def test_of_two_groups_the_one_with_the_smaller_number_decides():
    groups = {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 2},
        "Auditors": {"roles": ["Auditor"], "members": [ADA], "priority": 1},
    }

    [entry] = Estate(stack(groups=groups)).entries[ADA]

    assert (entry.place.role, entry.group) == ("Auditor", "Auditors")


def test_in_group_mapping_every_group_counts_in_every_account():
    accounts = {
        "one": {"id": "111111111111", "region": "us-east-1"},
        "two": {"id": "222222222222", "region": "us-east-1"},
    }

    entries = Estate(stack(mode="group-mapping", accounts=accounts)).entries[ADA]

    assert {(entry.place.account, entry.place.role) for entry in entries} == {
        ("one", "Developer"),
        ("two", "Developer"),
    }


def test_a_boundary_takes_away_what_it_does_not_name():
    roles = {"Developer": {"managedPolicies": ["AdministratorAccess"], "boundary": "SecurityAudit"}}
    groups = {"Developers": {"roles": ["Developer"], "members": [ADA]}}
    estate = Estate(stack(roles=roles, groups=groups))

    assert estate.answer(ADA, "s3:ListAllMyBuckets").allowed
    refused = estate.answer(ADA, "ec2:RunInstances")
    assert not refused.allowed
    assert "boundary" in refused.reason


def test_a_denial_in_an_inline_policy_wins():
    deny = {"Effect": "Deny", "Action": ["ec2:Describe*"], "Resource": ["*"]}
    roles = {
        "Developer": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
            "inlinePolicies": {"Closed": [deny]},
        }
    }
    groups = {"Developers": {"roles": ["Developer"], "members": [ADA]}}

    answer = Estate(stack(roles=roles, groups=groups)).answer(ADA, "ec2:DescribeInstances")

    assert not answer.allowed
    assert "Closed" in answer.reason


def test_a_policy_whose_content_is_not_known_is_named_in_a_refusal():
    unknown = "arn:aws:iam::123456789012:policy/Theirs"
    roles = {"Developer": {"managedPolicies": [unknown]}}
    groups = {"Developers": {"roles": ["Developer"], "members": [ADA]}}

    answer = Estate(stack(roles=roles, groups=groups)).answer(ADA, "ec2:DescribeInstances")

    assert not answer.allowed
    assert f"not known here: {unknown}" in answer.reason


def test_the_snapshot_of_awss_policies_says_of_which_day_it_is():
    assert aws_managed.snapshot()["date"] >= "2026-11-25"
    assert len(aws_managed.snapshot()["policies"]) > 1000


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "access", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_answers_with_a_reason_and_an_exit_code():
    allowed = run("explain", "Pulumi.dev.yaml", ADA, "ec2:DescribeInstances")
    denied = run("explain", "Pulumi.dev.yaml", ADA, "s3:ListAllMyBuckets", "--json")

    assert allowed.returncode == 0
    assert allowed.stdout.startswith("allowed: as OktaDeveloper: allowed by statement")
    assert denied.returncode == 1
    assert json.loads(denied.stdout)["allowed"] is False
    assert run("check", "Pulumi.prod.yaml").stdout == "2 expectations hold\n"
    assert json.loads(run("matrix", "Pulumi.dev.yaml", "--json").stdout) == {
        ADA: ["main/OktaDeveloper"]
    }


def test_a_stack_file_that_is_not_there_is_one_line_and_exit_code_two():
    done = run("check", "Pulumi.nowhere.yaml")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Pulumi.nowhere.yaml" in done.stderr
