"""One thing changed in a good stack file: it is caught and named, or shown to be harmless.

`refused`: the settings refuse the file. `missed`: an expectation does not hold. `finding`: `check`
tells it. `component`: the component refuses it. `rule`: a rule of the pack does. `diff`: nothing of
these, and the access diff tells who gains or loses. `harmless`: nobody gains or loses anything.
"""

import copy
import json
from types import SimpleNamespace

import pytest

import settings
import trust as trust_rules
from access import model as models
from access.changes import changes
from access.findings import findings
from access.model import AccessModel
from access.suggested_fixes import failed
from components import InvalidArgs
from okta_aws_federation.iam.policy import Policy

ADA, GRACE, JOAN = "ada@example.com", "grace@example.com", "joan@example.com"
LOGS = {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
ONE = {
    "accounts": {"main": {"id": "123456789012", "region": "eu-central-1"}},
    "app": {
        "sessionHours": 2,
        "sessionTags": {"login": "user.login"},
        "sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]},
        "signInRegion": "eu-central-1",
        "fallbackRegions": ["eu-west-1"],
    },
    "roles": {
        "Developer": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
            "inlinePolicies": {"Logs": [LOGS]},
            "sessionHours": 2,
            "trust": {"closes": "2026-12-31"},
        },
        "Admin": {
            "managedPolicies": ["AdministratorAccess"],
            "inlinePolicies": {"NoIam": [DENY]},
            "boundary": "PowerUserAccess",
            "sessionHours": 2,
        },
    },
    "groups": {
        "Developers": {"roles": ["Developer"], "members": [ADA, GRACE], "priority": 2},
        "Admins": {"roles": ["Admin", "Developer"], "members": [JOAN], "priority": 1},
    },
    "provisioning": {"keys": ["2026-11"], "integration": "done"},
    "expect": [
        {"user": ADA, "can": ["ec2:DescribeInstances", "logs:GetLogEvents"], "cannot": ["s3:*"]},
        {"user": GRACE, "cannot": ["ec2:RunInstances"]},
        {"user": JOAN, "can": ["ec2:RunInstances"], "cannot": ["iam:*"]},
        {"group": "Developers", "cannot": ["ec2:RunInstances"]},
    ],
    "today": "2026-11-25",
}
MANY = {
    "mode": "group-mapping",
    "accounts": {
        "build": {"id": "111111111111", "region": "eu-central-1"},
        "live": {"id": "222222222222", "region": "eu-west-1"},
    },
    "roles": {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Admin": {"managedPolicies": ["AdministratorAccess"], "accounts": ["build"]},
    },
    "groups": {
        "Developers": {"roles": ["Developer"], "members": [ADA]},
        "Builders": {"roles": ["Admin"], "members": [JOAN]},
    },
    "expect": [
        {"user": ADA, "can": ["ec2:DescribeInstances"], "cannot": ["ec2:RunInstances"]},
        {"user": JOAN, "can": ["iam:CreateUser"]},
    ],
    "today": "2026-11-25",
}

