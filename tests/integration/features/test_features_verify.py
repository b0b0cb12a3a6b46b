"""`python -m access verify` finds what was changed behind the stack's back, names it, and no more.

One deployment by the real engine; each change is made by the cloud's own API, found, and undone.
"""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from unittest import mock

import pytest
import yaml

import settings
from access.model import AccessModel
from access.verification.run import run
from sandbox.okta import metadata as okta_metadata
from sandbox.workspace import ROOT

ACCOUNT = "123456789012"
ADA, GRACE, ALAN = "ada@example.com", "grace@example.com", "alan@example.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/OktaDeveloper"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
LOGS = {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {"sessionTags": {"login": "user.login"}},
    "roles": {
        "OktaDeveloper": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
            "customerPolicies": {"Logs": [LOGS]},
            "inlinePolicies": {"Queues": [LOGS | {"Action": "sqs:ListQueues"}]},
            "boundary": "ReadOnlyAccess",
        },
        "OktaAuditor": {"managedPolicies": ["SecurityAudit"], "sessionHours": 2},
    },
    "groups": {
        "AWSDeveloper": {"roles": ["OktaDeveloper"], "members": [ADA], "priority": 1},
        "AWSAuditor": {
            "roles": ["OktaAuditor"],
            "rule": 'user.department=="Audit"',
            "members": [GRACE],
            "priority": 2,
        },
    },
    "provisioning": {"integration": "pending"},
    "expect": [
        {"user": ADA, "can": ["ec2:DescribeInstances"], "cannot": ["s3:ListAllMyBuckets"]},
        {"user": GRACE, "can": ["iam:ListRoles"], "cannot": ["ec2:RunInstances"]},
    ],
}
TRUST_OF_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringLike": {"SAML:aud": "*"}},
        }
    ],
}


class Deployment:
    """The stack as deployed, a file that says it, and hands that reach behind its back."""

    def __init__(self, bench, file):
        self.bench, self.file = bench, file
        self.iam = bench.aws("iam", ACCOUNT)
        self.app = bench.stack.outputs()["appId"]
        self.groups = {
            each["profile"]["name"]: each["id"] for each in self.okta("GET", "/groups?limit=200")
        }
        self.people = {
            each["profile"]["login"]: each["id"] for each in self.okta("GET", "/users?limit=200")
        }

    def okta(self, method, path, body=None):
        return self.bench.okta(method, f"/api/v1{path}", **({"json": body} if body else {}))

    def verify(self, *options, **environment):
        values = dict(self.bench.stack.variables) | environment
        return subprocess.run(
            [sys.executable, "-m", "access", "verify", str(self.file), *options],
            cwd=ROOT,
            env=values,
            capture_output=True,
            text=True,
            check=False,
        )

    def deviations(self):
        """The same in this process, which is faster."""
        with mock.patch.dict(os.environ, self.bench.stack.variables):
            part = settings.read_part(self.file)
            found = run(AccessModel(part.estate), part).deviations
        return [each.as_json() for each in found]


@pytest.fixture(scope="module")
def deployed(bench_of, tmp_path_factory):
    with bench_of(ACCOUNT) as bench:
        bench.write(STACK)
        bench.up()
        bench.do_the_provisioning_tab()
        done = STACK | {"provisioning": {"integration": "done"}}
        bench.write(done)
        bench.up()
        file = tmp_path_factory.mktemp("stack") / "Pulumi.dev.yaml"
        config = {f"okta-aws-federation:{key}": value for key, value in done.items()}
        file.write_text(yaml.safe_dump({"config": config}))
        yield Deployment(bench, file)


def test_an_untouched_deployment_is_as_the_stack_file_says(deployed):
    done = deployed.verify()

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(
        "both clouds are as the stack file says, 8 decisions of AWS's simulator among them"
    )


