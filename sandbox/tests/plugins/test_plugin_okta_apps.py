"""The SAML app: what is sent for each verb, what is shown, what counts as a change."""

import json

import grpc
import pytest

from sandbox.plugins.values import UNKNOWN

SAML = "okta:app/saml:Saml"
OAUTH = "okta:app/oAuth:OAuth"
POLICY = "okta:index/appSignonPolicy:AppSignonPolicy"

SETTINGS = {
    "appFilter": "okta",
    "awsEnvironmentType": "aws.amazon",
    "groupFilter": r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
    "identityProviderArn": "arn:aws:iam::123456789012:saml-provider/Okta",
    "joinAllRoles": False,
    "loginURL": "https://console.aws.amazon.com/ec2/home",
    "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/Okta",
    "sessionDuration": 3600,
    "useGroupMapping": False,
}
APP = {
    "label": "AWS",
    "preconfiguredApp": "amazon_aws",
    "appSettingsJson": json.dumps(SETTINGS),
    "skipAuthenticationPolicy": True,
}
READ = ["GET /apps/*", "GET /apps/*/sso/saml/metadata?kid=*", "GET /apps/*/credentials/keys"]


def settings(**changes):
    changed = {name: v for name, v in (SETTINGS | changes).items() if v != "absent"}
    return APP | {"appSettingsJson": json.dumps(changed)}


@pytest.fixture
def app(okta, directory):
    thing = okta.create(SAML, **APP)
    thing.asked = directory.asked()
    return thing


def test_an_app_is_posted_and_read(app):
    assert app.asked == ["POST /apps?activate=true", *READ]


def test_an_app_shows_what_others_need_of_it(app, directory):
    stored = directory.call("GET", f"/api/v1/apps/{app.id}")
    outputs = app.outputs

    assert outputs["keyId"] == stored["credentials"]["signing"]["kid"]
    assert outputs["metadata"].startswith("<?xml")
    assert outputs["metadataUrl"] == stored["_links"]["metadata"]["href"]
    assert outputs["entityUrl"] == outputs["entityKey"], "a catalogue app has no issuer pattern"
    assert outputs["certificate"] in outputs["metadata"].replace("\n", "")
    assert outputs["httpPostBinding"] in outputs["metadata"]
    assert outputs["embedUrl"] == stored["_links"]["appLinks"][0]["href"]
    assert outputs["logoUrl"] == stored["_links"]["logo"][0]["href"]
    assert outputs["features"] == []
    assert outputs["name"] == outputs["preconfiguredApp"] == "amazon_aws"
    assert outputs["signOnMode"] == "SAML_2_0"
    assert outputs["authenticationPolicy"] == ""
    [key] = outputs["keys"]
    assert key["kid"] == outputs["keyId"]
    assert key["x5cs"]
    assert key["expiresAt"]
    assert json.loads(outputs["appSettingsJson"]) == SETTINGS


def test_the_program_again_changes_nothing_before_and_after_a_refresh(okta, app):
    assert okta.changes(app, **APP) == set()
    assert okta.refresh(app) == app
    assert okta.changes(okta.refresh(app), **APP) == set()


def test_an_update_sends_the_whole_app_with_the_key_that_the_state_knows(okta, app, directory):
    renamed = okta.update(app, **APP | {"label": "AWS accounts"})

    assert directory.asked() == ["PUT /apps/*", *READ]
    assert renamed.outputs["label"] == "AWS accounts"
    assert renamed.outputs["keyId"] == app.outputs["keyId"]


