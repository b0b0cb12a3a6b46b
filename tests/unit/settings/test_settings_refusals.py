"""Every refusal of a stack file: one line, with the key, the value and what to do."""

import json
import re

import pytest
import yaml

import settings
from tests.unit.iam.test_condition_values import READABLE
from tests.unit.settings.conftest import RIGHT

ALLOW = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
READ_BACK = r"^(?{{accountid}}\d+)-(?{{role}}.+)$"
FORMS = [
    ("accounts.main.id", "12", "= '12': must be 12 digits; write the account id in quotes"),
    ("accounts.main.id", 123456789012, "= 123456789012: must be a text; put it in quotes"),
    ("accounts.main.region", "Ohio", "= 'Ohio': must be an AWS region; write a region such as"),
    ("accounts.my account", {}, ": must be 1 to 32 letters, digits or - _, and begin"),
    ("accounts.main.assumeRole", "Deployer", "= 'Deployer': must be a role's ARN; write it as"),
    ("accounts", {}, ": must hold at least 1; add what is missing"),
    ("mode", "both", "= 'both': must be 'saml-roles' or 'group-mapping'; choose one of them"),
    ("app.label", "", "= '': must not be empty; write something"),
    ("app.label", "x" * 101, ": must be at most 100 characters; shorten it"),
    ("app.provider", "Okta/1", "= 'Okta/1': must be 1 to 128 letters, digits or . _ -; choose"),
    ("app.sessionHours", 13, "= 13: must be at most 12; lower it"),
    ("app.sessionHours", 0, "= 0: must be at least 1; raise it"),
    ("app.sessionHours", "1", "= '1': must be a whole number; write it without quotes"),
    ("app.loginUrl", "http://x", "= 'http://x': must be an https address; write it with https"),
    ("app.signInRegion", "eu", "= 'eu': must be an AWS region; write a region such as"),
    ("app.joinAllRoles", "yes", "= 'yes': must be true or false; write it without quotes"),
    (
        "app.sessionTags",
        {"aws:x": "user.x"},
        ".aws:x = 'aws:x': begins with aws:, which AWS",
    ),
    ("app.sourceIdentity", {"value": "user.login", "allow": []}, ".allow: must hold at least 1"),
    ("app.transitiveTags", ["team", "team"], ".1 = 'team': is in the list twice; take one out"),
    ("app.transitiveTags", ["team"], "= 'team': is not among the session tags; add it"),
    ("app.webSsoAllowedClient", "0oa", "= '0oa': must be an id of Okta: 20 characters; copy it"),
    ("app.signOnPolicy.reauthenticateHours", -1, "= -1: must be at least 0; raise it"),
    ("app.certificate.years", 11, "= 11: must be at most 10; lower it"),
    ("roles", {}, ": must hold at least 1; add what is missing"),
    ("roles.Dev/x", {}, ": must be 1 to 64 letters, digits or + = , . @ - _, and not begin as"),
    ("roles.Developer.managedPolicies", ["a b"], ".0 = 'a b': must be the name of an AWS managed"),
    ("roles.Developer.managedPolicies", "ReadOnlyAccess", ": must be a list; write it as [one"),
    ("roles.Developer.sessionHours", 13, "= 13: must be at most 12; lower it"),
    ("roles.Developer.description", "x" * 1001, ": must be at most 1000 characters; shorten it"),
    ("roles.Developer.path", "okta", "= 'okta': must begin and end with / and be at most 512"),
    (
        "roles.Developer.tags",
        {"team": "a\\b"},
        ".team = 'a\\\\b': holds '\\\\', and a tag",
    ),
    ("roles.Developer.accounts", ["main", "main"], ".1 = 'main': is in the list twice; take one"),
    ("roles.Developer.boundary", "a b", "= 'a b': must be the name of an AWS managed policy or"),
    ("roles.Developer.inlinePolicies", {"x": []}, ".x: must hold at least 1; add what is"),
    ("roles.Developer.trust.sourceIps", ["10.0.0.1/8"], ".0 = '10.0.0.1/8': is not a range of"),
    ("roles.Developer.trust.opens", "soon", "= 'soon': is not a day; write it as 2026-12-31"),
    ("roles.Developer.trust.providers", ["a/b"], ".0 = 'a/b': must be the name of a SAML"),
    ("roles.Developer.trust.conditions", {"Equals": {}}, "is not a condition operator of IAM"),
    ("roles.Developer.trust.sourceIdentities", ["aws:x"], ".0 = 'aws:x': must be 1 to 64"),
    ("provisioning.user", "a/b", "= 'a/b': must be 1 to 64 letters, digits or + = , . @ - _"),
    ("provisioning.policy", "x" * 129, ": must be 1 to 128 letters, digits or"),
    ("provisioning.keys", [], ": must hold at least 1; add what is missing"),
    ("provisioning.keys", ["a", "b", "c"], ": must hold at most 2; take some out"),
    ("provisioning.attach", "role", "= 'role': must be 'group' or 'user'; choose one of them"),
    ("provisioning.integration", "ready", "= 'ready': must be 'pending' or 'done'; choose one"),
    ("provisioning.permissions", "all", "= 'all': must be 'list-roles' or 'multi-account'"),
    ("provisioning.store", {"kind": "vault"}, ".kind = 'vault': must be 'ssm' or 'secretsm"),
    ("provisioning.store", {"kind": "ssm", "name": "a b"}, ".name = 'a b': must be letters, dig"),
    ("provisioning.sourceIps", ["here"], ".0 = 'here': is not a range of addresses"),
    ("groups.AWSDeveloper.roles", [], ": must hold at least 1; add what is missing"),
    ("groups.AWSDeveloper.members", ["a b"], ".0 = 'a b': must be usable as role session name"),
    ("groups.AWSDeveloper.members", ["a"], ".0 = 'a': must be usable as role session name: 2 to"),
    ("groups.AWSDeveloper.temporary", {"joan@example.com": "31.12."}, "= '31.12.': is not a day"),
    ("okta.maxApiCapacity", 0, "= 0: must be at least 1; raise it"),
    ("okta.longestWaitSeconds", 301, "= 301: must be at most 300; lower it"),
    ("groups.AWSDeveloper.priority", -1, "= -1: must be at least 0; raise it"),
    ("groups.AWSDeveloper.priority", 1000, "= 1000: must be at most 999; lower it"),
    ("groups.AWSDeveloper.description", "x" * 1025, ": must be at most 1024 characters"),
    ("groups.AWSDeveloper.id", "00g", "= '00g': must be a group's id of Okta: 20 char"),
    (
        "groups." + "x" * 256,
        {"roles": ["Developer"]},
        ": must be 1 to 255 characters in one",
    ),
    (
        "people",
        {"n@x.de": {"lastName": "B", "email": "b@c.de"}},
        ".n@x.de.firstName: is missing; a",
    ),
    (
        "people",
        {"n@x.de": {"firstName": "A", "lastName": "B", "email": "b"}},
        ".n@x.de.email = 'b'",
    ),
    (
        "expect",
        [{"user": "ada@example.com", "can": [{"action": "s3:GetObject", "resource": "x*"}]}],
        ".0.can.0.resource = 'x*': must be the ARN of one resource, without wildcards; write it",
    ),
    (
        "expect",
        [{"user": "ada@example.com", "can": ["ListRoles"]}],
        ".0.can.0.action = 'ListRoles': must",
    ),
    ("quotas.managedPoliciesPerRole", 26, "= 26: must be at most 25; lower it"),
    ("quotas.trustPolicyCharacters", 100, "= 100: must be at least 2048; raise it"),
    ("today", 7, "= 7: input should be a valid date; correct it"),
    ("today", "tomorrow", "= 'tomorrow': is not a day; write it as 2026-12-31"),
    ("protect", 1, "= 1: must be true or false; write it without quotes"),
]