def attach(d):
    d.iam.attach_role_policy(
        RoleName="OktaDeveloper", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    return lambda: d.iam.detach_role_policy(
        RoleName="OktaDeveloper", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def detach(d):
    arn = "arn:aws:iam::aws:policy/SecurityAudit"
    d.iam.detach_role_policy(RoleName="OktaAuditor", PolicyArn=arn)
    return lambda: d.iam.attach_role_policy(RoleName="OktaAuditor", PolicyArn=arn)


def put_inline(d):
    document = json.dumps({"Version": "2012-10-17", "Statement": [LOGS]})
    d.iam.put_role_policy(RoleName="OktaAuditor", PolicyName="Mine", PolicyDocument=document)
    return lambda: d.iam.delete_role_policy(RoleName="OktaAuditor", PolicyName="Mine")


def edit_inline(d):
    before = d.iam.get_role_policy(RoleName="OktaDeveloper", PolicyName="Queues")["PolicyDocument"]
    changed = {"Version": "2012-10-17", "Statement": [LOGS | {"Action": "sqs:*"}]}

    def put(document):
        d.iam.put_role_policy(
            RoleName="OktaDeveloper", PolicyName="Queues", PolicyDocument=json.dumps(document)
        )

    put(changed)
    return lambda: put(before)


def edit_trust(d):
    before = d.iam.get_role(RoleName="OktaAuditor")["Role"]["AssumeRolePolicyDocument"]

    def put(document):
        d.iam.update_assume_role_policy(RoleName="OktaAuditor", PolicyDocument=json.dumps(document))

    put(TRUST_OF_ALL)
    return lambda: put(before)


def drop_boundary(d):
    d.iam.delete_role_permissions_boundary(RoleName="OktaDeveloper")
    return lambda: d.iam.put_role_permissions_boundary(
        RoleName="OktaDeveloper", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def lengthen(d):
    d.iam.update_role(RoleName="OktaDeveloper", MaxSessionDuration=43200)
    return lambda: d.iam.update_role(RoleName="OktaDeveloper", MaxSessionDuration=3600)


def another_role(d):
    d.iam.create_role(RoleName="Backdoor", AssumeRolePolicyDocument=json.dumps(TRUST_OF_ALL))
    return lambda: d.iam.delete_role(RoleName="Backdoor")


def third_key(d):
    key = d.iam.create_access_key(UserName="OktaSSOuser")["AccessKey"]["AccessKeyId"]
    return lambda: d.iam.delete_access_key(UserName="OktaSSOuser", AccessKeyId=key)


def user_policy(d):
    arn = "arn:aws:iam::aws:policy/IAMFullAccess"
    d.iam.attach_user_policy(UserName="OktaSSOuser", PolicyArn=arn)
    return lambda: d.iam.detach_user_policy(UserName="OktaSSOuser", PolicyArn=arn)


def new_version(d):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/Logs"
    document = json.dumps({"Version": "2012-10-17", "Statement": [LOGS | {"Action": "logs:*"}]})
    version = d.iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=document, SetAsDefault=True
    )["PolicyVersion"]["VersionId"]

    def undo():
        d.iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
        d.iam.delete_policy_version(PolicyArn=arn, VersionId=version)

    return undo


def old_metadata(d):
    before = d.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLMetadataDocument"]
    app = d.okta("GET", f"/apps/{d.app}")
    key = d.okta("POST", f"/apps/{d.app}/credentials/keys/generate?validityYears=2")
    other = json.loads(json.dumps(app))
    other["credentials"]["signing"]["kid"] = key["kid"]
    d.okta("PUT", f"/apps/{d.app}", other)

    def undo():
        d.okta("PUT", f"/apps/{d.app}", app)
        assert before

    return undo


def foreign_certificate(d):
    """Whoever has its key signs assertions for everybody."""
    before = d.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLMetadataDocument"]
    descriptor = re.search(r"<(md:)?KeyDescriptor.*?</(md:)?KeyDescriptor>", before, re.DOTALL)[0]
    ours = re.search(r"X509Certificate>([^<]+)<", descriptor)[1]
    theirs = okta_metadata.certificate_text(okta_metadata.new_key("00o1", datetime.now(UTC)))

    def put(metadata):
        d.iam.update_saml_provider(SAMLProviderArn=PROVIDER, SAMLMetadataDocument=metadata)

    put(before.replace(descriptor, descriptor + descriptor.replace(ours, theirs)))
    return lambda: put(before)


ON_AWS = [
    (attach, "role OktaDeveloper in 123456789012", "attachment", "AdministratorAccess"),
    (detach, "role OktaAuditor in 123456789012", "attachment", "it detached"),
    (put_inline, "role OktaAuditor in 123456789012", "inline policy", "Mine"),
    (edit_inline, "role OktaDeveloper in 123456789012", "inline policy Queues", "sqs:*"),
    (edit_trust, "role OktaAuditor in 123456789012", "trust policy", "StringLike"),
    (drop_boundary, "role OktaDeveloper in 123456789012", "boundary", "none"),
    (lengthen, "role OktaDeveloper in 123456789012", "longest session", "43200 s"),
    (another_role, "role Backdoor in 123456789012", "trust policy", "it trusting that"),
    (third_key, "user OktaSSOuser in 123456789012", "access keys", "2"),
    (user_policy, "user OktaSSOuser in 123456789012", "attachments", "IAMFullAccess"),
    (new_version, f"policy arn:aws:iam::{ACCOUNT}:policy/Logs", "document", "logs:*"),
    (old_metadata, "SAML provider Okta in 123456789012", "certificates", "1 missing"),
    (foreign_certificate, "SAML provider Okta in 123456789012", "certificates", "1 of other keys"),
]


def found_after(deployed, change):
    """What `verify` says of a change, which is undone again."""
    undo = change(deployed)
    try:
        return deployed.deviations()
    finally:
        undo()


@pytest.mark.parametrize(
    ("change", "where", "what", "observed"), ON_AWS, ids=[row[0].__name__ for row in ON_AWS]
)
def test_a_change_in_aws_is_named(deployed, change, where, what, observed):
    found = found_after(deployed, change)

    decided = {each["what"] for each in found if ":" in each["what"]}
    named = [each for each in found if each["what"] not in decided]
    assert [(each["cloud"], each["where"], each["what"]) for each in named] == [
        ("AWS", where, what)
    ]
    assert observed in named[0]["observed"]
    assert named[0]["fix"]


def test_what_people_can_do_by_it_is_named_too(deployed):
    undo = attach(deployed)
    try:
        deployed.iam.delete_role_permissions_boundary(RoleName="OktaDeveloper")
        found = deployed.deviations()
    finally:
        drop_boundary(deployed)()
        undo()

    [decision] = [each for each in found if each["what"] == "s3:ListAllMyBuckets"]
    assert (decision["expected"], decision["observed"]) == ("denied", "allowed")


def assign(d, group, priority, *roles):
    profile = {"role": None, "samlRoles": list(roles)}
    body = {"priority": priority, "profile": profile}
    d.okta("PUT", f"/apps/{d.app}/groups/{d.groups[group]}", body)


def stranger_group(d):
    made = d.okta("POST", "/groups", {"profile": {"name": "Friends", "description": ""}})
    d.groups["Friends"] = made["id"]
    assign(d, "Friends", 7, "OktaAuditor")
    return lambda: d.okta("DELETE", f"/groups/{made['id']}")


def unassigned(d):
    d.okta("DELETE", f"/apps/{d.app}/groups/{d.groups['AWSAuditor']}")
    return lambda: assign(d, "AWSAuditor", 2, "OktaAuditor")


def more_roles(d):
    assign(d, "AWSDeveloper", 1, "OktaAuditor", "OktaDeveloper")
    return lambda: assign(d, "AWSDeveloper", 1, "OktaDeveloper")


def other_priority(d):
    assign(d, "AWSDeveloper", 9, "OktaDeveloper")
    return lambda: assign(d, "AWSDeveloper", 1, "OktaDeveloper")


def stranger(d):
    path = f"/groups/{d.groups['AWSDeveloper']}/users/{d.people[ALAN]}"
    d.okta("PUT", path)
    return lambda: d.okta("DELETE", path)


def gone(d):
    path = f"/groups/{d.groups['AWSDeveloper']}/users/{d.people[ADA]}"
    d.okta("DELETE", path)
    return lambda: d.okta("PUT", path)


def direct(d):
    body = {"id": d.people[ALAN], "scope": "USER", "credentials": {"userName": ALAN}}
    d.okta("POST", f"/apps/{d.app}/users", body | {"profile": {"samlRoles": ["OktaAuditor"]}})
    return lambda: d.okta("DELETE", f"/apps/{d.app}/users/{d.people[ALAN]}")


def setting(d, change):
    before = d.okta("GET", f"/apps/{d.app}")
    after = json.loads(json.dumps(before))
    change(after)
    d.okta("PUT", f"/apps/{d.app}", after)
    return lambda: d.okta("PUT", f"/apps/{d.app}", before)


def longer(d):
    return setting(d, lambda app: app["settings"]["app"].update(sessionDuration=7200))


def other_provider(d):
    arn = f"arn:aws:iam::{ACCOUNT}:saml-provider/Other"
    return setting(d, lambda app: app["settings"]["app"].update(identityProviderArn=arn))


def other_attribute(d):
    return setting(d, lambda app: app["settings"]["signOn"].update(attributeStatements=[]))


def inactive(d):
    d.okta("POST", f"/apps/{d.app}/lifecycle/deactivate")
    return lambda: d.okta("POST", f"/apps/{d.app}/lifecycle/activate")


def stranger_rule(d):
    rule = d.okta(
        "POST",
        "/groups/rules",
        {
            "type": "group_rule",
            "name": "Everybody",
            "conditions": {
                "expression": {
                    "type": "urn:okta:expression:1.0",
                    "value": 'user.department=="Nobody"',
                }
            },
            "actions": {"assignUserToGroups": {"groupIds": [d.groups["AWSDeveloper"]]}},
        },
    )
    d.okta("POST", f"/groups/rules/{rule['id']}/lifecycle/activate")

    def undo():
        d.okta("POST", f"/groups/rules/{rule['id']}/lifecycle/deactivate")
        d.okta("DELETE", f"/groups/rules/{rule['id']}")

    return undo


def relabelled(d):
    return setting(d, lambda app: app.update(label="Renamed"))


def other_page(d):
    page = "https://eu-west-1.signin.aws.amazon.com/saml"
    return setting(d, lambda app: app["settings"]["app"].update(overrideAcsURL=page))


def posted_elsewhere(d):
    page = "https://elsewhere.example.com/saml"
    return setting(d, lambda app: app["settings"]["signOn"].update(ssoAcsUrlOverride=page))


def group_attribute(d):
    statement = {"type": "GROUP", "name": "groups", "filterType": "REGEX", "filterValue": ".*"}
    statement["namespace"] = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    return setting(
        d, lambda app: app["settings"]["signOn"]["attributeStatements"].append(statement)
    )


def for_everybody(d):
    return setting(d, lambda app: app["settings"].update(implicitAssignment=True))


ON_OKTA = [
    (posted_elsewhere, "app AWS Account Federation", "setting ssoAcsUrlOverride", "elsewhere"),
    (group_attribute, "app AWS Account Federation", "attributes", "groups = REGEX, .*"),
    (for_everybody, "app AWS Account Federation", "implicit assignment", "True"),
    (relabelled, "app AWS Account Federation", "label", "Renamed"),
    (other_page, "app AWS Account Federation", "setting overrideAcsURL", "eu-west-1"),
    (stranger_group, "app AWS Account Federation", "assigned groups", "Friends with roles: OktaAu"),
    (unassigned, "app AWS Account Federation", "assigned groups", "it not assigned"),
    (more_roles, "group AWSDeveloper", "samlRoles", "OktaAuditor, OktaDeveloper"),
    (other_priority, "app AWS Account Federation", "priority of groups", "AWSAuditor, AWSD"),
    (stranger, "group AWSDeveloper", "people", ALAN),
    (gone, "group AWSDeveloper", "people", "them not in it"),
    (direct, "app AWS Account Federation", "assigned people", ALAN),
    (longer, "app AWS Account Federation", "setting sessionDuration", "7200"),
    (other_provider, "app AWS Account Federation", "setting identityProviderArn", "Other"),
    (other_attribute, "app AWS Account Federation", "attributes", "none"),
    (inactive, "app AWS Account Federation", "status", "INACTIVE"),
    (stranger_rule, "group AWSDeveloper", "rules", "Everybody"),
]


@pytest.mark.parametrize(
    ("change", "where", "what", "observed"), ON_OKTA, ids=[row[0].__name__ for row in ON_OKTA]
)
def test_a_change_in_okta_is_named(deployed, change, where, what, observed):
    found = found_after(deployed, change)

    assert [(each["cloud"], each["where"], each["what"]) for each in found] == [
        ("Okta", where, what)
    ]
    assert observed in found[0]["observed"]


def test_a_provider_whose_name_begins_like_ours_is_another(deployed):
    metadata = deployed.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLMetadataDocument"]
    deployed.iam.create_saml_provider(SAMLMetadataDocument=metadata, Name="OktaContractors")
    trust = json.dumps(TRUST_OF_ALL).replace(PROVIDER, f"{PROVIDER}Contractors")
    deployed.iam.create_role(RoleName="Contractor", AssumeRolePolicyDocument=trust)
    try:
        assert deployed.deviations() == []
    finally:
        deployed.iam.delete_role(RoleName="Contractor")
        deployed.iam.delete_saml_provider(SAMLProviderArn=f"{PROVIDER}Contractors")


def test_a_renamed_app_hides_nothing_of_what_else_deviates(deployed):
    undo = [change(deployed) for change in (direct, longer, relabelled)]
    try:
        found = {each["what"] for each in deployed.deviations()}
    finally:
        for each in reversed(undo):
            each()

    assert found == {"label", "assigned people", "setting sessionDuration"}


def test_when_everything_is_undone_nothing_deviates(deployed):
    assert deployed.deviations() == []


def test_without_credentials_it_is_one_line_that_says_which(deployed):
    done = deployed.verify(OKTA_API_TOKEN="wrong")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert "401 E0000011" in done.stderr

    done = deployed.verify(AWS_SECRET_ACCESS_KEY="wrong")
    assert done.returncode == 2
    assert "account 123456789012: no credentials that work" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_policies_of_the_account_itself_are_read_on_request(deployed):
    arn = deployed.iam.create_policy(
        PolicyName="Theirs",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [LOGS]}),
    )["Policy"]["Arn"]
    document = yaml.safe_load(deployed.file.read_text())
    document["config"]["okta-aws-federation:roles"]["OktaAuditor"]["managedPolicies"] = [arn]
    document["config"]["okta-aws-federation:expect"] = [
        {"user": GRACE, "can": ["logs:GetLogEvents"]}
    ]
    # Named like the stack, whose state has the app.
    other = deployed.file.parent / "other" / f"Pulumi.{deployed.bench.stack.name}.yaml"
    other.parent.mkdir()
    other.write_text(yaml.safe_dump(document))

    def check(*options):
        return subprocess.run(
            [sys.executable, "-m", "access", "check", str(other), "--strict", *options],
            cwd=ROOT,
            env=dict(deployed.bench.stack.variables),
            capture_output=True,
            text=True,
            check=False,
        )

    assert "ask with --live" in check().stdout
    live = check("--live")
    assert live.returncode == 0, live.stdout
    assert "1 of 1 expectations are met (policies as the accounts have them, read 20" in live.stdout
    deployed.iam.delete_policy(PolicyArn=arn)


MENDED = (
    *(attach, detach, put_inline, edit_inline, edit_trust, drop_boundary, lengthen, another_role),
    *(third_key, user_policy, new_version),
    *(stranger_group, more_roles, stranger, gone, direct, longer, other_attribute, stranger_rule),
    foreign_certificate,
)


def test_each_line_says_what_mends_it_as_tried(deployed):
    """Last, because not all of it is undone."""
    for change in MENDED:
        change(deployed)
    before = deployed.deviations()
    assert {each["mended_by"] for each in before} == {"up --refresh", "person"}

    deployed.bench.stack.run("up", "--stack", deployed.bench.stack.name, "--yes", "--refresh")

    def lines(found):
        return {(each["where"], each["what"], each["observed"]) for each in found}

    by_a_person = [each for each in before if each["mended_by"] == "person"]
    after = deployed.deviations()
    assert lines(after) <= lines(by_a_person), "what an update was to mend is mended"
    decisions = {each for each in lines(by_a_person) if ":" in each[1]}
    assert lines(by_a_person) - lines(after) <= decisions, "and nothing that was left to a person"
