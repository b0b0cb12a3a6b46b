"""A stack file is written from what both clouds have: nothing changes, or it is named."""

import json

import pytest
from click.testing import CliRunner

import settings
from access import preflight
from access.adoption import changes, existing, sections, stack_file
from access.adoption.existing import AccountFacts, Federation, GroupFacts
from access.adoption.remark import Remark
from access.adoption.trust import trust_section
from access.adoption.users import UserFacts, candidates
from access.commands.discover import discover
from access.model import AccessModel
from access.recovery import identifiers
from access.recovery.plan import UNKNOWN, Planned
from access.trusts import trust_document
from access.verification import compare_aws, okta_org
from access.verification.compare_okta import expected_app_settings
from access.verification.drift import UNMANAGED, Drift
from access.verification.okta_state import AppState, Assignment
from okta_aws_federation import okta_app
from okta_aws_federation.provisioning_policy import provisioning_policy
from settings import AccountRole, SettingsError, policy_document
from settings.load import read_text
from settings.new_stack import write_new

ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
POLICY, DIRECTORY = "rst" + "p" * 17, "00g" + "d" * 17
ADA, GRACE = "ada@example.com", "grace@example.com"
LOGS = {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {"signOnPolicyId": POLICY},
    "roles": {"Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
    "groups": {"AWSDeveloper": {"roles": ["Developer"], "members": [ADA]}},
    "provisioning": {"keys": ["adopted"], "integration": "done"},
    "protect": True,
    "today": "2026-11-25",
}


def tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def policy(arn, document, tags=(), **more):
    version = {"IsDefaultVersion": True, "Document": json.loads(document)}
    own = {"Arn": arn, "PolicyName": arn.rpartition("/")[2], "Path": "/", "AttachmentCount": 1}
    return own | {"PolicyVersionList": [version], "Tags": tag_list(dict(tags))} | more


def role_of(stack, account_role):
    section = stack.roles[account_role.role]
    account = stack.accounts[account_role.account]
    arns = [account.policy_arn(each) for each in section.managed_policies]
    arns += [account.own_policy_arn(each) for each in section.customer_policies]
    boundary = account.policy_arn(section.boundary) if section.boundary else None
    return {
        "RoleName": account_role.role,
        "Path": section.path,
        "Description": section.description,
        "MaxSessionDuration": section.session_hours * 3600,
        "Tags": tag_list(stack.tags | section.tags | {"aws:cloudformation:stack-name": "x"}),
        "AssumeRolePolicyDocument": trust_document(stack, account_role),
        "AttachedManagedPolicies": [
            {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns
        ],
        "RolePolicyList": [
            {"PolicyName": name, "PolicyDocument": json.loads(policy_document(statements))}
            for name, statements in section.inline_policies.items()
        ],
    } | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {})


def account_of(stack, name):
    account, section = stack.accounts[name], stack.provisioning
    arn = account.own_policy_arn(section.policy)
    document = provisioning_policy(None, section.source_ips)
    policies = {arn: policy(arn, document, stack.tags)}
    for each in stack.roles_in_account(name):
        role = stack.roles[each.role]
        for short, statements in role.customer_policies.items():
            own = account.own_policy_arn(short)
            policies[own] = policy(own, policy_document(statements), stack.tags | role.tags)
    group = section.group if section.attach == "group" else None
    user = UserFacts(section.user, stack.tags, len(section.keys), 0, arn, group)
    return AccountFacts(
        account=account,
        metadata="<a />",
        provider_tags=dict(stack.tags),
        roles={e.role: role_of(stack, e) for e in stack.roles_in_account(name)},
        policies=policies,
        user=None if stack.uses_group_mapping else user,
        other_users=(),
    )


def group_of(stack, name):
    group = stack.groups[name]
    return GroupFacts(
        id=group.id or "00g1",
        type="OKTA_GROUP" if group.is_managed or group.members else "APP_GROUP",
        description=group.description,
        people=tuple(stack.members(name)),
        rule=group.rule,
        other_rules=(),
        other_apps=(),
        has_twin=group.id is not None,
    )


def clouds_of(values):
    """Both clouds as a deployment of the stack file leaves them."""
    stack = settings.parse(values)
    identity = stack.app.source_identity
    sent = okta_app.attribute_expressions(
        stack.app.session_tags, identity.value if identity else None, stack.app.transitive_tags
    )
    template = stack.app.user_name_template or "${source.login}"
    app = {
        "id": "0oa1",
        "label": stack.app.label,
        "status": "ACTIVE",
        "features": [],
        "credentials": {"userNameTemplate": {"template": template}},
        "settings": {
            "app": expected_app_settings(stack),
            "signOn": {"attributeStatements": [{"name": n, "values": v} for n, v in sent.items()]},
        },
    }
    assignments = {
        name: Assignment(stack.priorities[name], tuple(sorted(group.roles)))
        for name, group in stack.groups.items()
    }
    combines, policy_id = stack.app.combine_roles, stack.app.sign_on_policy_id
    return Federation(
        app=AppState(app, "<a/>", assignments, frozenset(), combines, None, policy_id),
        provider=stack.app.provider,
        groups={name: group_of(stack, name) for name in stack.groups},
        accounts={name: account_of(stack, name) for name in stack.accounts},
        unread_accounts=(),
    )


def written(found):
    """The settings of the file that is written, and everything that it does not have."""
    values, remarks = sections.write(found)
    stack, refused = stack_file.accepted(values, "Pulumi.dev.yaml")
    return stack, [*remarks, *refused]


TRUST = {
    "providers": ["OldIdp"],
    "sessionTags": ["project"],
    "conditions": {"StringEquals": {"SAML:sub_type": "persistent"}},
    "sourceIdentities": ["*@example.com"],
    "statements": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ROUND_TRIPS = {
    "plain": {},
    "an app of its own": {
        "app": {
            "label": "AWS Prod",
            "provider": "Okta-Prod",
            "sessionHours": 2,
            "loginUrl": "https://console.aws.amazon.com/s3/home",
            "environment": "other",
            "signInRegion": "eu-central-1",
            "fallbackRegions": ["eu-west-1"],
            "joinAllRoles": True,
            "combineRoles": True,
            "userNameTemplate": "user.employeeNumber",
            "sessionTags": {"department": "user.department", "cost": "user.costCenter"},
            "transitiveTags": ["cost"],
            "sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]},
            "webSsoAllowedClient": "0oa1b2c3d4e5f6g7h8i9",
            "signOnPolicyId": POLICY,
        },
        "roles": {"Developer": {"sessionHours": 2}},
    },
    "roles with everything": {
        "tags": {"owner": "identity"},
        "roles": {
            "Developer": {
                "managedPolicies": ["AmazonEC2ReadOnlyAccess", "job-function/ViewOnlyAccess"],
                "customerPolicies": {"Logs": [LOGS]},
                "inlinePolicies": {"Queues": [LOGS | {"Action": "sqs:ListQueues"}]},
                "boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
                "path": "/okta/",
                "description": "Develops.",
                "tags": {"level": "low"},
                "sessionHours": 12,
                "trust": TRUST,
            }
        },
    },
    "groups": {
        "roles": {"Developer": {}, "Auditor": {}},
        "groups": {
            "AWSAuditor": {"roles": ["Auditor"], "members": [ADA], "priority": 1},
            "AWSDeveloper": {
                "roles": ["Auditor", "Developer"],
                "members": [ADA, GRACE],
                "description": "Developers",
                "priority": 2,
            },
            "AWSRule": {"roles": ["Auditor"], "rule": 'user.department=="Audit"', "priority": 3},
            "Directory": {
                "roles": ["Auditor"],
                "existing": True,
                "id": DIRECTORY,
                "priority": 4,
            },
        },
    },
    "a user who has the policy": {
        "provisioning": {
            "user": "okta",
            "policy": "ListRoles",
            "attach": "user",
            "sourceIps": ["203.0.113.0/24"],
            "keys": ["adopted-a", "adopted-b"],
            "integration": "done",
        }
    },
    "group mapping": {
        "mode": "group-mapping",
        "provisioning": {},
        "accounts": {
            "main": {"id": ACCOUNT, "region": "us-east-1"},
            "two": {"id": "210987654321", "region": "eu-central-1"},
        },
        "roles": {"Developer": {}, "Auditor": {"accounts": ["two"]}},
        "groups": {
            "aws_210987654321_Auditor": {
                "roles": ["Auditor"],
                "existing": True,
                "members": [GRACE],
            },
            f"aws_{ACCOUNT}_Developer": {
                "roles": ["Developer"],
                "existing": True,
                "members": [ADA],
            },
        },
    },
}


@pytest.mark.parametrize("changed", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_what_a_deployment_made_is_written_as_it_was(changed):
    values = STACK | changed

    stack, remarks = written(clouds_of(values))

    expected = settings.parse(values)
    assert stack.model_dump(exclude={"today", "expect"}) == expected.model_dump(
        exclude={"today", "expect"}
    )
    assert [each for each in remarks if not each.what.startswith("its ")] == []


SIGN_IN = {
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER},
    "Action": "sts:AssumeRoleWithSAML",
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}
TAGGING = SIGN_IN | {"Action": "sts:TagSession"}
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
ASSUME = ROOT | {"Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (SIGN_IN, {}),  # IAM takes one statement without a list
        ([SIGN_IN, ASSUME], {"statements": [ASSUME]}),
        ([ASSUME, SIGN_IN], {"statements": [ASSUME]}),
        ([SIGN_IN | {"Sid": "Okta"}], {}),
        (
            [SIGN_IN | {"Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Sid": "Okta"}],
            {"statements": [TAGGING]},
        ),
        (
            [SIGN_IN | {"Principal": {"Federated": [PROVIDER, f"{PROVIDER}2"]}}],
            {"providers": ["Okta2"]},
        ),
        # The same in two forms.
        (
            [SIGN_IN, ASSUME | {"Principal": "*"}],
            {"statements": [ASSUME | {"Principal": {"AWS": "*"}}]},
        ),
        # A second sign-in with another audience is kept beside the first.
        ([SIGN_IN, SIGN_IN | {"Condition": {}}], {"statements": [SIGN_IN | {"Condition": {}}]}),
    ],
)
def test_a_trust_policy_keeps_what_the_program_does_not_write_itself(statements, expected):
    assert trust_section({"Statement": statements}, PROVIDER, [], []) == expected


def with_role(found, **changed):
    [facts] = found.accounts.values()
    [name] = facts.roles
    facts.roles[name].update(changed)
    return found


def attached(arn, **more):
    """The estate with one customer policy on its role."""
    found = with_role(
        clouds_of(STACK), AttachedManagedPolicies=[{"PolicyArn": arn, "PolicyName": "Logs"}]
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": [LOGS]})
    found.accounts["main"].policies[arn] = policy(arn, document, **more)
    return found


OWN = f"arn:aws:iam::{ACCOUNT}:policy/Logs"


@pytest.mark.parametrize(
    ("arn", "more", "managed"),
    [
        (OWN, {"Description": "For developers."}, False),
        (OWN, {"AttachmentCount": 2}, True),
        (OWN, {"PermissionsBoundaryUsageCount": 1}, True),
        (OWN, {"tags": {"team": "other"}}, True),
        (f"arn:aws:iam::{ACCOUNT}:policy/teams/Logs", {"Path": "/teams/"}, True),
    ],
)
def test_a_policy_that_is_not_the_roles_alone_is_referred_to_and_never_owned(arn, more, managed):
    stack, _ = written(attached(arn, **more))

    role = stack.roles["Developer"]
    assert list(role.managed_policies) == ([arn] if managed else [])
    assert list(role.customer_policies) == ([] if managed else ["Logs"])


def test_a_statement_that_no_stack_file_takes_is_left_out_and_named():
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    found = with_role(
        clouds_of(STACK), AssumeRolePolicyDocument={"Statement": [SIGN_IN, everybody, ASSUME]}
    )

    stack, remarks = written(found)

    assert [each.principal for each in stack.roles["Developer"].trust.statements] == [
        ROOT["Principal"]
    ]
    [remark] = remarks
    assert remark.where == "roles.Developer.trust.statements.0"
    assert json.dumps(everybody) in remark.what


def test_without_a_statement_that_denies_a_role_would_allow_more():
    nobody_else = {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = role_of(settings.parse(STACK), AccountRole("main", "Developer"))
    found = with_role(
        clouds_of(STACK | {"groups": {}}),
        AssumeRolePolicyDocument={"Statement": [SIGN_IN, nobody_else]},
    )
    found.accounts["main"].roles["Reader"] = role | {"RoleName": "Reader"}
    for number, name in enumerate(("Developer", "Reader")):
        found.app.assignments[name] = Assignment(number, (name,))
        found.groups[name] = GroupFacts("00g1", "OKTA_GROUP", "", (ADA,), None, (), (), False)

    stack, remarks = written(found)

    assert list(stack.roles) == ["Reader"]
    assert list(stack.groups) == ["Reader"], "a group that opens it keeps all of its roles"
    assert [each.where for each in remarks] == ["roles.Developer", "groups.Developer"]


@pytest.mark.parametrize(
    ("login", "name"), [("miles.o'brien@example.com", "AWSDeveloper"), (ADA, "Everyone")]
)
def test_a_person_or_group_that_no_stack_file_takes_is_named(login, name):
    found = clouds_of(STACK)
    [assignment] = found.app.assignments.values()
    people = GroupFacts("00g1", "OKTA_GROUP", "", (GRACE, login), None, (), (), False)
    found.groups.clear()
    found.groups[name] = people
    found.app.assignments.clear()
    found.app.assignments[name] = assignment

    stack, remarks = written(found)

    assert len(remarks) == 1
    assert name in remarks[0].where
    assert stack.groups.get("AWSDeveloper") is None or stack.members("AWSDeveloper") == [GRACE]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"type": "APP_GROUP"}, "a directory"),
        ({"other_apps": ("Wiki",)}, "assigned to Wiki"),
        ({"other_rules": ("engineers",)}, "the rule engineers"),
    ],
)
def test_a_group_of_somebody_else_is_never_owned(changed, reason):
    found = clouds_of(STACK)
    facts = vars(found.groups["AWSDeveloper"]) | changed
    found.groups["AWSDeveloper"] = GroupFacts(**facts)

    stack, [remark] = written(found)

    assert not stack.groups["AWSDeveloper"].is_managed
    assert reason in remark.reason
    assert ADA in remark.what