GONE = object()
# name, stack, path, new value, what catches it, a part of what it says
FILES = [
    ("raise the session over the role's", ONE, "app.sessionHours", 5, "refused", "roles.Developer"),
    ("shorten a role's session", ONE, "roles.Admin.sessionHours", 1, "refused", "no login would"),
    ("drop an attachment", ONE, "roles.Developer.managedPolicies", [], "missed", "expect.0.can.0"),
    (
        "drop an inline policy",
        ONE,
        "roles.Developer.inlinePolicies",
        {},
        "missed",
        "expect.0.can.1",
    ),
    (
        "attach one too many",
        *(ONE, "roles.Developer.managedPolicies", ["AmazonEC2FullAccess"]),
        *("missed", "expect.1.cannot.0 = 'ec2:RunInstances': grace@example.com can"),
    ),
    (
        "attach storage",
        *(
            ONE,
            "roles.Developer.managedPolicies",
            ["AmazonEC2ReadOnlyAccess", "AmazonS3FullAccess"],
        ),
        *("missed", "expect.0.cannot.0"),
    ),
    ("drop the denial", ONE, "roles.Admin.inlinePolicies", {}, "missed", "expect.2.cannot.0"),
    (
        "drop the boundary",
        ONE,
        "roles.Admin.boundary",
        GONE,
        "diff",
        "no more than PowerUserAccess",
    ),
    ("narrow the boundary", ONE, "roles.Admin.boundary", "SecurityAudit", "missed", "boundary"),
    (
        "misspell a boundary",
        ONE,
        "roles.Admin.boundary",
        "PowrUserAccess",
        "finding",
        "did you mean",
    ),
    (
        "close the window",
        ONE,
        "roles.Developer.trust.closes",
        "2026-11-24",
        "missed",
        "trust policy",
    ),
    ("open it later", ONE, "roles.Developer.trust.opens", "2026-12-01", "missed", "trust policy"),
    (
        "close it a day later",
        ONE,
        "roles.Developer.trust.closes",
        "2027-01-01",
        "diff",
        "2027-01-02",
    ),
    (
        "swap the priorities with a person in both",
        *(
            ONE,
            "groups.Developers",
            {"roles": ["Developer"], "members": [ADA, GRACE, JOAN], "priority": 1},
        ),
        *("refused", "groups.Developers.priority = 1: is also that of Admins"),
    ),
    (
        "put the admin into the group that loses",
        *(ONE, "groups.Developers.members", [ADA, GRACE, JOAN]),
        *("harmless", ""),
    ),
    (
        "put a developer into the group that wins",
        *(ONE, "groups.Admins.members", [JOAN, GRACE]),
        *("missed", "expect.1.cannot.0"),
    ),
    (
        "reorder priorities with a person in both",
        *(ONE, "groups.Admins", {"roles": ["Admin"], "members": [JOAN, ADA], "priority": 3}),
        *("finding", "priority-hides-roles"),
    ),
    ("misspell a role", ONE, "groups.Developers.roles", ["Developr"], "refused", "did you mean"),
    ("misspell a key", ONE, "groups.Developers.member", [ADA], "refused", "did you mean 'members'"),
    (
        "misspell an action",
        ONE,
        "expect.0",
        {"user": ADA, "can": ["ec2:DescribeInstancs"]},
        "missed",
        "did you",
    ),
    ("move a person", ONE, "groups.Developers.members", [GRACE], "missed", "expect.0.can.0"),
    ("empty a group", ONE, "groups.Admins.members", [], "missed", "expect.2.can.0"),
    ("let a rule take everybody", ONE, "groups.Admins.rule", "true", "finding", "every person"),
    ("take Everyone", ONE, "groups.Everyone", {"roles": ["Admin"]}, "refused", "every person"),
    (
        "forbid the source identity",
        ONE,
        "app.sourceIdentity.allow",
        ["*@other.example"],
        "missed",
        "SetSource",
    ),
    ("send no source identity", ONE, "app.sourceIdentity", GONE, "diff", "sts:SetSourceIdentity"),
    ("send another tag", ONE, "app.sessionTags", {"team": '"blue"'}, "diff", "aws:TagKeys"),
    (
        "ask for a tag nobody has",
        ONE,
        "roles.Developer.trust.conditions",
        {"StringEquals": {"aws:RequestTag/x": "1"}},
        "missed",
        "trust",
    ),
    (
        "change the region's partition",
        ONE,
        "accounts.main.region",
        "us-gov-west-1",
        "refused",
        "is not a region of",
    ),
    ("sign in at another region", ONE, "app.signInRegion", "eu-west-1", "diff", "eu-west-1"),
    ("drop the fallback", ONE, "app.fallbackRegions", [], "finding", "one-sign-in-region"),
    (
        "restrict to a network",
        ONE,
        "roles.Developer.trust.sourceIps",
        ["203.0.113.0/24"],
        "diff",
        "aws:SourceIp",
    ),
    (
        "trust another provider",
        ONE,
        "roles.Developer.trust.providers",
        ["Other"],
        "diff",
        "saml-provider/Other",
    ),
    (
        "name the audience by hand",
        ONE,
        "roles.Developer.trust.conditions",
        {"StringLike": {"SAML:aud": "*"}},
        "refused",
        "SAML:aud",
    ),
    ("use an old key", ONE, "provisioning.keys", ["2026-01"], "finding", "key-is-old"),
    ("use three keys", ONE, "provisioning.keys", ["a", "b", "c"], "refused", "at most 2"),
    ("rename the group", ONE, "groups.Developers.description", "Writes code.", "harmless", ""),
    ("tag everything", ONE, "tags", {"owner": "identity"}, "harmless", ""),
    ("rename the app", ONE, "app.label", "AWS", "harmless", ""),
    ("swap two accounts' ids", MANY, "accounts.live.id", "111111111111", "refused", "also that of"),
    (
        "send a role to an account more",
        MANY,
        "roles.Admin.accounts",
        ["build", "live"],
        "diff",
        "live/Admin",
    ),
    (
        "keep a role from an account",
        MANY,
        "roles.Developer.accounts",
        ["live"],
        "diff",
        "build/Developer",
    ),
    (
        "break the filter",
        MANY,
        "app.groupFilter",
        r"aws_(?{{accountid}}\d+)_(?{{role}}[a-z]+)",
        "refused",
        "reads",
    ),
    (
        "name a group like a role's",
        MANY,
        "groups.aws_111111111111_Admin",
        {"roles": ["Developer"]},
        "refused",
        "by its name alone",
    ),
    ("give a role a path of its own", MANY, "roles.Admin.path", "/x/", "refused", "the same path"),
    (
        "join two people",
        MANY,
        "groups.Builders.members",
        [JOAN, ADA],
        "missed",
        "expect.0.cannot.0",
    ),
    ("reorder members", ONE, "groups.Developers.members", [GRACE, ADA], "harmless", ""),
]