@pytest.mark.parametrize(("path", "value", "said"), FORMS, ids=lambda x: str(x)[:40])
def test_a_value_of_the_wrong_form_is_named_with_its_key_and_the_fix(refused, path, value, said):
    message = refused(path, value)

    lines = [line for line in message.splitlines() if said in line]
    assert lines, message
    assert lines[0].startswith(f"okta-aws-federation:{path}")
    assert "; " in lines[0], "every refusal says what to do"
    assert "pydantic" not in message


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("role", "(did you mean 'roles'?)"),
        ("app.sessionHour", "(did you mean 'sessionHours'?)"),
        ("accounts.main.regions", "(did you mean 'region'?)"),
        ("roles.Developer.managedPolicys", "(did you mean 'managedPolicies'?)"),
        ("roles.Developer.trust.sessionTag", "(did you mean 'sessionTags'?)"),
        ("groups.AWSDeveloper.member", "(did you mean 'members'?)"),
        ("app.signOnPolicy.names", "(did you mean 'name'?)"),
        ("zzz", "is not a key that anything reads; correct it"),
    ],
)
def test_an_unknown_key_is_refused_with_what_it_may_have_meant(refused, path, said):
    message = refused(path, "x")

    assert message.startswith(f"okta-aws-federation:{path}: is not a key that anything reads")
    assert said in message