def test_a_role_that_okta_offers_and_aws_does_not_have_is_named():
    found = clouds_of(STACK)
    found.app.assignments["AWSDeveloper"] = Assignment(1, ("Developer", "Gone"))
    found.app.assignments["Empty"] = Assignment(2, ("Gone",))

    stack, remarks = written(found)

    assert stack.groups["AWSDeveloper"].roles == ("Developer",)
    assert [each.where for each in remarks] == ["group AWSDeveloper", "group Empty", "group Empty"]


def test_a_role_that_differs_between_accounts_is_written_once_and_named():
    found = clouds_of(
        STACK | ROUND_TRIPS["group mapping"] | {"roles": {"Developer": {}}} | {"groups": {}}
    )
    found.accounts["two"].roles["Developer"]["Description"] = "another"

    stack, remarks = written(found)

    assert stack.roles["Developer"].accounts == ("main",)
    assert [each.where for each in remarks] == ["role Developer in 210987654321"]


def test_nothing_secret_is_written():
    found = clouds_of(STACK)
    found.settings.update(accessKey="AKIAIOSFODNN7EXAMPLE", secretKey="s3cret")

    values, remarks = sections.write(found)
    text = stack_file.with_comments(values, "the clouds", remarks, remarks)

    assert "s3cret" not in text
    assert "AKIA" not in text