def edited(values, path, value):
    values = copy.deepcopy(values)
    *parents, last = path.split(".")
    here = values
    for part in parents:
        here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
    if value is GONE:
        del here[last]
    elif isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value
    return values


def caught(before, values):
    """What catches a changed stack file first, and everything that it says."""
    try:
        after = AccessModel(settings.parse(values))
    except settings.SettingsError as error:
        return "refused", str(error)
    if found := failed(after):
        return "missed", "\n".join(map(str, found))
    if told := findings(after):
        return "finding", "\n".join(f"{finding} [{finding.rule}]" for finding in told)
    if differs := changes(before, after):
        return "diff", "\n".join(change.description for change in differs)
    return "harmless", ""


@pytest.mark.parametrize("values", [ONE, MANY], ids=["saml-roles", "group-mapping"])
def test_the_stack_file_is_good_to_begin_with(values):
    estate = AccessModel(settings.parse(values))

    assert failed(estate) == []
    assert findings(estate) == []


@pytest.mark.parametrize(
    ("values", "path", "value", "by", "said"),
    [row[1:] for row in FILES],
    ids=[row[0] for row in FILES],
)
def test_one_change_of_a_stack_file_is_caught_or_harmless(values, path, value, by, said):
    found, told = caught(AccessModel(settings.parse(values)), edited(values, path, value))

    assert (found, said in told) == (by, True), told


# Changes of what is generated, which no stack file can make: the program would have to be wrong.


def swap_provider(document):
    document["Statement"][0]["Principal"]["Federated"] = "arn:aws:iam::123456789012:saml-provider/X"


def other_account(document):
    document["Statement"][0]["Principal"]["Federated"] = (
        "arn:aws:iam::999999999999:saml-provider/Okta"
    )


def other_audience(document):
    document["Statement"][0]["Condition"]["StringEquals"]["SAML:aud"] = "https://x.example/saml"


def no_audience(document):
    del document["Statement"][0]["Condition"]["StringEquals"]["SAML:aud"]


def wrong_action(document):
    document["Statement"][0]["Action"] = "sts:AssumeRoleWithWebIdentity"


def denied(document):
    document["Statement"][0]["Effect"] = "Deny"


def no_tags(document):
    document["Statement"] = [s for s in document["Statement"] if s["Action"] != "sts:TagSession"]


def no_identity(document):
    document["Statement"] = [
        s for s in document["Statement"] if s["Action"] != "sts:SetSourceIdentity"
    ]


def anybody(document):
    document["Statement"][0]["Principal"]["Federated"] = "*"


@pytest.mark.parametrize(
    "mutate",
    [swap_provider, other_account, other_audience, wrong_action, denied, no_tags, no_identity],
)
def test_a_trust_policy_that_keeps_people_out_is_missed(monkeypatch, mutate):
    def mutated(stack, place):
        document = copy.deepcopy(original(stack, place))
        mutate(document)
        return Policy.parse(document, name="trust policy")

    from access.trusts import trust_document as original

    monkeypatch.setattr(models, "trust_policy", mutated)

    assert "AWS does not let ada@example.com in" in "\n".join(
        map(str, failed(AccessModel(settings.parse(ONE))))
    )


@pytest.mark.parametrize(
    ("mutate", "rule"),
    [
        (no_audience, trust_rules.saml_trust_has_audience),
        (anybody, trust_rules.no_wildcard_in_federated_principal),
    ],
)
def test_a_trust_policy_that_lets_more_in_breaks_a_rule_of_the_pack(mutate, rule):
    from access.trusts import trust_document

    stack = settings.parse(ONE)
    document = json.loads(json.dumps(trust_document(stack, stack.account_roles["Developer"])))
    assert said_by(rule, document) == []
    mutate(document)

    assert said_by(rule, document)


def said_by(rule, document):
    said = []
    args = SimpleNamespace(
        resource_type="aws:iam/role:Role",
        props={"assumeRolePolicy": json.dumps(document), "name": "Developer"},
        name="Developer",
        urn="urn:role",
        get_config=dict,
        provider=None,
    )
    rule.validate(args, lambda message, urn=None: said.append(message))
    return said


def test_a_component_refuses_a_trust_without_audience():
    from components import FederatedRoleArgs, Trust

    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithSAML",
        "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/X"},
    }
    with pytest.raises(InvalidArgs, match="SAML:aud"):
        FederatedRoleArgs(
            role_name="Audit",
            provider_arns=["arn:aws:iam::123456789012:saml-provider/Okta"],
            trust=Trust(statements=[statement]),
        )


def test_there_are_forty_of_them():
    assert len({row[0] for row in FILES}) >= 40