@pytest.mark.parametrize("path", ["accounts", "roles"])
def test_a_missing_section_is_named(path):
    with pytest.raises(settings.SettingsError, match=f"okta-aws-federation:{path}: is missing"):
        settings.parse({})


def test_every_mistake_gets_a_line_of_its_own(refused):
    message = refused("app", {"sessionHours": 13, "label": ""})

    assert [line.partition(" =")[0] for line in message.splitlines()] == [
        "okta-aws-federation:app.label",
        "okta-aws-federation:app.sessionHours",
    ]


TOGETHER = [
    (
        "groups.B",
        {"roles": ["Devloper"]},
        "groups.B.roles = 'Devloper': is not among the roles "
        "(did you mean 'Developer'?); correct it, or add Devloper to roles",
    ),
    (
        "accounts.two",
        {"id": "210987654321", "region": "us-east-1"},
        "accounts: names 2 accounts, "
        "but Okta downloads the roles of one; set mode: group-mapping, or give every other",
    ),
    (
        "accounts.two",
        {"id": "123456789012", "region": "us-east-1"},
        "accounts.two.id = '123456789012': is also that of main; keep the account once",
    ),
    (
        "accounts.main.assumeRole",
        "arn:aws:iam::999999999999:role/Deployer",
        "accounts.main: assumes arn:aws:iam::999999999999:role/Deployer, a role of another account",
    ),
    (
        "app.sessionHours",
        2,
        "app.sessionHours = 2: is longer than roles.Developer.sessionHours = 1, "
        "so no login would succeed; raise roles.Developer.sessionHours, or lower it",
    ),
    (
        "expect",
        [{"group": "AWSDevelopr", "cannot": ["iam:*"]}],
        "expect.0.group = 'AWSDevelopr': is not among the groups (did you mean 'AWSDeveloper'?)",
    ),
    ("expect", [{"cannot": ["iam:*"]}], "expect.0: must be about either a user or a group; write"),
    ("app.signInRegion", "cn-north-1", "app.signInRegion = 'cn-north-1': is not a region of aws"),
    ("app.signInRegion", "us-east-9", "= 'us-east-9': is not a region that AWS lists; write"),
    ("app.signInRegion", "us-iso-east-1", "lies in partition aws-iso, which is not supported;"),
    ("app.fallbackRegions", ["us-gov-west-1"], "app.fallbackRegions = 'us-gov-west-1': is not a"),
    ("app.groupFilter", READ_BACK, "app.groupFilter: is not read in mode saml-roles; remove it"),
    (
        "app",
        {"commandLine": {}, "webSsoAllowedClient": "0oa" + "x" * 17},
        "app: has commandLine and",
    ),
    ("app", {"signOnPolicy": {}, "signOnPolicyId": "rst" + "x" * 17}, "app: has signOnPolicy and"),
    ("roles.Developer.accounts", ["main"] * 2, "roles.Developer.accounts.1 = 'main': is in the l"),
    ("app.additionalProviders", ["okta"], "app: names a SAML provider twice in provider and addit"),
    (
        "app",
        {"sessionTags": {"team": "user.x"}, "transitiveTags": ["team", "team"]},
        "app.transitiveTags.1 = 'team': is in the list twice; take one out",
    ),
    ("roles.Developer.managedPolicies", ["a", "path/a"], "roles.Developer: names one policy twice"),
    (
        "roles.Developer.managedPolicies",
        [f"p{n}" for n in range(11)],
        "roles.Developer: has 11 "
        "managed policies, and AWS attaches 10; make some of them inlinePolicies, or raise quotas",
    ),
    (
        "roles.Developer.customerPolicies",
        {"AmazonEC2ReadOnlyAccess": [ALLOW]},
        "names one policy t",
    ),
    (
        "roles.Developer.customerPolicies",
        {"Big": [ALLOW | {"Action": f"s3:{'a' * 6200}"}]},
        "holds customer policy Big of 6",
    ),
    (
        "roles.Developer.inlinePolicies",
        {"Big": [ALLOW | {"Action": f"s3:{'a' * 10300}"}]},
        "holds inline policies of 10",
    ),
    ("roles.Developer.tags", {f"t{n}": "x" for n in range(51)}, "must hold at most 50; take some"),
    (
        "roles.Developer.trust.conditions",
        {"StringLike": {"saml:AUD": "*"}},
        "names SAML:aud, which "
        "follows from the partition and the sign-in region; take it out of conditions",
    ),
    (
        "roles.Developer.trust",
        {"closes": "2026-12-01", "conditions": {"DateLessThan": {"aws:currentTime": "2026-12-09"}}},
        "asks DateLessThan of aws:currentTime, and closes does too; take it out of conditions, or "
        "closes out",
    ),
    (
        "roles.Developer.trust",
        {
            "sourceIps": ["203.0.113.0/24"],
            "conditions": {"IpAddress": {"aws:SourceIp": "203.0.113.9"}},
        },
        "asks IpAddress of aws:SourceIp, and sourceIps does too; take it out",
    ),
    (
        "roles.Developer.trust",
        {"opens": "2026-12-02", "closes": "2026-12-01"},
        "closes on 2026-12-01, before it opens on 2026-12-02; swap them",
    ),
    (
        "roles.Developer.inlinePolicies",
        {"x": [{"Effect": "Allow", "Resource": "*"}]},
        "must have either Action or NotAction; write one of them",
    ),
    (
        "roles.Developer.inlinePolicies",
        {"x": [{"Effect": "Allow", "Action": "s3:Get"}]},
        "must have either Resource or NotResource; write one of them",
    ),
    (
        "roles.Developer.inlinePolicies",
        {"x": [ALLOW | {"Action": ["s3:Get*", "s3 Put"]}]},
        "roles.Developer.inlinePolicies.x.0.Action.1 = 's3 Put': is not service:Action; write",
    ),
    (
        "roles.Developer.inlinePolicies",
        {"x": [{"Effect": "Deny", "Action": "s3:Get*", "NotResource": ["arn:aws-cn:s3:::b"]}]},
        ".x.0.NotResource = 'arn:aws-cn:s3:::b': is in partition aws-cn, and the accounts are in "
        "aws; begin it with arn:aws:",
    ),
    (
        "roles.Developer.trust.statements",
        [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithSAML",
                "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/Old"},
            }
        ],
        "has no condition on SAML:aud, so it would accept an assertion that was made for "
        "another service",
    ),
    ("provisioning.keys", ["a", "a"], "provisioning: names one key generation twice in keys; give"),
    (
        "groups.Everyone",
        {"roles": ["Developer"]},
        "groups.Everyone: is the group that Okta puts "
        "every person of the org into; make a group of its own for AWS",
    ),
    (
        "groups.AWSDeveloper.temporary",
        {"ada@example.com": "2026-12-31"},
        "names ada@example.com twice",
    ),
    (
        "groups.AWSDeveloper.members",
        ["a@b.de", "a@b.de"],
        "groups.AWSDeveloper: names a@b.de twice",
    ),
    (
        "groups.B",
        {"roles": ["Developer"], "existing": True, "description": "x"},
        "groups.B: descri",
    ),
    ("groups.B", {"roles": ["Developer"], "id": "00g" + "x" * 17, "description": "x"}, "describes"),
    (
        "groups.AWSDeveloper.accounts",
        ["mian"],
        "groups.AWSDeveloper.accounts = 'mian': is not among "
        "the accounts (did you mean 'main'?); correct it",
    ),
    (
        "roles.Developer.accounts",
        ["mian"],
        "roles.Developer.accounts = 'mian': is not among the acc",
    ),
    (
        "roles.Developer.alarms",
        ["arn:aws:sns:us-east-1:999999999999:told"],
        "roles.Developer.alarms = 'arn:aws:sns:us-east-1:999999999999:told': is not in the account "
        "of the role: 123456789012; name one there, and give the role to one account",
    ),
    (
        "roles.Developer.alarms",
        [f"arn:aws:{kind}:us-east-1:123456789012:told" for kind in ("sns", "sqs")],
        "roles.Developer: has two alarms in one region; let one topic tell the others",
    ),
    (
        "app.active",
        False,
        "groups.AWSDeveloper: has people, and the app is inactive: they would enter once it is "
        "active; empty the group, or set app.active: true",
    ),
]