def test_what_changes_and_what_is_left_out_stands_at_the_top():
    values, _ = sections.write(clouds_of(STACK))
    changed, left = Remark("role A", "tags\nx", "no key"), Remark("user B", "keys", "foreign")

    text = stack_file.with_comments(values, "there", [changed], [left])

    head = text.partition("config:")[0]
    assert "# - role A: tags x; no key\n" in head
    assert "# - user B: keys; foreign\n" in head
    assert read_text(text, "Pulumi.dev.yaml").app.label


@pytest.fixture
def compared(monkeypatch):
    """What is announced for an estate; `verify` finds `drifts`."""

    def compared(found, *drifts):
        stack, _ = written(found)
        result = type("Verification", (), {"deviations": list(drifts)})
        monkeypatch.setattr(changes, "run", lambda model, part: result)
        return changes.compare(found, stack)

    return compared


def test_an_estate_that_can_be_said_changes_nothing(compared):
    for changed in ROUND_TRIPS.values():
        announced, left = compared(clouds_of(STACK | changed))

        # What Okta does not store can't be imported.
        assert [each for each in announced if "removeAssignedUsers" not in each.what] == []
        assert left == []


def test_what_verify_finds_is_announced_or_left(compared):
    mended = Drift("AWS", "role A", "longest session", "7200 s", "5400 s")
    foreign = Drift("Okta", "app AWS", "assigned people", "none directly", ADA, UNMANAGED)

    changed, left = compared(clouds_of(STACK), mended, foreign)

    assert [(each.where, each.what) for each in changed] == [
        ("AWS: role A", "longest session: 5400 s -> 7200 s")
    ]
    assert [each.what for each in left] == [f"assigned people: {ADA}"]


