"""The contract of `app.Saml`, and of `app.OAuth` for okta-aws-cli."""

import pytest

from sandbox.okta.models import Integration

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def test_create_reads_what_it_wrote(api):
    app = api.new_app()

    assert app["id"].startswith("0oa")
    assert app["settings"]["app"].items() >= api.app_body()["settings"]["app"].items()
    assert app["status"] == "ACTIVE"
    assert api.call("GET", f"/apps/{app['id']}") == app


def test_replies_hold_what_the_provider_crashes_without(api, app):
    assert app["credentials"]["signing"]["kid"]
    assert app["credentials"]["userNameTemplate"]["template"] == "${source.login}"
    assert app["visibility"]["hide"] == {"iOS": False, "web": False}
    assert app["name"] == "amazon_aws"
    assert app["features"] == []
    [link] = app["_links"]["appLinks"]
    assert link["href"] == f"{api.okta.url}/home/amazon_aws/{app['id']}/272"
    [key] = api.call("GET", f"/apps/{app['id']}/credentials/keys")
    assert {"kid", "created", "lastUpdated", "expiresAt", "x5c", "e", "n"} <= key.keys()
    assert key["kid"] == app["credentials"]["signing"]["kid"]


def test_the_switches_of_custom_apps_are_accepted_and_not_echoed(api, app):
    assert app["settings"]["signOn"] == {
        "defaultRelayState": None,
        "ssoAcsUrlOverride": None,
        "audienceOverride": None,
        "recipientOverride": None,
        "destinationOverride": None,
        "attributeStatements": [],
    }


def test_settings_nobody_knows_are_forgotten_and_keys_never_kept(api):
    app = api.new_app(internalAccountNumber="1", accessKey="AKIA", secretKey="s")

    assert "internalAccountNumber" not in app["settings"]["app"]
    assert app["settings"]["app"]["accessKey"] is None
    assert app["settings"]["app"]["secretKey"] is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("sessionDuration", 899),
        ("sessionDuration", 43201),
        ("sessionDuration", "soon"),
        ("useGroupMapping", "yes"),
        ("awsEnvironmentType", "moon"),
        ("identityProviderArn", 5),
        ("groupFilter", "(?{{role}}["),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(api, setting, value):
    status, code, text = api.refused("POST", "/apps", json=api.app_body(**{setting: value}))

    assert (status, code) == (400, "E0000001")
    assert "settings" in text
    assert setting in text


@pytest.mark.parametrize(("filled", "expected"), [(True, "okta"), (False, None)])
def test_settings_left_out_are_filled_or_null_by_the_switch(api, filled, expected):
    api.switch(settings_defaults=filled)
    body = api.app_body()
    del body["settings"]["app"]["appFilter"]

    assert api.call("POST", "/apps", json=body)["settings"]["app"]["appFilter"] == expected


def test_an_inactive_app_is_created_by_the_query(api):
    assert api.call("POST", "/apps?activate=false", json=api.app_body())["status"] == "INACTIVE"


def test_metadata_is_xml_with_the_key_asked_for(api, app):
    kid = app["credentials"]["signing"]["kid"]
    answer = api.client.get(f"/api/v1/apps/{app['id']}/sso/saml/metadata", params={"kid": kid})

    assert "application/xml" in answer.headers["content-type"]
    [key] = api.call("GET", f"/apps/{app['id']}/credentials/keys")
    assert key["x5c"][0] in answer.text
    assert 'entityID="http://www.okta.com/exk' in answer.text
    assert answer.text == api.client.get(answer.url.path).text, "without kid: the signing key"


def test_metadata_of_a_key_nobody_has_is_not_found(api, app):
    assert api.refused("GET", f"/apps/{app['id']}/sso/saml/metadata?kid=x")[0] == 404


def test_update_replaces_all_settings(api, app):
    body = api.app_body(sessionDuration=43200)
    del body["settings"]["app"]["identityProviderArn"]

    updated = api.call("PUT", f"/apps/{app['id']}", json=body | {"label": "AWS"})

    assert updated["label"] == "AWS"
    assert updated["settings"]["app"]["sessionDuration"] == 43200
    assert updated["settings"]["app"]["identityProviderArn"] is None, "the wiped-ARN hazard is real"
    assert updated["credentials"]["signing"] == app["credentials"]["signing"]