@pytest.mark.parametrize(("path", "value", "said"), TOGETHER, ids=lambda x: str(x)[:40])
def test_what_does_not_hold_together_is_said_in_one_line(refused, path, value, said):
    message = refused(path, value)

    assert said in message
    assert all(line.startswith("okta-aws-federation:") for line in message.splitlines())
    assert all("; " in line for line in message.splitlines())


MAPPING = [
    ("provisioning.user", "x", "provisioning: is set, but mode group-mapping needs neither user"),
    ("app.joinAllRoles", True, "app.joinAllRoles: is not read in mode group-mapping; remove it"),
    (
        "accounts.two.region",
        "cn-north-1",
        "accounts: lie in partitions aws and aws-cn, but an Okta",
    ),
    ("roles.Developer.path", "/okta/", "roles: have paths / and /okta/, but a group's name holds"),
    (
        "groups.Leads.roles",
        ["Auditor"],
        "groups.Leads.accounts: names none of the accounts that have Auditor; add one of two",
    ),
    ("groups.Leads.accounts", ["one", "one"], "groups.Leads.accounts.1 = 'one': is in the list"),
    ("app.groupFilter", "(", "app.groupFilter = '(': is not a regular expression"),
    ("app.groupName", "aws#${role}", "reads no account and role from the name 'aws#Developer'"),
    (
        "app.groupFilter",
        r"aws_(?{{accountid}}\d+)_(?{{role}}[a-z]+)",
        "reads no account and role "
        "from the name 'aws_222222222222_Auditor', which stands for role Auditor in account 2222",
    ),
    (
        "app.groupFilter",
        r"aws_(?{{accountid}}\d+)_(?{{role}}\w{3})",
        "reads account 111111111111 and role Dev from the name 'aws_111111111111_Developer'",
    ),
    (
        "roles.Developer.boundary",
        "arn:aws:iam::111111111111:policy/Limits",
        "roles.Developer.boundary = 'arn:aws:iam::111111111111:policy/Limits': is not in the "
        "account of the role: 111111111111, 222222222222; name one there",
    ),
    (
        "groups.aws_111111111111_Root",
        {"roles": ["Developer"]},
        "groups.aws_111111111111_Root: would "
        "open role Root of account 111111111111 by its name alone; rename the group",
    ),
]