def test_a_group_that_is_assigned_besides_is_announced(compared):
    drift = Drift("Okta", "app AWS", "assigned groups", "aws_1_Reader", "it not assigned")

    [changed], _ = compared(clouds_of(STACK | ROUND_TRIPS["group mapping"]), drift)

    assert changed.what == "assigned groups: aws_1_Reader is added"


def test_a_policy_and_a_thing_that_the_update_makes_are_announced(compared):
    found = clouds_of(STACK)
    vars(found.accounts["main"].user)["policy_arn"] = None
    gone = Drift("AWS", "user okta", "user", "to be there", "nothing of that name")

    changed, _ = compared(found, gone)

    assert [(each.what, each.reason) for each in changed] == [
        ("policy", changes.CREATED),
        ("user", changes.CREATED),
    ]


def test_a_trust_policy_in_another_form_is_announced_as_such(compared):
    words = "trusts Okta"

    [changed], _ = compared(clouds_of(STACK), Drift("AWS", "role A", "trust policy", words, words))

    assert "means the same" in changed.reason


def with_foreign_tags(found):
    found.accounts["main"].provider_tags["cost"] = "42"


def with_gaps(found):
    for number, name in enumerate(found.app.assignments):
        assigned = found.app.assignments[name]
        found.app.assignments[name] = Assignment(5 * number, assigned.roles)


