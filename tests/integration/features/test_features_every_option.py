"""One stack with every option of mode saml-roles, on the real engine."""

import json
import random

import pytest
from botocore.exceptions import ClientError

from sandbox.errors import SandboxError
from sandbox.person import outcome

ACCOUNT = "123456789012"
HERE = "127.0.0.1/32"
READ_IAM = [{"Effect": "Allow", "Action": ["iam:ListRoles", "iam:GetRole"], "Resource": "*"}]
SERVICE = {
    "Effect": "Allow",
    "Principal": {"Service": "account-access.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
}
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "eu-central-1"}},
    "app": {
        "label": "AWS for everybody",
        "provider": "OktaEverybody",
        "sessionHours": 2,
        "loginUrl": "https://eu-central-1.console.aws.amazon.com/console/home",
        "signInRegion": "eu-central-1",
        "fallbackRegions": ["eu-west-1", "us-east-1"],
        "joinAllRoles": True,
        "sessionTags": {"department": "user.department", "login": "user.login"},
        "transitiveTags": ["department", "login"],
        "sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]},
        "commandLine": {"label": "AWS on the command line"},
        "signOnPolicy": {"name": "AWS with a second factor", "reauthenticateHours": 8},
        "certificate": {"generation": "2026-11", "years": 5},
    },
    "roles": {
        "OktaDeveloper": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess", "job-function/ViewOnlyAccess"],
            "customerPolicies": {"Okta-Reads-Roles": READ_IAM},
            "inlinePolicies": {
                "Reads-Aliases": [READ_IAM[0] | {"Action": "iam:ListAccountAliases"}]
            },
            "exclusive": True,
            "boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "path": "/okta/",
            "description": "Builds.",
            "tags": {"team": "builders"},
            "sessionHours": 4,
            "trust": {
                "providers": ["OktaBefore"],
                "sessionTags": ["costCenter"],
                "sourceIdentities": ["ada@example.com", "joan@example.com"],
                "conditions": {"StringEquals": {"SAML:doc": "x"}},
                "opens": "2020-01-01",
                "closes": "2999-12-31",
                "sourceIps": [HERE, "10.0.0.0/8"],
                "statements": [SERVICE],
            },
        },
        "OktaAuditor": {"managedPolicies": ["SecurityAudit"], "sessionHours": 2},
    },
    "provisioning": {
        "keys": ["2026-05", "2026-11"],
        "sourceIps": [HERE, "10.0.0.0/8"],
        "store": {"kind": "ssm", "name": "/okta/provisioning"},
    },
    "groups": {
        "AWSDeveloper": {
            "roles": ["OktaDeveloper", "OktaAuditor"],
            "members": ["ada@example.com", "new@example.com"],
            "temporary": {"joan@example.com": "2026-12-31"},
            "description": "Builds.",
            "priority": 5,
        },
        "AWSAuditor": {"roles": ["OktaAuditor"], "rule": 'user.department=="Audit"'},
        "Directory": {"roles": ["OktaAuditor"], "existing": True, "members": ["alan@example.com"]},
    },
    "people": {
        "new@example.com": {"firstName": "New", "lastName": "Person", "email": "new@example.com"}
    },
    "tags": {"owner": "identity"},
    "today": "2026-12-31",
}

PASSWORD_ONLY = {key: value for key, value in STACK["app"].items() if key != "signOnPolicy"}


def shuffled(value, chance):
    """The same document with every list and mapping in another order, but for the access keys:
    the last one is the one that Okta gets."""
    if isinstance(value, dict):
        items = [(k, each if k == "keys" else shuffled(each, chance)) for k, each in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return chance.sample([shuffled(each, chance) for each in value], len(value))
    return value


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT, region="eu-central-1") as bench:
        bench.okta("POST", "/api/v1/groups", json={"profile": {"name": "Directory"}})
        trust_another_app(bench, "OktaBefore")
        yield bench


def trust_another_app(bench, provider):
    """A SAML provider that was there before, of an app that was made by hand."""
    body = {"name": "amazon_aws", "label": "Before", "signOnMode": "SAML_2_0"}
    app = bench.okta("POST", "/api/v1/apps", json=body)
    metadata = bench.okta("GET", f"/api/v1/apps/{app['id']}/sso/saml/metadata")
    iam = bench.aws("iam", ACCOUNT)
    iam.create_saml_provider(Name=provider, SAMLMetadataDocument=metadata)


@pytest.fixture(scope="module")
def before(bench):
    return bench.inventory()


def done(stack, **changes):
    provisioning = stack["provisioning"] | {"integration": "done"}
    return stack | {"provisioning": provisioning} | changes