@pytest.mark.parametrize(("path", "value", "said"), MAPPING, ids=lambda x: str(x)[:40])
def test_what_group_mapping_could_not_read_is_said_in_one_line(refused, mapped, path, value, said):
    message = refused(path, value, base=mapped)

    assert said in message
    assert all(line.startswith("okta-aws-federation:") for line in message.splitlines())


def test_what_a_misspelt_mode_does_not_read_is_no_second_line(refused, mapped):
    message = refused("mode", "group-maping", base=mapped)

    assert message.startswith("okta-aws-federation:mode = 'group-maping': must be 'saml-roles' or")
    assert "\n" not in message


def test_of_two_accounts_with_one_id_the_later_name_is_refused_however_they_are_listed(refused):
    accounts = {name: RIGHT["accounts"]["main"] for name in ("zeta", "alpha")}

    message = refused("accounts", accounts, base=RIGHT | {"mode": "group-mapping"})

    assert "accounts.zeta.id = '123456789012': is also that of alpha" in message


def test_what_names_a_refused_account_is_no_second_line(refused, mapped):
    message = refused("accounts.two.id", "12", base=mapped)

    assert message.startswith("okta-aws-federation:accounts.two.id = '12': must be 12 digits")
    assert "\n" not in message


ADA = {"ada@example.com": {"firstName": "A", "lastName": "B", "email": "ada@example.com"}}