def hidden(found):
    found.app.app["visibility"] = {"hide": {"web": True}}


def with_an_old_certificate(found):
    vars(found.accounts["main"])["metadata"] = "<b/>"


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (with_foreign_tags, ["tags taken away: cost=42"]),
        (with_gaps, ["priority: 0 -> 1", "priority: 5 -> 2", "priority: 10 -> 3"]),
        (hidden, ["visibility.hide.web: True -> not set"]),
        (with_an_old_certificate, ["metadata"]),
    ],
)
def test_what_verify_does_not_know_is_announced_too(compared, alter, expected):
    groups = {
        f"Group{n}": {"roles": ["Developer"], "members": [ADA], "priority": n} for n in (1, 2, 3)
    }
    found = clouds_of(STACK | {"groups": groups})
    alter(found)

    changed, _ = compared(found)

    assert sorted(each.what for each in changed) == sorted(expected)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_command_writes_the_file_and_tells_what_changes(monkeypatch, tmp_path, options):
    found = clouds_of(STACK)
    with_foreign_tags(found)
    nothing = type("Verification", (), {"deviations": []})
    monkeypatch.setattr(changes, "run", lambda model, part: nothing)
    monkeypatch.setattr(existing, "read", lambda org, app, profiles: found)
    monkeypatch.setattr(okta_org, "Org", lambda: None)
    path = tmp_path / "Pulumi.dev.yaml"

    done = CliRunner().invoke(discover, [str(path), *options])

    assert done.exit_code == 0, done.output
    assert settings.read(path).roles.keys() == {"Developer"}
    assert "tags taken away: cost=42" in path.read_text()
    if options:
        [changed] = json.loads(done.stdout)["changes"]
        assert changed["what"] == "tags taken away: cost=42"
    else:
        assert "1 changes with the first update\n  AWS: SAML provider Okta" in done.stdout
        assert "pulumi stack init dev\n" in done.stdout


