"""What a leaver reaches, and a policy that ends open sessions: this person's, and nobody else's."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

import settings
from access.__main__ import access
from access.model import AccessModel
from access.offboarding import offboarding
from okta_aws_federation.iam.evaluator import Policy, Request, evaluate

ADA, GRACE = "ada@example.com", "grace@example.com"
ACCOUNT = "123456789012"
ADMIN, ENTRY = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("Admin", "Entry"))
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOP = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": ADMIN}
TRUST = {"Effect": "Allow", "Principal": {"AWS": ENTRY}, "Action": HOP["Action"]}


def values(**more):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {
            "Entry": {
                "managedPolicies": ["IAMReadOnlyAccess"],
                "inlinePolicies": {"hop": [HOP]},
                "sessionHours": 4,
            },
            "Admin": {"managedPolicies": ["IAMFullAccess"], "trust": {"statements": [TRUST]}},
        },
        "groups": {
            "AWSEntry": {"roles": ["Entry"], "members": [ADA, GRACE]},
            "Directory": {"roles": ["Entry"], "rule": 'user.department=="X"'},
        },
        "expect": [
            {"user": GRACE, "can": ["iam:ListRoles"]},
            {"user": ADA, "can": ["iam:ListRoles"]},
        ],
        "today": "2026-11-25",
    } | more


def leaving(login=ADA, **more):
    return offboarding(AccessModel(settings.parse(values(**more))), login, NOW)


@pytest.mark.parametrize("login", [ADA, "Ada@Example.com"])
def test_everything_that_names_them_is_listed_however_the_login_is_spelled(login):
    found = leaving(login)

    assert [each.key for each in found.references] == ["groups.AWSEntry.members", "expect.1"]
    assert found.unnamed_groups == ("Directory",)
    assert [(each.label, each.hours) for each in found.roles] == [
        ("Entry", 4),
        ("Admin, assumed from Entry", 1),
    ]
    assert "iam:CreateAccessKey" in found.roles[1].lasting
    assert found.roles[0].lasting == ()


def test_a_trust_or_a_policy_that_names_them_is_listed():
    found = leaving(
        roles={
            "Entry": {
                "inlinePolicies": {
                    "home": [
                        {
                            "Effect": "Allow",
                            "Action": "s3:GetObject",
                            "Resource": f"arn:aws:s3:::home/{ADA}/*",
                        }
                    ]
                },
                "trust": {"conditions": {"StringNotEquals": {"sts:RoleSessionName": ADA}}},
            }
        },
        groups={"AWSEntry": {"roles": ["Entry"], "members": [GRACE]}},
        expect=[],
    )

    assert [each.key for each in found.references] == ["roles.Entry.trust", "roles.Entry"]


def denies(policy, login, issued, identity=None):
    context = {"aws:userid": f"AROA:{login}", "aws:TokenIssueTime": issued}
    context |= {"aws:SourceIdentity": identity} if identity else {}
    everything = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    )
    request = Request("s3:ListAllMyBuckets", context=context)
    return not evaluate(request, identity=[everything, Policy.parse(policy)]).allowed


BEFORE, AFTER = "2026-11-27T11:59:59Z", "2026-11-27T12:00:01Z"


def test_the_policy_ends_their_open_sessions_and_nobody_elses():
    policy = leaving().roles[0].revocation

    assert denies(policy, ADA, BEFORE)
    assert not denies(policy, ADA, AFTER), "should they come back"
    assert not denies(policy, GRACE, BEFORE)


def test_after_a_role_chain_it_goes_by_the_source_identity_or_ends_all_older_sessions():
    identity = {"sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]}}
    whose = leaving(app=identity).roles[1].revocation
    everybodys = leaving().roles[1].revocation

    assert denies(whose, "any-name", BEFORE, ADA)
    assert not denies(whose, "any-name", BEFORE, GRACE)
    assert denies(everybodys, "any-name", BEFORE)
    assert not denies(everybodys, "any-name", AFTER)


@pytest.mark.parametrize(("login", "code"), [(ADA, 1), ("nobody@example.com", 0)])
def test_the_command_says_it_in_lines_and_in_json(tmp_path, login, code):
    file = tmp_path / "Pulumi.dev.yaml"
    config = {f"okta-aws-federation:{key}": each for key, each in values().items()}
    file.write_text(json.dumps({"config": config}))

    lines = CliRunner().invoke(access, ["offboard", str(file), login, "--policies"])
    value = json.loads(CliRunner().invoke(access, ["offboard", str(file), login, "--json"]).output)

    assert lines.exit_code == code
    assert ("groups.AWSEntry.members" in lines.output) is bool(code)
    assert ("aws:TokenIssueTime" in lines.output) is bool(code)
    assert bool(value["references"]) is bool(code)