@pytest.mark.parametrize(
    ("changes", "path", "value", "keys"),
    [
        (  # that Ada is in no group follows from the group's own line
            {"app": {"sessionHours": 2}, "people": ADA},
            "groups.AWSDeveloper.roles",
            [],
            {"groups.AWSDeveloper.roles", "app.sessionHours"},
        ),
        (
            {"people": ADA, "groups": {}},
            "app.label",
            "",
            {"app.label", "people.ada@example.com"},
        ),
        (
            {"provisioning": {"integration": "done"}},
            "accounts.two",
            {"id": "210987654321", "region": "us-east-1"},
            {"accounts"},
        ),
    ],
)
def test_each_mistake_has_one_line_and_what_follows_from_it_has_none(
    refused, changes, path, value, keys
):
    lines = refused(path, value, base=RIGHT | changes).splitlines()

    found = [re.split(r"(?: =|: )", line.removeprefix("okta-aws-federation:"))[0] for line in lines]
    assert sorted(found) == sorted(keys)


def test_equal_priorities_are_refused(refused):
    both = {
        "A": {"roles": ["Developer"], "priority": 7},
        "B": {"roles": ["Developer"], "priority": 7},
    }

    assert refused("groups", both) == (
        "okta-aws-federation:groups.B.priority = 7: is also that of A, and Okta refuses equal "
        "priorities; give one of them another number"
    )


def test_two_roles_cannot_make_policies_of_one_name(refused):
    made = {"customerPolicies": {"Reports": [ALLOW]}}

    message = refused("roles", {"Developer": made, "Auditor": made})

    assert "roles.Developer.customerPolicies.Reports: is also a policy of roles.Auditor" in message


def test_tags_of_stack_and_role_together_fit(refused, stack):
    right = {f"t{n}": "x" for n in range(30)}
    base = {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "roles": {"Developer": {"tags": {f"r{n}": "x" for n in range(30)}}},
    }

    assert "has 60 tags with the stack's, and AWS takes 50" in refused("tags", right, base=base)
    twenty, more = ({f"t{each}": "x" for each in range(n)} for n in (20, 21))
    assert stack(base, tags=twenty)
    assert "has 51 tags with the stack's" in refused("tags", more, base=base)