def test_a_file_that_check_refuses_is_written_and_the_exit_code_says_so(monkeypatch, tmp_path):
    rule = {"AWSDeveloper": {"roles": ["Developer"], "rule": "true"}}
    found = clouds_of(STACK | {"groups": rule})
    nothing = type("Verification", (), {"deviations": []})
    monkeypatch.setattr(changes, "run", lambda model, part: nothing)
    monkeypatch.setattr(existing, "read", lambda org, app, profiles: found)
    monkeypatch.setattr(okta_org, "Org", lambda: None)

    done = CliRunner().invoke(discover, [str(tmp_path / "Pulumi.dev.yaml")])

    assert done.exit_code == 1
    assert "takes every person of the org into the group" in done.stdout


APPS = [
    {"id": f"0oa{n}", "label": label, "status": "ACTIVE", "settings": {"app": {}}}
    for n, label in enumerate(["AWS", "AWS", "Lab"])
]


@pytest.mark.parametrize(("wanted", "expected"), [("Lab", "0oa2"), ("0oa1", "0oa1")])
def test_an_app_is_chosen_by_label_or_id(wanted, expected):
    assert existing.choose_app(APPS, wanted)["id"] == expected


@pytest.mark.parametrize(
    ("apps", "wanted", "named"),
    [
        (APPS, None, ["has 3 apps", "0oa0", "0oa1", "0oa2", "--app"]),
        (APPS, "AWS", ["has 2 apps", "0oa0", "0oa1"]),
        (APPS, "AWZ", ["has no apps of AWS called 'AWZ'", "0oa2"]),
        ([], None, ["has no app of AWS Account Federation"]),
    ],
)
def test_without_a_choice_the_candidates_are_named(apps, wanted, named):
    with pytest.raises(SettingsError) as refused:
        existing.choose_app(apps, wanted)

    assert [each for each in named if each not in str(refused.value)] == []