def test_the_stack_comes_up_in_two_phases(bench, before):
    bench.write(STACK)
    assert set(bench.up()) == {"created"}
    bench.do_the_provisioning_tab()

    bench.write(done(STACK))
    assert bench.up() == {"created": 3}


def test_a_second_up_changes_nothing_whatever_the_order_of_lists_and_mappings(bench):
    assert bench.up() == {}
    for seed in (1, 2):
        bench.write(shuffled(done(STACK), random.Random(seed)))
        assert bench.up() == {}


def test_a_state_of_version_0_1_is_taken_over_without_a_change(bench):
    bench.state_of_0_1()

    assert bench.up() == {}


def test_nothing_differs_from_what_the_clouds_hold(bench):
    printed = bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")

    assert "updated" not in printed.rpartition("Resources:")[2], printed


def test_okta_was_told_everything(bench):
    app = bench.okta("GET", f"/api/v1/apps/{bench.stack.outputs()['appId']}")
    said = app["settings"]["app"]

    assert said["overrideAcsURL"] == "https://eu-central-1.signin.aws.amazon.com/saml"
    assert said["joinAllRoles"] is True
    assert said["sessionDuration"] == 7200
    assert said["loginURL"] == STACK["app"]["loginUrl"]
    [native] = [a for a in bench.okta("GET", "/api/v1/apps") if a["name"] == "oidc_client"]
    assert said["webSSOAllowedClient"] == native["credentials"]["oauthClient"]["client_id"]
    policy = app["_links"]["accessPolicy"]["href"].rpartition("/")[2]
    assert native["_links"]["accessPolicy"] == app["_links"]["accessPolicy"]
    rules = bench.okta("GET", f"/api/v1/policies/{policy}/rules")
    assert [rule["name"] for rule in rules if not rule["system"]] == ["Second factor"]
    keys = bench.okta("GET", f"/api/v1/apps/{app['id']}/credentials/keys")
    assert len(keys) == 2
    assert app["credentials"]["signing"]["kid"] == keys[-1]["kid"], "the new generation signs"


def test_the_stored_key_is_the_newest_one(bench):
    kept = bench.aws("ssm", ACCOUNT).get_parameter(Name="/okta/provisioning", WithDecryption=True)
    said = bench.stack.outputs(secrets=True)

    assert kept["Parameter"]["Type"] == "SecureString"
    assert json.loads(kept["Parameter"]["Value"]) == {
        "accessKeyId": said["provisioningAccessKeyId"],
        "secretAccessKey": said["provisioningSecretAccessKey"],
    }


def test_a_policy_that_a_stranger_attaches_is_taken_away(bench):
    iam = bench.aws("iam", ACCOUNT)
    stranger = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    iam.attach_role_policy(RoleName="OktaDeveloper", PolicyArn=stranger)

    bench.stack.run("up", "--stack", "features", "--yes", "--skip-preview", "--refresh")

    attached = iam.list_attached_role_policies(RoleName="OktaDeveloper")["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {
        "AmazonEC2ReadOnlyAccess",
        "ViewOnlyAccess",
        "Okta-Reads-Roles",
    }


def test_without_a_second_factor_nobody_enters_until_the_policy_is_gone(bench):
    with pytest.raises(SandboxError, match="second factor"):
        bench.response("ada@example.com")

    bench.write(done(STACK, app=PASSWORD_ONLY))

    assert bench.up() == {"deleted": 2, "updated": 2}, "the native app too"
    assert bench.response("ada@example.com")


def test_a_condition_that_nobody_meets_keeps_people_out_and_taking_it_out_lets_them_in(bench):
    with pytest.raises(ClientError, match="AccessDenied"):
        bench.enter("ada@example.com", "OktaDeveloper")

    bench.write(without_the_condition())
    assert bench.up() == {"updated": 1}

    session = bench.enter("ada@example.com", "OktaDeveloper")
    assert outcome(session.client("iam").list_roles) == "allowed"
    assert outcome(session.client("s3").list_buckets) == "allowed", "ViewOnlyAccess"


def without_the_condition():
    developer = STACK["roles"]["OktaDeveloper"]
    trust = developer["trust"] | {"conditions": {}}
    roles = STACK["roles"] | {"OktaDeveloper": developer | {"trust": trust}}
    return done(STACK, app=PASSWORD_ONLY, roles=roles)


