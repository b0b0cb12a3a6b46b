"""What does not fit in a stack file, each finding with key, value and fix."""

import base64
import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest

import settings
from access.findings import CHECKS, Severity, findings
from access.findings.people import takes_everybody
from access.model import AccessModel
from access.response_size import API_LIMIT, response_size
from sandbox.okta import metadata, saml

ROOT = Path(__file__).parents[3]
ADA, GRACE = "ada@example.com", "grace@example.com"
GOOD = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Auditor": {"managedPolicies": ["SecurityAudit"]},
    },
    "groups": {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
        "Auditors": {"roles": ["Auditor"], "members": [GRACE], "priority": 2},
    },
    "expect": [{"user": ADA, "can": ["ec2:DescribeInstances"]}],
    "today": "2026-11-25",
}


def of(*edits, **sections):
    values = copy.deepcopy(GOOD | sections)
    for path, value in edits:
        *parents, last = path.split(".")
        here = values
        for part in parents:
            here = here.setdefault(part, {})
        here[last] = value
    return findings(AccessModel(settings.parse(values)))


def test_a_good_stack_has_none():
    assert of() == []


TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
HOP = TRUST | {"Resource": "arn:aws:iam::123456789012:role/Other"}
IDENTITY = {"value": "user.login", "allow": ["*@example.com"]}


def list_bucket_if(condition):
    """Inline policies with one statement, under a condition."""
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    return {"Own": [statement | {"Condition": condition}]}