def test_an_existing_file_is_left_alone(tmp_path):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("mine")

    with pytest.raises(SettingsError, match="is there already"):
        stack_file.refuse_existing(path)
    with pytest.raises(SettingsError, match="is there already"):
        write_new(path, "yours")
    with pytest.raises(SettingsError, match=r"write Pulumi\.NAME\.yaml"):
        stack_file.refuse_existing(tmp_path / "dev.yaml")
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        ("groups.A.b.members.1", ["groups", "A.b", "members", 1]),
        ("groups.A.b.roles", ["groups", "A.b"]),  # what is missing takes what is around it along
        ("groups.A.b.rule", ["groups", "A.b"]),
        ("tags.a", ["tags", "a"]),
        ("roles.R.tags.a", ["roles", "R", "tags", "a"]),
        # Less of these would allow more.
        ("roles.R.boundary", ["roles", "R"]),
        ("roles.R.trust.conditions.Bool", ["roles", "R"]),
        ("roles.R.trust.statements.0.Condition.Bool", ["roles", "R", "trust", "statements", 0]),
        ("roles.R.trust.statements.1.NotPrincipal", ["roles", "R"]),
        ("roles.R.inlinePolicies.P.0.Condition", ["roles", "R", "inlinePolicies", "P"]),
        # No file can go without these.
        ("accounts.main.id", []),
        ("provisioning.sourceIps.0", []),
        ("roles", []),
    ],
)
def test_what_is_refused_is_taken_out_with_all_that_would_mean_more_without_it(key, steps):
    statement = {"Condition": {"Bool": {"x": "y"}}}
    role = {
        "boundary": "b",
        "tags": {"a": "1"},
        "inlinePolicies": {"P": [statement]},
        "trust": {"conditions": {"Bool": {}}, "statements": [statement, {"Effect": "Deny"}]},
    }
    values = {
        "accounts": {"main": {"id": "1"}},
        "groups": {"A.b": {"members": ["x", "y"], "rule": "r"}},
        "provisioning": {"sourceIps": ["x"]},
        "roles": {"R": role},
        "tags": {"a": "1"},
    }

    assert stack_file.steps_to(values, key) == steps


def test_a_secret_in_a_policy_is_not_repeated_in_a_comment():
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    condition = {"StringEquals": {"aws:PrincipalTag/x": key}}
    document = {"Version": "2012-10-17", "Statement": [LOGS | {"Condition": condition}]}
    inline = [{"PolicyName": "Leak", "PolicyDocument": document}]

    stack, [remark] = written(with_role(clouds_of(STACK), RolePolicyList=inline))

    assert remark.where == "roles.Developer.inlinePolicies.Leak"
    assert key not in str(remark)
    assert not stack.roles["Developer"].inline_policies


class Iam:
    """The parts of IAM that tell who Okta's user is. `users`: name -> groups, policies, keys."""

    exceptions = type("Exceptions", (), {"NoSuchEntityException": KeyError})

    def __init__(self, users, policies=()):
        self.users, self.policies = users, policies

    def get_user(self, UserName):
        return {"User": self.users[UserName] | {"Tags": []}}

    def list_access_keys(self, UserName):
        keys = self.users[UserName]["keys"].split()
        return {
            "AccessKeyMetadata": [
                {"AccessKeyId": k, "Status": "Inactive" if "-" in k else "Active", "CreateDate": k}
                for k in keys
            ]
        }

    def get_access_key_last_used(self, AccessKeyId):
        return {"AccessKeyLastUsed": {"ServiceName": "iam" if "used" in AccessKeyId else "N/A"}}

    def get_paginator(self, operation):
        assert operation == "list_attached_user_policies"
        pages = [{"AttachedPolicies": [{"PolicyArn": arn} for arn in self.policies]}]
        return type("Paginator", (), {"paginate": lambda self, UserName: pages})()


LISTS = f"arn:aws:iam::{ACCOUNT}:policy/svc/Lists"
LIST_ROLES = {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}