@pytest.mark.parametrize(
    ("program", "changed"),
    [
        (settings(), set()),
        (APP | {"appSettingsJson": json.dumps(SETTINGS, sort_keys=True, indent=2)}, set()),
        (settings(joinAllRoles="absent"), set()),
        (settings(joinAllRoles=True), {"appSettingsJson"}),
        (settings(sessionDuration="absent"), {"appSettingsJson"}),
        (settings(sessionDuration=7200), {"appSettingsJson"}),
        (settings(webSSOAllowedClient=None), {"appSettingsJson"}),
        (settings(webSSOAllowedClient=""), {"appSettingsJson"}),
        ({name: v for name, v in APP.items() if name != "appSettingsJson"}, set()),
        (APP | {"hideWeb": False}, set()),
        (APP | {"hideWeb": True}, {"hideWeb"}),
        (APP | {"responseSigned": True}, {"responseSigned"}),
        (APP | {"adminNote": "ours"}, {"adminNote"}),
        (APP | {"skipAuthenticationPolicy": False}, {"skipAuthenticationPolicy"}),
    ],
)
def test_what_counts_as_a_change(okta, app, program, changed):
    assert okta.changes(app, **program) == changed


def test_nulls_that_okta_adds_to_the_settings_do_not_show(okta, directory):
    directory.switch(settings_defaults=False)
    program = APP | {"appSettingsJson": json.dumps({"identityProviderArn": "arn:x"})}

    app = okta.create(SAML, **program)

    assert app.outputs["appSettingsJson"] == '{"identityProviderArn":"arn:x"}'
    assert okta.changes(app, **program) == set()


def test_another_catalogue_app_is_another_app(okta, app):
    answer = okta.diff(app, **APP | {"preconfiguredApp": "slack"})

    assert set(answer.replaces) == {"preconfiguredApp"}
    assert not answer.deleteBeforeReplace


def test_an_app_that_starts_inactive_has_no_metadata_until_a_refresh(okta, directory):
    app = okta.create(SAML, **APP, status="INACTIVE")
    assert directory.asked() == [
        "POST /apps?activate=false",
        "GET /apps/*",
        "GET /apps/*/credentials/keys",
    ]
    assert not app.outputs.get("metadata")

    app = okta.update(app, **APP)
    assert directory.asked() == ["POST /apps/*/lifecycle/activate"], "and nothing else"
    assert app.outputs["status"] == "ACTIVE"
    assert not app.outputs.get("metadata"), "the hazard: nothing read it"

    assert okta.refresh(app).outputs["metadata"]


def test_a_status_and_something_else_are_two_requests(okta, app, directory):
    okta.update(app, **APP | {"label": "Off", "status": "INACTIVE"})

    assert directory.asked() == [
        "POST /apps/*/lifecycle/deactivate",
        "PUT /apps/*",
        "GET /apps/*",
        "GET /apps/*/credentials/keys",
    ]


def test_an_app_turned_off_by_hand_is_turned_on_again(okta, app, directory):
    directory.call("POST", f"/api/v1/apps/{app.id}/lifecycle/deactivate")

    seen = okta.refresh(app)

    assert okta.changes(seen, **APP) == {"status"}
    directory.asked()
    okta.update(seen, **APP)
    assert directory.asked() == ["POST /apps/*/lifecycle/activate"]


def test_an_active_app_is_turned_off_before_it_is_deleted(okta, app, directory):
    okta.delete(app)

    assert directory.asked() == ["POST /apps/*/lifecycle/deactivate", "DELETE /apps/*"]
    assert okta.refresh(app) is None


def test_an_inactive_app_is_deleted_at_once(okta, directory):
    app = okta.create(SAML, **APP, status="INACTIVE")
    directory.asked()

    okta.delete(app)

    assert directory.asked() == ["DELETE /apps/*"]


def test_an_app_that_is_gone_is_tried_and_then_said_to_be_gone(okta, app, directory, monkeypatch):
    monkeypatch.setattr("sandbox.plugins.okta.app.DEACTIVATION_SECONDS", 0.3)
    directory.call("POST", f"/api/v1/apps/{app.id}/lifecycle/deactivate")
    directory.call("DELETE", f"/api/v1/apps/{app.id}")
    directory.asked()

    with pytest.raises(grpc.RpcError, match=r"failed to delete SAML application: .*Not found"):
        okta.delete(app)

    assert directory.asked().count("POST /apps/*/lifecycle/deactivate") > 1


def test_a_deletion_outlives_an_error_of_okta(okta, app, directory):
    directory.fail("DELETE", "/api/v1/apps/*", 500)

    okta.delete(app)

    assert okta.refresh(app) is None