CASES = [
    (
        "roles.Developer.sessionHours",
        4,
        "note",
        "role-hours-beyond-app",
        "roles.Developer.sessionHours = '4': is more than app.sessionHours = 1",
    ),
    (
        "app",
        {"commandLine": {}, "signOnPolicy": {"reauthenticateHours": 0}},
        "warning",
        "command-line-asks-each-time",
        "app.signOnPolicy.reauthenticateHours = '0': asks for the second factor each time",
    ),
    ("groups.Empty", {"roles": ["Auditor"]}, "note", "group-is-empty", "groups.Empty: has nobody"),
    (
        "groups.Auditors.rule",
        "true",
        "error",
        "group-is-for-everybody",
        "groups.Auditors.rule = 'true': takes every person of the org",
    ),
    (
        "groups.Auditors.rule",
        'user.department=="x" and user.lastName=="Auditor"',
        "note",
        "people-edit-it",
        "reads user.lastName, which people may change of themselves",
    ),
    (
        "app.sessionTags",
        {"team": "user.secondEmail"},
        "note",
        "people-edit-it",
        "app.sessionTags.team = 'user.secondEmail': reads user.secondEmail",
    ),
    (
        "groups.Auditors.rule",
        "user.login != null",
        "error",
        "group-is-for-everybody",
        "narrow the rule",
    ),
    (
        "groups.Auditors.members",
        [GRACE, ADA],
        "warning",
        "priority-hides-roles",
        "groups.Auditors.members = 'ada@example.com': is in Developers too, whose priority wins: "
        "Auditor is not offered; take them out of one group",
    ),
    (
        "groups.Auditors.temporary",
        {"joan@example.com": "2026-11-24"},
        "note",
        "membership-is-over",
        "groups.Auditors.temporary.joan@example.com = '2026-11-24': has passed",
    ),
    (
        "app.sourceIdentity",
        {"value": "user.login", "allow": ["*@other.example"]},
        "warning",
        "shut-out",
        "groups.Developers.members = 'ada@example.com': AWS does not let ada@example.com in as",
    ),
    ("roles.Third", {}, "warning", "role-without-group", "roles.Third: is in no group's roles"),
    (
        "roles.Auditor.trust.closes",
        "2026-11-24",
        "warning",
        "role-has-closed",
        "roles.Auditor.trust.closes = '2026-11-24': has passed, so AWS lets nobody in; move",
    ),
    (
        "roles.Auditor.trust.closes",
        "2026-12-01",
        "note",
        "role-closes-soon",
        "roles.Auditor.trust.closes = '2026-12-01': is in 6 days",
    ),
    (
        "roles.Auditor.trust.opens",
        "2026-12-01",
        "note",
        "role-is-not-open-yet",
        "roles.Auditor.trust.opens = '2026-12-01': is to come",
    ),
    (
        "roles.Auditor.trust.sessionTags",
        ["team"],
        "note",
        "tag-is-never-sent",
        "roles.Auditor.trust.sessionTags = 'team': is accepted, and the app does not send it",
    ),
    (
        "app.signInRegion",
        "eu-central-1",
        "note",
        "one-sign-in-region",
        "app.signInRegion = 'eu-central-1': is the only region",
    ),
    (
        "roles.Auditor.managedPolicies",
        ["SecurityAudti"],
        "error",
        "unknown-aws-policy",
        "(did you mean 'SecurityAudit'?); correct it",
    ),
    (
        "roles.Auditor.boundary",
        "arn:aws:iam::aws:policy/Nothing",
        "warning",
        "unknown-aws-policy",
        "roles.Auditor = 'arn:aws:iam::aws:policy/Nothing': is not among",
    ),
    (
        "groups",
        {"Auditors": {"roles": ["Auditor"]}, "Developers": {"roles": ["Developer"]}},
        "warning",
        "nobody-enters",
        "groups: have no members, so nobody can assume any role; add members or a rule; if that",
    ),
    (
        "groups",
        {},
        "error",
        "nobody-enters",
        "groups: has no group, so nobody can assume any role; add members or a rule; if that is",
    ),
    (
        "roles.Auditor.inlinePolicies",
        {"Own": [{"Effect": "Allow", "Action": "s3:Getobjekt", "Resource": "*"}]},
        "warning",
        "unknown-action",
        "roles.Auditor.inlinePolicies.Own = 's3:Getobjekt': is no action of s3 (did you mean",
    ),
    (
        "provisioning.keys",
        ["2026-10", "2026-11"],
        "note",
        "two-keys",
        "provisioning.keys = '2026-10, 2026-11': are both valid; remove 2026-10 once Okta has 2026",
    ),
    (
        "provisioning.keys",
        ["2026-05"],
        "warning",
        "key-is-old",
        "provisioning.keys = '2026-05': began 208 days ago, and a key should be replaced after 90",
    ),
    ("expect", [], "note", "nothing-is-expected", "expect: is empty"),
    (
        "roles.Auditor.trust.statements",
        [TRUST | {"Principal": {"AWS": "210987654321"}}],
        "warning",
        "role-open-to-account",
        "roles.Auditor.trust.statements = '210987654321': lets in everybody whom that account",
    ),
    (
        "roles.Auditor.trust.statements",
        [
            TRUST
            | {
                "Principal": {"AWS": "*"},
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
            }
        ],
        "note",
        "role-open-to-everybody",
        "roles.Auditor.trust.statements = '*': lets every AWS account in",
    ),
    (
        "roles.Auditor.trust.statements",
        [
            TRUST
            | {
                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                "Condition": {"StringLike": {"aws:PrincipalArn": "*"}},
            }
        ],
        "warning",
        "role-open-to-account",
        "roles.Auditor.trust.statements = '210987654321': lets in everybody whom that account",
    ),
    (
        "roles.Auditor.trust.statements",
        [
            TRUST
            | {
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
            }
        ],
        "note",
        "service-without-source",
        "roles.Auditor.trust.statements = 'ecs-tasks.amazonaws.com': may use the role",
    ),
    (
        "roles.Auditor.trust.statements",
        [TRUST | {"Principal": {"Service": "scheduler.amazonaws.com"}}],
        "note",
        "service-without-source",
        "roles.Auditor.trust.statements = 'scheduler.amazonaws.com': may use the role",
    ),
    (
        "roles.Auditor",
        {
            "managedPolicies": ["SecurityAudit"],
            "inlinePolicies": {"Hop": [HOP]},
        },
        "warning",
        "source-identity-stops-chain",
        "roles.Auditor = 'arn:aws:iam::123456789012:role/Other': may be assumed from it, but app",
    ),
    (
        "okta.requestTimeoutSeconds",
        60,
        "warning",
        "request-timeout-counts-waits",
        "okta.requestTimeoutSeconds = '60': is one deadline over a call with all its waits",
    ),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if({"IpAddress": {"aws:SorceIp": "203.0.113.0/24"}}),
        "warning",
        "condition-key",
        "'aws:SorceIp': is a condition key that AWS never sets (did you mean 'aws:SourceIp'?)",
    ),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if({"StringEquals": {"s3:prefix": "${aws:usrname}/"}}),
        "warning",
        "condition-key",
        "'aws:usrname': is a condition key that AWS never sets (did you mean 'aws:username'?)",
    ),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if({"StringEquals": {"aws:PrincipalTag/": "blue"}}),
        "warning",
        "condition-key",
        "(did you mean 'aws:PrincipalTag/'?)",
    ),
    (
        "roles.Auditor.trust.conditions",
        {"StringEquals": {"SAML:sub_typ": "persistent"}},
        "warning",
        "condition-key",
        "roles.Auditor.trust.conditions = 'SAML:sub_typ': is a condition key that AWS never sets",
    ),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if({"StringEquals": {"aws:SourceIp": "203.0.113.0/24"}}),
        "warning",
        "condition-key",
        "'aws:SourceIp': has values of type address, and StringEquals compares another; use an op",
    ),
    (
        "roles.Auditor.managedPolicies",
        ["aws-service-role/AmazonECSServiceRolePolicy"],
        "error",
        "policy-of-a-service-role",
        "is for service-linked roles, and AWS attaches it to no other",
    ),
    (
        "roles.Auditor.alarms",
        ["arn:aws:sns:eu-west-1:123456789012:x"],
        "warning",
        "alarm-misses-sign-ins",
        "roles.Auditor.alarms: have none in us-east-1, where people sign in",
    ),
    (
        "roles.Auditor.trust.sourceIps",
        ["10.0.0.0/8"],
        "warning",
        "network-is-private",
        "roles.Auditor.trust.sourceIps = '10.0.0.0/8': is not on the internet",
    ),
    (
        "provisioning.sourceIps",
        ["fd00::/16"],
        "warning",
        "network-is-private",
        "provisioning.sourceIps = 'fd00::/16': is not on the internet",
    ),
    (
        "roles.Auditor.trust.statements",
        [TRUST | {"Principal": {"AWS": "arn:aws:iam::123456789012:role/Auditor"}}],
        "error",
        "principal-is-not-there",
        "is not there before the role, which trusts itself or is trusted by it; trust arn:aws:iam",
    ),
]


