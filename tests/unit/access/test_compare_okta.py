"""An org that differs from the stack file in one thing gets one line."""

import settings
from access.model import AccessModel
from access.verification.compare_okta import deviations, expected_app_settings
from access.verification.okta_state import AppState, OrgState
from okta_aws_federation import okta_app

ACCOUNT = "123456789012"
CLIENT = "0oa" + "c" * 17
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {"label": "AWS", "commandLine": {"label": "AWS CLI"}, "signOnPolicy": {"name": "MFA"}},
    "roles": {"Developer": {}},
    "today": "2026-11-25",
}


def found(*, app=None, policy_id="rst1", client_policy_id="rst1", default=False, **changes):
    """The deviations of an org that is as the file says but for `changes` of its app's answer."""
    stack = settings.parse(STACK | {"app": STACK["app"] | (app or {})})
    identity = stack.app.source_identity
    sent = okta_app.attribute_expressions(
        stack.app.session_tags, identity.value if identity else None, stack.app.transitive_tags
    )
    answer = {
        "id": "0oa1",
        "label": "AWS",
        "status": "ACTIVE",
        "signOnMode": "SAML_2_0",
        "features": [],
        "credentials": {
            "userNameTemplate": {"template": stack.app.user_name_template or "${source.login}"}
        },
        "settings": {
            "app": {**expected_app_settings(stack), "webSSOAllowedClient": CLIENT},
            "signOn": {"attributeStatements": [{"name": n, "values": v} for n, v in sent.items()]},
        },
    }
    state = AppState(
        app=answer | changes,
        metadata="",
        assignments={},
        direct=frozenset(),
        combines_roles=False,
        policy="MFA",
        policy_id=policy_id,
        client_policy_id=client_policy_id,
        policy_is_default=default,
    )
    return [str(each) for each in deviations(AccessModel(stack), OrgState(state, {}))]


def test_an_org_that_is_as_the_file_says_has_none():
    assert found() == []


def test_a_native_app_under_another_policy_is_mended_by_an_update():
    assert found(client_policy_id="rst2") == [
        "Okta: app AWS CLI: sign-on policy: expected that of AWS, rst1, found rst2; "
        "`pulumi up --refresh` makes it so again"
    ]


def test_where_somebody_else_made_the_native_app_a_person_mends_it():
    theirs = {"commandLine": None, "webSsoAllowedClient": CLIENT}

    [line] = found(app=theirs, client_policy_id="rst2")

    assert line.startswith("Okta: app of the client: sign-on policy: expected that of AWS, rst1")
    assert line.endswith("found rst2; give both apps one policy in Okta")


def test_another_application_username_format_is_named():
    custom = {"app": {"userNameTemplate": "user.employeeNumber"}}
    by_hand = {"userNameTemplate": {"template": "user.email", "type": "CUSTOM"}}

    assert found(**custom) == []
    assert found(**custom, credentials=by_hand) == [
        "Okta: app AWS: application username format: expected user.employeeNumber, found "
        "user.email; `pulumi up --refresh` makes it so again"
    ]
    [line] = found(credentials=by_hand)
    assert "format: expected ${source.login}, found user.email" in line


def test_without_a_policy_in_the_file_the_native_app_s_is_not_compared():
    assert found(app={"signOnPolicy": None}, client_policy_id="rst2", default=True) == []


def test_without_a_policy_in_the_file_the_app_has_the_org_s_default_one():
    assert found(app={"signOnPolicy": None}, default=True) == []
    assert found(app={"signOnPolicy": None}, default=None) == [], "a token that can't read it"
    assert found(app={"signOnPolicy": None}) == [
        "Okta: app AWS: sign-on policy: expected the org's default, found MFA (rst1); "
        "name it in app.signOnPolicyId, or choose the default policy in Okta"
    ]


def test_an_attribute_that_the_app_no_longer_sends_is_named():
    tags = {"sessionTags": {"team": "user.department"}, "transitiveTags": ["team"]}
    assert found(app=tags) == []

    without = {"app": {"webSSOAllowedClient": CLIENT}, "signOn": {"attributeStatements": []}}
    stack = settings.parse(STACK | {"app": STACK["app"] | tags})
    without["app"] = {**expected_app_settings(stack), **without["app"]}
    [line] = found(app=tags, settings=without)

    assert "attributes: expected {" in line
    assert "TransitiveTagKeys" in line