def test_a_new_key_generation_signs_from_then_on(okta, directory):
    program = APP | {"keyName": "first", "keyYearsValid": 3}
    app = okta.create(SAML, **program)
    assert directory.asked() == [
        "POST /apps?activate=true",
        "POST /apps/*/credentials/keys/generate?validityYears=3",
        "PUT /apps/*",
        *READ,
    ]
    assert len(app.outputs["keys"]) == 2

    rotated = okta.update(app, **program | {"keyName": "second"})
    assert directory.asked() == [
        "PUT /apps/*",
        "POST /apps/*/credentials/keys/generate?validityYears=3",
        "PUT /apps/*",
        *READ,
    ]
    assert rotated.outputs["keyId"] not in {key["kid"] for key in app.outputs["keys"]}

    with pytest.raises(ValueError, match="key_name"):
        okta.check(SAML, **APP, keyName="third")


def test_a_rotation_elsewhere_is_adopted_by_a_refresh_and_undone_without(okta, app, directory):
    path = f"/api/v1/apps/{app.id}"
    key = directory.call("POST", f"{path}/credentials/keys/generate?validityYears=2")
    stored = directory.call("GET", path)
    stored["credentials"]["signing"]["kid"] = key["kid"]
    directory.call("PUT", path, stored)

    seen = okta.refresh(app)
    assert seen.outputs["keyId"] == key["kid"]
    assert okta.changes(seen, **APP) == set()

    blind = okta.update(app, **APP | {"label": "Other"})
    assert blind.outputs["keyId"] == app.outputs["keyId"]


def test_attribute_statements_are_kept_in_order_and_with_their_defaults(okta, directory):
    statements = [
        {
            "name": "https://aws.amazon.com/SAML/Attributes/SourceIdentity",
            "values": ["user.email"],
        },
        {"name": "groups", "type": "GROUP", "filterType": "REGEX", "filterValue": ".*"},
    ]
    program = APP | {"attributeStatements": statements}

    app = okta.create(SAML, **program)

    stored = directory.call("GET", f"/api/v1/apps/{app.id}")["settings"]["signOn"]
    first, second = stored["attributeStatements"]
    assert first["type"] == "EXPRESSION"
    assert first["namespace"] == "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
    assert second["filterValue"] == ".*"
    assert okta.changes(app, **program) == set()
    assert okta.changes(okta.refresh(app), **program) == set()
    swapped = program | {"attributeStatements": statements[::-1]}
    assert okta.changes(app, **swapped) == {"attributeStatements"}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"filterType": "REGEX"}, "value of 'type' should be set to 'GROUP'"),
        ({"type": "GROUP", "values": ["user.email"]}, "should be set to 'EXPRESSION'"),
    ],
)
def test_a_statement_of_two_kinds_is_refused_when_the_app_is_built(
    okta, directory, statement, said
):
    program = APP | {"attributeStatements": [{"name": "it", **statement}]}
    okta.check(SAML, **program)
    directory.asked()

    with pytest.raises(grpc.RpcError, match=said):
        okta.create(SAML, **program)

    assert directory.asked() == []