@pytest.mark.parametrize(("path", "value", "severity", "rule", "said"), CASES)
def test_what_does_not_fit_is_one_line(path, value, severity, rule, said):
    more = [("app.sourceIdentity", IDENTITY)] if rule == "source-identity-stops-chain" else []
    found = [finding for finding in of((path, value), *more) if finding.rule == rule]

    assert found
    assert {finding.severity for finding in found} == {Severity(severity)}
    assert any(said in str(finding) for finding in found)
    assert all(str(finding).startswith("okta-aws-federation:") for finding in found)


OK = [
    ("groups.Auditors.rule", 'user.department=="Audit"'),
    ("groups.Empty", {"roles": ["Auditor"], "existing": True}),
    ("groups.Auditors.temporary", {"joan@example.com": "2026-11-25"}),
    ("roles.Auditor.trust.closes", "2027-11-25"),
    ("roles.Auditor.trust.opens", "2026-11-25"),
    ("roles.Auditor.managedPolicies", ["arn:aws:iam::123456789012:policy/Theirs"]),
    ("roles.Auditor.managedPolicies", ["job-function/ViewOnlyAccess"]),
    ("provisioning.keys", ["2026-10"]),
    ("okta.minWaitSeconds", 5),
    ("app.sourceIdentity", {"value": "user.login", "allow": ["*@example.com"]}),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if(
            {
                "StringEquals": {"AWS:PRINCIPALTAG/Team": "blue", "kms:ViaService": "x"},
                "NumericLessThan": {"aws:EpochTime": 1798675200},
                "Null": {"aws:TokenIssueTime": True},
            }
        ),
    ),
    (
        "roles.Auditor.inlinePolicies",
        list_bucket_if(
            {
                "ForAnyValue:StringLike": {"aws:CalledVia": "a.amazonaws.com"},
                "NotIpAddressIfExists": {"aws:VpcSourceIp": "10.0.0.0/8"},
            }
        ),
    ),
    ("roles.Auditor.alarms", ["arn:aws:sns:us-east-1:123456789012:x"]),
    ("roles.Auditor.trust.sourceIps", ["203.0.113.0/24", "10.0.0.0/7"]),
    ("roles.Auditor.boundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
]


@pytest.mark.parametrize(("path", "value"), OK)
def test_what_looks_alike_and_fits_is_not_told(path, value):
    assert of((path, value)) == []


def test_a_person_whose_roles_okta_combines_has_none_hidden():
    assert of(("groups.Auditors.members", [GRACE, ADA]), ("app.combineRoles", True)) == []


def many(number):
    names = [f"Role{each:04}" for each in range(number)]
    return {
        "roles": {name: {"managedPolicies": ["SecurityAudit"]} for name in names},
        "groups": {"All": {"roles": names, "members": [ADA]}},
        "expect": [{"user": ADA, "can": ["iam:ListRoles"]}],
    }


@pytest.mark.parametrize(
    ("roles", "rule"),
    [(100, None), (230, "response-nearly-too-large"), (300, "response-too-large")],
)
def test_a_person_of_too_many_roles_is_told_before_aws_refuses(roles, rule):
    assert [finding.rule for finding in of(**many(roles))] == ([rule] if rule else [])