def test_status_changes_alone_by_life_cycle_calls(api, app):
    assert api.call("POST", f"/apps/{app['id']}/lifecycle/deactivate") == {}
    assert api.call("GET", f"/apps/{app['id']}")["status"] == "INACTIVE"
    assert api.call("POST", f"/apps/{app['id']}/lifecycle/activate") == {}
    assert api.call("GET", f"/apps/{app['id']}")["status"] == "ACTIVE"


def test_delete_needs_deactivation_first(api, app):
    assert api.refused("DELETE", f"/apps/{app['id']}")[0] == 403
    api.call("POST", f"/apps/{app['id']}/lifecycle/deactivate")
    assert api.client.delete(f"/api/v1/apps/{app['id']}").status_code == 204
    assert api.refused("GET", f"/apps/{app['id']}")[:2] == (404, "E0000007")


def test_a_new_key_signs_once_the_app_names_it(api, app):
    answer = api.client.post(
        f"/api/v1/apps/{app['id']}/credentials/keys/generate", params={"validityYears": 3}
    )
    assert answer.status_code == 201
    kid = answer.json()["kid"]
    assert api.call("GET", f"/apps/{app['id']}")["credentials"]["signing"]["kid"] != kid
    body = api.app_body()
    body["credentials"]["signing"] = {"kid": kid}

    assert api.call("PUT", f"/apps/{app['id']}", json=body)["credentials"]["signing"]["kid"] == kid
    assert len(api.call("GET", f"/apps/{app['id']}/credentials/keys")) == 2


@pytest.mark.parametrize("years", ["", "0", "11", "many"])
def test_a_key_of_no_sensible_age_is_refused(api, app, years):
    path = f"/apps/{app['id']}/credentials/keys/generate?validityYears={years}"

    assert api.refused("POST", path)[0] == 400


def test_a_kid_of_no_key_is_refused(api, app):
    body = api.app_body()
    body["credentials"]["signing"] = {"kid": "nobody's"}

    assert "no key" in api.refused("PUT", f"/apps/{app['id']}", json=body)[2]


@pytest.mark.parametrize("change", [{"name": "office365"}, {"signOnMode": "BROWSER_PLUGIN"}])
def test_what_the_catalogue_here_lacks_is_refused(api, change):
    assert api.refused("POST", "/apps", json=api.app_body() | change)[0] in (400, 404)


def test_look_up_by_label_is_a_prefix_search(api, app):
    query = {"filter": 'status eq "ACTIVE"', "limit": 1, "q": "AWS Acc"}

    assert api.call("GET", "/apps", params=query) == [app]
    api.call("POST", f"/apps/{app['id']}/lifecycle/deactivate")
    assert api.call("GET", "/apps", params=query) == []


def test_the_features_api_knows_nothing_of_this_app(api, app):
    for path in ("features", "features/USER_PROVISIONING"):
        assert "not enabled" in api.refused("GET", f"/apps/{app['id']}/{path}")[2]
    path = f"/apps/{app['id']}/features/USER_PROVISIONING"
    assert api.refused("PUT", path, json={"create": {}})[:2] == (400, "E0000001")


def test_no_roles_are_imported_before_the_provisioning_tab(api, app):
    assert api.call("GET", f"/internal/apps/{app['id']}/types")["SamlIamRole"] == []


def test_the_integration_key_shows_in_settings_only_by_the_switch(api, app):
    api.okta.org.apps[app["id"]].integration = Integration(
        access_key_id="AKIA", secret_access_key="s", roles={}, refreshed=api.okta.org.clock()
    )
    path = f"/apps/{app['id']}"
    assert api.call("GET", path)["settings"]["app"]["accessKey"] is None
    api.switch(integration_key_in_settings=True)
    assert api.call("GET", path)["settings"]["app"]["accessKey"] == "AKIA"


@pytest.mark.parametrize(("switch", "shown"), [("true", True), ("false", False)])
def test_force_authn_is_answered_only_by_the_switch(api, app, switch, shown):
    assert "honorForceAuthn" not in app["settings"]["signOn"]
    api.switch(force_authn=switch)
    sign_on = api.call("GET", f"/apps/{app['id']}")["settings"]["signOn"]
    assert sign_on["honorForceAuthn"] is shown