CONFLICT = (
    'Conflicting configuration arguments. "skip_authentication_policy": conflicts with '
    "authentication_policy. Examine values at 'it.skipAuthenticationPolicy'."
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (APP | {"appSettingsJson": "{"}, '"app_settings_json" contains an invalid JSON'),
        (APP | {"authenticationPolicy": "rst1"}, CONFLICT),
        (APP | {"authenticationPolicy": "rst1", "skipAuthenticationPolicy": False}, CONFLICT),
        (
            APP | {"keyName": "2026"},
            'Missing required argument. "key_name": all of `key_name,key_years_valid` must be',
        ),
        (APP | {"adminNote": "n" * 251}, "[{{} admin_note}] cannot be longer than 250 runes"),
        (APP | {"samlVersion": "3.0"}, "saml_version: this emulated plugin does not do"),
        (APP | {"logo": "logo.png"}, "logo: this emulated plugin does not do what it asks for"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_request(okta, directory, given, said):
    directory.asked()
    with pytest.raises(ValueError, match=r"\w") as refusal:
        okta.check(SAML, **given)

    assert said in str(refusal.value)
    assert directory.asked() == []


def test_a_policy_that_is_not_known_yet_and_an_app_without_the_flag_conflict_with_nothing(okta):
    without = {name: v for name, v in APP.items() if name != "skipAuthenticationPolicy"}

    assert okta.check(SAML, **APP, authenticationPolicy=UNKNOWN)
    assert okta.check(SAML, **without, authenticationPolicy="rst1")


def test_a_custom_app_without_its_fields_is_refused_when_it_is_built(okta, directory):
    okta.check(SAML, label="Custom")
    directory.asked()

    with pytest.raises(grpc.RpcError, match="Custom SAML applications must contain these fields"):
        okta.create(SAML, label="Custom")

    assert directory.asked() == []


def test_an_app_that_okta_refuses_says_why(okta):
    with pytest.raises(grpc.RpcError) as refusal:
        okta.create(SAML, **settings(sessionDuration=1))

    assert refusal.value.details().startswith(
        "1 error occurred:\n\t* failed to create SAML application: the API returned an error: "
        "Api validation failed: "
    )
    assert "Causes: errorSummary: sessionDuration" in refusal.value.details()


def test_an_app_without_metadata_is_remembered(okta, directory):
    directory.fail("GET", "/api/v1/apps/*/sso/saml/metadata", 404)

    with pytest.raises(grpc.RpcError, match="failed to get app's SAML metadata") as error:
        okta.create(SAML, **APP)

    [app] = directory.call("GET", "/api/v1/apps")
    [detail] = [v for k, v in error.value.trailing_metadata() if k == "grpc-status-details-bin"]
    assert app["id"].encode() in detail


def test_the_orgs_own_policy_is_assigned_unless_the_program_skips_it(okta, directory):
    program = {name: v for name, v in APP.items() if name != "skipAuthenticationPolicy"}

    app = okta.create(SAML, **program)

    assert directory.asked() == [
        "POST /apps?activate=true",
        "GET /.well-known/okta-organization",
        "GET /policies?type=ACCESS_POLICY",
        "PUT /apps/*/policies/*",
        *READ,
    ]
    [policy] = directory.call("GET", "/api/v1/policies?type=ACCESS_POLICY")
    assert app.outputs["authenticationPolicy"] == policy["id"]
    assert okta.changes(app, **program) == set()


def test_a_given_policy_is_assigned_and_the_apps_go_back_when_it_ends(okta, directory):
    policy = okta.create(POLICY, name="MFA", description="A second factor")
    directory.asked()
    program = {name: v for name, v in APP.items() if name != "skipAuthenticationPolicy"}

    app = okta.create(SAML, **program, authenticationPolicy=policy.id)
    assert "PUT /apps/*/policies/*" in directory.asked()
    assert app.outputs["authenticationPolicy"] == policy.id
    assert okta.changes(app, **program, authenticationPolicy=policy.id) == set()

    okta.delete(policy)
    assert okta.refresh(app).outputs["authenticationPolicy"] != policy.id


def test_a_classic_org_has_no_policies(okta, directory):
    directory.switch(pipeline="classic")
    program = {name: v for name, v in APP.items() if name != "skipAuthenticationPolicy"}

    okta.create(SAML, **program)

    assert directory.asked() == [
        "POST /apps?activate=true",
        "GET /.well-known/okta-organization",
        *READ,
    ]
    with pytest.raises(
        grpc.RpcError, match='"okta_app_signon_policy" is a resource for OIE Orgs only'
    ):
        okta.create(POLICY, name="MFA", description="A second factor")


def test_an_adopted_app_is_written_once_because_of_the_flag_that_nobody_can_read(okta, app):
    adopted = okta.adopt(SAML, app.id)

    assert adopted.inputs["label"] == "AWS"
    assert json.loads(adopted.inputs["appSettingsJson"]) == SETTINGS
    assert adopted.inputs["__defaults"] == []
    assert okta.changes(adopted, **APP) == {"skipAuthenticationPolicy"}
    assert okta.changes(okta.update(adopted, **APP), **APP) == set()


def test_an_app_deleted_by_hand_is_forgotten(okta, app, directory):
    directory.call("POST", f"/api/v1/apps/{app.id}/lifecycle/deactivate")
    directory.call("DELETE", f"/api/v1/apps/{app.id}")

    assert okta.refresh(app) is None
    assert okta.adopt(SAML, app.id) is None


def test_a_preview_knows_what_follows_from_the_program(okta):
    shown = okta.preview(SAML, **APP)

    assert json.loads(shown["appSettingsJson"]) == SETTINGS
    for name in ("id", "metadata", "keys", "embedUrl", "certificate"):
        assert shown[name] == UNKNOWN


def test_a_look_up_finds_an_apps_metadata(okta, app):
    metadata = okta.look_up("okta:app/getMetadataSaml:getMetadataSaml", appId=app.id)
    assert metadata["metadata"] == app.outputs["metadata"]
    assert metadata["entityId"] == app.outputs["entityUrl"]


NATIVE = {
    "label": "okta-aws-cli",
    "type": "native",
    "grantTypes": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
    "responseTypes": ["code"],
    "redirectUris": ["http://127.0.0.1/callback"],
    "tokenEndpointAuthMethod": "none",
    "pkceRequired": True,
    "skipAuthenticationPolicy": True,
}


def test_a_native_app_has_a_client_id_and_no_secret(okta, directory):
    app = okta.create(OAUTH, **NATIVE)

    stored = directory.call("GET", f"/api/v1/apps/{app.id}")
    assert app.outputs["clientId"] == stored["credentials"]["oauthClient"]["client_id"]
    assert "clientSecret" not in app.outputs
    assert okta.changes(app, **NATIVE) == set()
    assert okta.changes(okta.refresh(app), **NATIVE) == set()
    other = NATIVE | {"grantTypes": NATIVE["grantTypes"][::-1]}
    assert okta.changes(app, **other) == set(), "a set has no order"
    assert okta.replaces(app, **NATIVE | {"type": "browser"}) == {"type"}

    changed = okta.update(app, **NATIVE | {"label": "Command line"})
    assert changed.outputs["clientId"] == app.outputs["clientId"]
    okta.delete(changed)


INTERNAL = "/internal/apps/*/settings/oauth/idToken"


def test_a_native_app_is_hidden_and_its_groups_claim_is_asked_for(okta, directory):
    app = okta.create(OAUTH, **NATIVE)

    assert directory.asked() == [
        "POST /apps?activate=true",
        f"POST {INTERNAL}",
        "GET /apps/*",
        f"GET {INTERNAL}",
    ]
    assert app.inputs["hideIos"] is app.inputs["hideWeb"] is True
    assert app.inputs["refreshTokenRotation"] == "STATIC"
    assert directory.call("GET", f"/api/v1/apps/{app.id}")["visibility"]["hide"] == {
        "iOS": True,
        "web": True,
    }
    okta.refresh(app)
    assert directory.asked()[1:] == ["GET /apps/*", f"GET {INTERNAL}"]


def test_a_native_app_deleted_by_hand_is_an_error_each_time(okta, directory, monkeypatch):
    """The published plugin makes an error of every 404; only `pulumi state delete` helps."""
    monkeypatch.setattr("sandbox.plugins.okta.app.DEACTIVATION_SECONDS", 0.3)
    monkeypatch.setattr("sandbox.plugins.okta.app.DELETION_SECONDS", 0.3)
    app = okta.create(OAUTH, **NATIVE)
    directory.call("POST", f"/api/v1/apps/{app.id}/lifecycle/deactivate")
    directory.call("DELETE", f"/api/v1/apps/{app.id}")

    with pytest.raises(grpc.RpcError) as refusal:
        okta.refresh(app)
    assert refusal.value.details() == (
        "1 error occurred:\n\t* failed to get OAuth application: 404 Not Found\n\n"
    )
    for _ in range(2):
        with pytest.raises(grpc.RpcError, match=r"failed to delete OAuth application: .*Not found"):
            okta.delete(app)