@pytest.mark.parametrize("roles", [1, 10, 100, 300])
def test_the_estimate_is_never_less_than_a_response_of_the_stand_in(roles):
    estate = AccessModel(settings.parse(GOOD | many(roles)))
    now = datetime.now(UTC)
    prefix = "https://aws.amazon.com/SAML/Attributes/"
    pairs = [
        f"arn:aws:iam::123456789012:saml-provider/Okta,arn:aws:iam::123456789012:role/Role{n:04}"
        for n in range(roles)
    ]
    claims = saml.Claims(
        issuer="http://www.okta.com/exk3HaRP3LQzcHM5IuNz",
        subject=ADA,
        sign_in_url="https://ap-southeast-1.signin.aws.amazon.com/saml",
        audience="urn:amazon:webservices",
        attributes=[
            saml.Attribute(f"{prefix}Role", pairs, "uri"),
            saml.Attribute(f"{prefix}RoleSessionName", [ADA], "basic"),
            saml.Attribute(f"{prefix}SessionDuration", ["43200"], "basic"),
        ],
    )
    signed = saml.response(claims, metadata.new_key("00o" + "x" * 17, now), now)

    real, estimate = len(base64.b64encode(signed)), response_size(estate, ADA)

    assert real <= estimate <= real * 1.3
    assert (roles == 300) == (estimate > API_LIMIT)


@pytest.mark.parametrize(
    ("roles", "quota", "severity"),
    [(801, 1000, "warning"), (1001, 1000, "error"), (1001, 2000, None)],
)
def test_an_account_takes_so_many_roles(roles, quota, severity):
    told = many(roles) | {"quotas": {"rolesPerAccount": quota}}
    told["groups"] = {"All": {"roles": ["Role0000"], "members": [ADA]}}

    found = [f.severity.value for f in of(**told) if f.rule == "roles-in-account"]

    assert found == ([severity] if severity else [])


def test_many_assignments_take_long():
    groups = {f"G{n}": {"roles": ["Auditor"], "members": [ADA]} for n in range(51)}
    roles = {"Auditor": GOOD["roles"]["Auditor"]}

    found = {f.rule: f for f in of(groups=groups, roles=roles, expect=[])}

    assert "a refresh takes about 2 minutes" in str(found["many-assignments"])


def test_errors_come_first():
    found = of(("groups.Auditors.rule", "true"), ("roles.Third", {}), ("expect", []))

    assert [finding.severity.value for finding in found] == ["error", "warning", "note"]


def test_every_finding_is_in_the_reference():
    page = (ROOT / "docs/reference/findings.md").read_text()
    rules = {rule for _, _, _, rule, _ in CASES} | {
        *("response-nearly-too-large", "response-too-large", "roles-in-account"),
        *("policies-in-account", "many-assignments", "app-exists", "environment-is-not-read"),
        "key-in-use",
    }

    listed = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}

    assert listed == rules
    assert len(CHECKS) > 10


def test_who_wins_by_name_alone_is_told_to_set_a_priority():
    groups = {
        "Beta": {"roles": ["Auditor"], "members": [ADA]},
        "Alpha": {"roles": ["Developer"], "members": [ADA]},
    }
    [finding] = [each for each in of(groups=groups) if each.rule == "priority-hides-roles"]
    assert "is in Alpha too, which comes first by name, as no group has a priority" in str(finding)
    assert "set priority for both groups, take them out of one group" in str(finding)


@pytest.mark.parametrize(
    ("rule", "everybody"),
    [
        ("(true)", True),
        ("! false", True),
        ("1 == 1", True),
        ('user.department == "x" OR true', True),
        ('user.department == "x" || user.department  !=  "x"', True),
        ('(user.title == "x" or true) AND user.login != null', True),
        ('String.stringContains(user.login, "@")', True),
        ('String.startsWith(user.login,"")', True),
        ('user.department == "x" AND true', False),
        ('(user.title == "x") OR (user.title == "y")', False),
        ('user.title == "true or false"', False),
        ('user.department != "x"', False),
        ('String.startsWith(user.login,"adm")', False),
    ],
)
def test_a_rule_for_everybody_is_known_by_its_form(rule, everybody):
    assert takes_everybody(rule) is everybody


@pytest.mark.parametrize(
    ("edit", "integration", "severities"),
    [
        (("tags.owner", "x"), "pending", [Severity.WARNING]),
        (("tags.owner", "x"), "done", [Severity.ERROR]),
        (("groups.Auditors.temporary", {}), "done", []),
        (("app.active", False), "done", []),
    ],
    ids=["pending", "done", "waits for people", "inactive"],
)
def test_empty_groups_are_refused_once_people_could_sign_in(edit, integration, severities):
    groups = {name: {"roles": group["roles"]} for name, group in GOOD["groups"].items()}
    found = of(edit, ("provisioning.integration", integration), groups=groups, expect=[])
    assert [each.severity for each in found if each.rule == "nobody-enters"] == severities