@pytest.mark.parametrize("template", ["${source.}", "${", "${nonsense}"])
def test_a_user_name_template_that_says_nothing_is_refused_or_literal(api, template):
    body = api.app_body()
    body["credentials"]["userNameTemplate"]["template"] = template

    if template == "${":
        assert api.call("POST", "/apps", json=body)["status"] == "ACTIVE"
    else:
        assert "userNameTemplate" in api.refused("POST", "/apps", json=body)[2]


@pytest.mark.parametrize(("template", "refused"), [("user.email", False), ("nonsense", True)])
def test_a_custom_format_is_an_expression(api, template, refused):
    body = api.app_body()
    body["credentials"]["userNameTemplate"] = {"template": template, "type": "CUSTOM"}

    if refused:
        assert "unexpected 'nonsense'" in api.refused("POST", "/apps", json=body)[2]
    else:
        stored = api.call("POST", "/apps", json=body)["credentials"]["userNameTemplate"]
        assert stored == {"template": template, "type": "CUSTOM"}


def native_body(**client):
    return {
        "name": "oidc_client",
        "label": "okta-aws-cli",
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "oauthClient": {
                "autoKeyRotation": True,
                "pkce_required": True,
                "token_endpoint_auth_method": "none",
            }
        },
        "settings": {
            "oauthClient": {
                "application_type": "native",
                "grant_types": [
                    "authorization_code",
                    "urn:ietf:params:oauth:grant-type:device_code",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ],
                "redirect_uris": ["http://127.0.0.1/callback"],
                "response_types": ["code"],
            }
            | client
        },
        "visibility": {"autoSubmitToolbar": False, "hide": {"iOS": True, "web": True}},
    }


def test_a_native_client_is_made_changed_assigned_and_deleted(api):
    made = api.call("POST", "/apps?activate=true", json=native_body())
    path = f"/apps/{made['id']}"

    assert api.call("GET", path) == made
    assert made["credentials"]["oauthClient"]["client_id"] == made["id"]
    sent = native_body()["settings"]["oauthClient"]
    assert made["settings"]["oauthClient"].items() >= sent.items()
    changed = api.call("PUT", path, json=native_body() | {"label": "cli"})
    assert changed["label"] == "cli"
    assigned = api.assign(made["id"], api.new_group("AWSDeveloper", "ada@example.com"))
    assert assigned["profile"] == {}, "there are no roles to add nulls for"
    users = api.call("GET", f"{path}/users")
    assert [one["credentials"]["userName"] for one in users] == ["ada@example.com"]
    api.call("POST", f"{path}/lifecycle/deactivate")
    api.call("DELETE", path)
    assert api.refused("GET", path)[0] == 404


def test_the_issuer_of_a_native_client_is_read_and_written(api, app):
    made = api.call("POST", "/apps", json=native_body())
    path = f"/internal/apps/{made['id']}/settings/oauth/idToken"

    assert api.call("GET", path) == {"issuerMode": "DYNAMIC"}
    assert api.call("POST", path, json={"issuerMode": "ORG_URL"}) == {"issuerMode": "ORG_URL"}
    assert api.refused("GET", path.replace(made["id"], app["id"]))[0] == 404


@pytest.mark.parametrize(
    "client",
    [
        {"application_type": "web"},
        {"grant_types": ["password"]},
        {"response_types": "code"},
        {"redirect_uris": []},
    ],
)
def test_a_client_that_is_not_native_or_not_whole_is_refused(api, client):
    assert api.refused("POST", "/apps", json=native_body(**client))[:2] == (400, "E0000001")


def test_an_app_stays_of_its_kind_and_only_saml_has_metadata(api, app):
    made = api.call("POST", "/apps", json=native_body())

    assert api.refused("PUT", f"/apps/{app['id']}", json=native_body())[0] == 400
    assert api.refused("PUT", f"/apps/{made['id']}", json=api.app_body())[0] == 400
    for path in ("sso/saml/metadata", "credentials/keys"):
        assert api.refused("GET", f"/apps/{made['id']}/{path}")[0] == 404