def test_a_certificate_rolls_over_without_a_moment_in_which_nobody_enters(bench):
    app = f"/api/v1/apps/{bench.stack.outputs()['appId']}"
    key = bench.okta("POST", f"{app}/credentials/keys/generate", params={"validityYears": 3})
    bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")

    certificate = PASSWORD_ONLY["certificate"] | {"alsoTrusted": [key["kid"]]}
    bench.write(without_the_condition() | {"app": PASSWORD_ONLY | {"certificate": certificate}})
    assert bench.up() == {"updated": 1}, "AWS trusts the key that is to sign"
    bench.enter("ada@example.com", "OktaDeveloper")

    body = bench.okta("GET", app)
    body["credentials"]["signing"]["kid"] = key["kid"]
    bench.okta("PUT", app, json=body)
    bench.enter("ada@example.com", "OktaDeveloper")

    bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")
    bench.write(without_the_condition())
    assert bench.up() == {"updated": 1}, "AWS trusts the old key no more"
    bench.enter("ada@example.com", "OktaDeveloper")
    assert bench.up() == {}


def test_a_roll_over_without_a_refresh_is_refused_and_then_shuts_nobody_out(bench):
    app = f"/api/v1/apps/{bench.stack.outputs()['appId']}"
    key = bench.okta("POST", f"{app}/credentials/keys/generate", params={"validityYears": 3})
    certificate = PASSWORD_ONLY["certificate"] | {"alsoTrusted": [key["kid"]]}
    trusting = without_the_condition() | {"app": PASSWORD_ONLY | {"certificate": certificate}}
    bench.write(trusting)
    with pytest.raises(SandboxError, match="run `pulumi refresh` if Okta") as refused:
        bench.up()
    assert "Traceback" not in str(refused.value)
    bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")
    bench.up()

    body = bench.okta("GET", app)
    body["credentials"]["signing"]["kid"] = key["kid"]
    bench.okta("PUT", app, json=body)
    bench.write(without_the_condition())
    with pytest.raises(SandboxError, match="signs with another key than Pulumi's state") as refused:
        bench.stack.run("preview", "--stack", "features")
    assert "Traceback" not in str(refused.value)

    bench.up()  # without the preview that refuses, and without a refresh

    bench.enter("ada@example.com", "OktaDeveloper")
    signing = bench.okta("GET", app)["credentials"]["signing"]["kid"]
    assert signing == key["kid"], "Okta signs with the key that an administrator has activated"
    bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")
    assert bench.up() == {}


def test_a_membership_ends_after_its_last_day_and_nothing_else_changes(bench):
    bench.enter("joan@example.com", "OktaDeveloper")

    bench.write(without_the_condition() | {"today": "2027-01-01"})

    assert bench.up() == {"deleted": 1}
    assert bench.up() == {}


def test_a_window_that_has_closed_keeps_everybody_out(bench):
    stack = without_the_condition() | {"today": "2027-01-01"}
    trust = stack["roles"]["OktaDeveloper"]["trust"] | {"closes": "2020-12-31"}
    stack["roles"]["OktaDeveloper"] = stack["roles"]["OktaDeveloper"] | {"trust": trust}
    bench.write(stack)
    assert bench.up() == {"updated": 1}

    with pytest.raises(ClientError, match="AccessDenied"):
        bench.enter("ada@example.com", "OktaDeveloper")


def test_the_user_can_have_the_old_policy_directly_and_its_key_in_the_other_store(bench):
    stack = without_the_condition()
    store = {"kind": "secretsmanager", "name": "okta/provisioning"}
    choice = {"attach": "user", "permissions": "multi-account", "store": store}
    bench.write(stack | {"provisioning": stack["provisioning"] | choice})
    bench.up()

    iam = bench.aws("iam", ACCOUNT)
    [policy] = iam.list_attached_user_policies(UserName="OktaSSOuser")["AttachedPolicies"]
    version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
    assert "Okta-Idp-cross-account-role" in str(document["PolicyVersion"]["Document"])
    assert iam.list_groups_for_user(UserName="OktaSSOuser")["Groups"] == []
    kept = bench.aws("secretsmanager", ACCOUNT).get_secret_value(SecretId="okta/provisioning")
    newest = bench.stack.outputs()["provisioningAccessKeyId"]
    assert json.loads(kept["SecretString"])["accessKeyId"] == newest
    assert bench.up() == {}


def test_a_destroy_leaves_nothing(bench, before):
    bench.stack.destroy()

    assert bench.inventory() == before
    assert bench.okta("GET", "/api/v1/groups/rules") == []
    policies = bench.okta("GET", "/api/v1/policies", params={"type": "ACCESS_POLICY"})
    assert [policy["name"] for policy in policies if not policy["system"]] == []
    assert bench.aws("ssm", ACCOUNT).describe_parameters()["Parameters"] == []
    assert bench.aws("secretsmanager", ACCOUNT).list_secrets()["SecretList"] == []