def user(name, *arns, keys="1used", groups=(), inline=()):
    return {
        "UserName": name,
        "GroupList": list(groups),
        "AttachedManagedPolicies": [{"PolicyArn": arn} for arn in arns],
        "UserPolicyList": [{"PolicyDocument": {"Statement": each}} for each in inline],
        "keys": keys,
    }


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ([user("a", LISTS)], [("a", 1, 0, LISTS, None)]),
        ([user("a", groups=["g"], keys="1 2 3-")], [("a", 2, 1, LISTS, "g")]),
        ([user("a", inline=[LIST_ROLES])], [("a", 1, 0, None, None)]),
        ([user("a", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")], [("a", 1, 0, None, None)]),
        # Not Okta's: an administrator, somebody without a key, somebody who lists nothing.
        ([user("a", "arn:aws:iam::aws:policy/AdministratorAccess")], []),
        ([user("a", LISTS, inline=[LIST_ROLES | {"Action": "iam:Create*"}])], []),
        ([user("a", LISTS, keys="1-")], []),
        ([user("a", inline=[LOGS])], []),
        # The one whose key asked IAM comes first.
        (
            [user("a", LISTS, keys="1"), user("b", LISTS)],
            [("b", 1, 0, LISTS, None), ("a", 1, 0, LISTS, None)],
        ),
    ],
)
def test_the_user_whose_key_okta_uses_is_found_by_what_it_may_do(users, expected):
    document = json.dumps({"Version": "2012-10-17", "Statement": [LIST_ROLES]})
    group = {"GroupName": "g", "AttachedManagedPolicies": [{"PolicyArn": LISTS}]}
    details = {
        "UserDetailList": users,
        "GroupDetailList": [group],
        "Policies": [policy(LISTS, document)],
    }

    found = candidates(Iam({each["UserName"]: each for each in users}), details)

    assert [(u.name, u.keys, u.inactive_keys, u.policy_arn, u.group) for u in found] == expected


def planned(kind, own_name, *, creates=True, **inputs):
    return Planned(f"urn::{own_name}", kind, inputs, "", {}, creates)


def adopted(*resources, keys="2 1 0-"):
    iam = Iam({"okta": user("okta", keys=keys)}, [LISTS, f"{LISTS}2"])
    return dict(identifiers.adopted(type("Client", (), {"iam": iam}), resources))


ATTACHED = Planned(
    "urn::attachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    {"user": "okta", "policyArn": UNKNOWN},
    "",
    {"policyArn": ["urn::policy"]},
    creates=True,
)


def key(name, **more):
    return planned(identifiers.ACCESS_KEY, f"provisioning-key-{name}", user="okta", **more)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([key("adopted")], {"urn::provisioning-key-adopted": "1"}),
        (
            [key("adopted-b"), key("adopted-a")],
            {"urn::provisioning-key-adopted-a": "1", "urn::provisioning-key-adopted-b": "2"},
        ),
        # One of the two is in the state.
        (
            [key("adopted-b"), key("adopted-a", creates=False)],
            {"urn::provisioning-key-adopted-b": "2"},
        ),
        ([key("first"), key("2026-11")], {}),  # made by the stack
        ([planned(identifiers.ACCESS_KEY, "x-key-adopted", user="gone")], {}),
        ([planned(identifiers.POLICY, "policy", name="Lists"), ATTACHED], {"urn::policy": LISTS}),
        ([planned(identifiers.POLICY, "policy", name="Lists")], {}),
        ([planned(identifiers.POLICY, "policy", name="List"), ATTACHED], {}),
    ],
)
def test_an_adoption_takes_over_the_keys_and_a_policy_of_another_path(resources, expected):
    assert adopted(*resources) == expected


def test_a_wider_provisioning_policy_deviates():
    model = AccessModel(settings.parse(STACK))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/svc/OktaMasterAccountPolicy"
    state = compare_aws.AccountState(None, {}, {arn: {"Statement": [LOGS]}}, {}, None)

    [drift] = compare_aws._provisioning_policy(model.stack, state, arn)

    assert drift.what == "document"
    assert compare_aws.policy_arn(state, arn.replace("/svc/", "/")) == arn


def test_groups_that_nobody_is_in_wait_for_people_and_are_accepted():
    empty = {"AWSDeveloper": {"roles": ["Developer"], "members": []}}
    found = clouds_of(STACK | {"groups": empty})
    assert sections.write(found)[0]["groups"] == {
        "AWSDeveloper": {"roles": ["Developer"], "temporary": {}}
    }
    stack, _ = written(found)
    assert preflight.refusals(AccessModel(stack)) == []