def actions(characters):
    """Statements whose document has so many characters, as AWS counts them."""
    document = {"Version": "2012-10-17", "Statement": [ALLOW | {"Action": "s3:"}]}
    return [
        ALLOW | {"Action": "s3:" + "a" * (characters - len(json.dumps(document).replace(" ", "")))}
    ]


LIMITS = [
    ("roles.Developer.managedPolicies", lambda n: [f"p{each}" for each in range(n)], 10),
    ("quotas.managedPoliciesPerRole", int, 25),
    ("quotas.trustPolicyCharacters", int, 8192),
    ("quotas.rolesPerAccount", int, 10_000),
    ("quotas.policiesPerAccount", int, 10_000),
    ("roles.Developer.customerPolicies", lambda n: {"P": actions(n)}, 6144),
    ("roles.Developer.inlinePolicies", lambda n: {"A": actions(5000), "B": actions(n)}, 5240),
    ("roles.Developer.tags", lambda n: {f"r{each}": "x" for each in range(n)}, 50),
    ("provisioning.store", lambda n: {"kind": "ssm", "name": "/a" * n}, 15),
    ("app.sessionTags.team", lambda n: f"'{'x' * n}'", 256),
    ("groups.AWSDeveloper.members", lambda n: ["a" * (n - 12) + "@example.com"], 64),
]
"""Key, a value of a size, and the largest that AWS takes. IAM quotas; STS, RoleSessionName."""


@pytest.mark.parametrize(("path", "value", "most"), LIMITS, ids=[path for path, *_ in LIMITS])
def test_the_largest_that_aws_takes_is_taken_and_one_more_is_refused(
    stack, refused, path, value, most
):
    assert stack(**{path: value(most)})
    assert path.rpartition(".")[0] in refused(path, value(most + 1))


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        *READABLE,
        ("ArnLike", "*"),
        ("ArnEquals", "arn:aws:s3:::reports"),
        ("IpAddress", "203.0.113.7/24"),
        ("Bool", False),
        ("DateLessThan", 100_000_000),
    ],
)
def test_a_value_that_iam_can_read_is_taken(stack, operator, value):
    statement = ALLOW | {"Condition": {operator: {"x:y": value}}}

    assert stack(**{"roles.Developer.inlinePolicies": {"P": [statement]}})


def test_a_role_may_be_open_for_one_day(stack):
    day = {"opens": "2026-12-01", "closes": "2026-12-01"}

    assert stack(**{"roles.Developer.trust": day})


def test_a_trust_policy_of_just_the_quota_is_taken_and_one_more_character_is_refused(
    stack, refused
):
    def tags(last):
        return [f"tag-{n:02}{'x' * 43}" for n in range(31)] + ["y" * last]

    path = "roles.Developer.trust.sessionTags"
    message = refused(path, tags(120))
    [size] = re.findall(
        r"trust policy of ([\d,]+) characters, and the account takes 2,048", message
    )
    room = 2048 - int(size.replace(",", "")) + 120

    assert stack(**{path: tags(room)})
    assert "makes a trust policy of 2,049 characters" in refused(path, tags(room + 1))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    broken = tmp_path / "Pulumi.broken.yaml"
    broken.write_text("config: [")

    for path in (tmp_path / "Pulumi.none.yaml", broken):
        with pytest.raises(settings.SettingsError, match=rf"{path.name}(:2)?: can't be read: "):
            settings.read(path)


def test_a_stack_file_with_a_wrong_value_is_refused_from_disk_too(tmp_path, mapped):
    path = tmp_path / "Pulumi.x.yaml"
    config = {f"okta-aws-federation:{key}": value for key, value in mapped.items()}
    path.write_text(yaml.safe_dump({"config": config | {"okta-aws-federation:mode": "saml-roles"}}))

    with pytest.raises(settings.SettingsError, match="accounts: names 2 accounts"):
        settings.read(path)
