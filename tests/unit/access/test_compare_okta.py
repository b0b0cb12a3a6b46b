"""An org that differs from the stack file in one thing gets one line."""

import pytest

import settings
from access.model import AccessModel
from access.verification import compare_okta
from access.verification.compare_okta import deviations, expected_app_settings
from access.verification.okta_state import AppState, Group, OrgState
from okta_aws_federation import okta_app

ACCOUNT = "123456789012"
CLIENT = "0oa" + "c" * 17
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {
        "label": "AWS",
        "commandLine": {"label": "AWS CLI"},
        "signOnPolicy": {"name": "MFA", "reauthenticateHours": 2},
    },
    "roles": {"Developer": {}},
    "today": "2026-11-25",
}


METHOD = {"type": "ASSURANCE", "factorMode": "2FA", "reauthenticateIn": "PT2H"}
RULE = {
    "name": "Second factor",
    "conditions": {"network": {"connection": "ANYWHERE"}, "people": {"users": {"exclude": []}}},
    "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": METHOD}},
}


def found(
    *,
    app=None,
    policy_id="rst1",
    client_policy_id="rst1",
    default=False,
    rule=RULE,
    client="AWS CLI",
    **changes,
):
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
        policy_rule=rule,
        client_label=client,
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

    assert "attributes: expected https://aws.amazon.com/SAML/Attributes/PrincipalTag:team" in line
    assert "TransitiveTagKeys" in line


def settings_with(**sign_on):
    """What Okta answers as the app's settings, with more of `signOn`."""
    stack = settings.parse(STACK)
    app = {**expected_app_settings(stack), "webSSOAllowedClient": CLIENT}
    return {"app": app, "signOn": {"attributeStatements": [], **sign_on}}


def attribute(name, **more):
    return {"type": "EXPRESSION", "name": name, **more}


GROUPS = attribute("groups", type="GROUP", filterType="REGEX", filterValue=".*")
TWICE = [attribute("team", values=["user.department"]), attribute("team", values=["user.email"])]
ELSEWHERE = "https://elsewhere.example.com/saml"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"settings": settings_with(ssoAcsUrlOverride=ELSEWHERE)},
            f"setting ssoAcsUrlOverride: expected not set, found {ELSEWHERE}; clear it in Okta",
        ),
        (
            {"settings": settings_with(audienceOverride="urn:other")},
            "setting audienceOverride: expected not set, found urn:other; clear it in Okta",
        ),
        (
            {"settings": settings_with(attributeStatements=[GROUPS])},
            "attributes: expected none, found groups = REGEX, .*",
        ),
        (
            {"settings": settings_with(attributeStatements=TWICE)},
            "attributes: expected none, found team = user.department; team = user.email",
        ),
        (
            {"settings": settings_with() | {"implicitAssignment": True}},
            "implicit assignment: expected False, found True",
        ),
        ({"accessibility": {"selfService": True}}, "self service: expected False, found True"),
        ({"client": "Mine"}, "setting webSSOAllowedClient: expected AWS CLI, found Mine"),
        ({"client": None}, "setting webSSOAllowedClient: expected AWS CLI, found none"),
    ],
)
def test_what_opens_the_app_to_somebody_else_is_named(changes, words):
    [line] = found(**changes)

    assert line.startswith(f"Okta: app AWS: {words}")


def rule(method=None, **changes):
    sign_on = {"access": "ALLOW", "verificationMethod": METHOD | (method or {})}
    return RULE | {"actions": {"appSignOn": sign_on}} | changes


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (None, "none"),
        (rule({"factorMode": "1FA"}), "1FA every PT2H for everybody"),
        (rule({"reauthenticateIn": "PT12H"}), "2FA every PT12H for everybody"),
        (rule(conditions={"people": {"users": {"include": ["00u1"]}}}), "2FA every PT2H for some"),
        (rule(conditions={"network": {"connection": "ZONE"}}), "2FA every PT2H for some"),
        (rule(actions={"appSignOn": {"access": "DENY"}}), "Second factor: DENY"),
    ],
)
def test_a_sign_on_policy_whose_first_rule_is_another_is_named(first, words):
    assert found(rule=first) == [
        f"Okta: policy MFA: first rule: expected 2FA every PT2H for everybody, found {words}; "
        "`pulumi up --refresh` makes it so again"
    ]


def of_org(stack, people=(), **names):
    """The lines about groups and people of an org that has these people and these groups."""
    held = Group("00g1", {each["login"]: each for each in people}, {}, None)
    groups = dict.fromkeys(compare_okta.expected_groups(stack), held)
    types = dict.fromkeys(groups, "OKTA_GROUP") | {
        n.replace("__", "_"): t for n, t in names.items()
    }
    state = OrgState(None, groups, group_types=types)
    return [str(each) for each in deviations(AccessModel(stack), state) if each.what != "app"]


@pytest.mark.parametrize(
    ("name", "kind", "app_filter", "named"),
    [
        (f"aws_{ACCOUNT}_Developer", "OKTA_GROUP", "okta", False),  # the stack's own
        (f"x_aws_{ACCOUNT}_Developer", "OKTA_GROUP", "okta", True),  # the filter is not anchored
        (f"aws_{ACCOUNT}_developer", "OKTA_GROUP", "okta", True),
        (f"aws_{ACCOUNT}_Other", "OKTA_GROUP", "okta", False),
        ("aws_111122223333_Developer", "OKTA_GROUP", "okta", False),
        (f"x_aws_{ACCOUNT}_Developer", "APP_GROUP", "okta", False),
        (f"x_aws_{ACCOUNT}_Developer", "APP_GROUP", "okta, active_directory", True),
    ],
)
def test_a_group_whose_name_opens_a_role_of_the_stack_is_named(name, kind, app_filter, named):
    stack = settings.parse(
        {
            "mode": "group-mapping",
            "accounts": STACK["accounts"],
            "app": {"appFilter": app_filter},
            "roles": {"Developer": {}},
            "groups": {"Developers": {"roles": ["Developer"]}},
        }
    )

    lines = of_org(stack, **{name: kind})

    assert [f"group {name}: name: expected of no role" in line for line in lines] == [True] * named


def test_a_person_whose_profile_is_another_is_named():
    ada = {"firstName": "Ada", "lastName": "L", "email": "ada@example.com", "department": "Dev"}
    stack = settings.parse(
        STACK
        | {
            "people": {"ada@example.com": ada},
            "groups": {"AWS": {"roles": ["Developer"], "members": ["ada@example.com"]}},
        }
    )
    profile = ada | {"login": "Ada@example.com", "mobilePhone": None}

    assert of_org(stack, [profile]) == []
    assert of_org(stack, [profile | {"department": "Ops"}]) == [
        "Okta: person ada@example.com: department: expected Dev, found Ops; "
        "`pulumi up --refresh` makes it so again"
    ]
