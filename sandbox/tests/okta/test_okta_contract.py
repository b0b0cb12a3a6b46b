"""The contract, row by row, with the literal requests of the published provider; in the end, every
route of the management API must have been asked."""

import socket

import pytest

from sandbox.okta import application, factors, pages, sessions
from sandbox.okta.models import Integration

ASKED: set[tuple[str, str]] = set()
RAN: set[str] = set()


@pytest.fixture
def app(api):
    return api.new_app()


@pytest.fixture(autouse=True)
def note_what_is_asked(request, okta):
    yield
    RAN.add(request.node.originalname)
    ASKED.update((one.method, one.path) for one in okta.org.requests)


# Section 1.2: start-up


def test_start_up_with_a_token_asks_for_me(api):
    me = api.call("GET", "/users/me")

    assert me["profile"]["login"] == "admin@example.com"


def test_start_up_without_a_good_token_is_refused(api, anonymous):
    for header in ({}, {"Authorization": "SSWS wrong"}, {"Authorization": "Bearer wrong"}):
        answer = anonymous.get("/api/v1/users/me", headers=header)

        assert answer.status_code == 401, f"{header} must stop the provider"


@pytest.mark.parametrize(("pipeline", "told"), [("idx", "idx"), ("classic", "v1")])
def test_anybody_may_ask_which_engine_runs(api, anonymous, pipeline, told):
    api.switch(pipeline=pipeline)

    assert anonymous.get("/.well-known/okta-organization").json()["pipeline"] == told


def test_a_request_in_absolute_form_is_served_whatever_host_it_names(api):
    host, port = api.okta.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            b"GET http://127.0.0.1/api/v1/users/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Authorization: SSWS " + api.okta.token.encode() + b"\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: line.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200"), "the newer clients drop the port on the way"


# Section 2: app.Saml


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


# app.OAuth, for okta-aws-cli


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


# Section 3: group assignments


@pytest.fixture
def lax(api):
    api.switch(strict_roles=False)
    return api


def test_an_assignment_reads_back_as_sent(lax, app):
    group = lax.new_group("AWSDeveloper")
    profile = {"role": None, "samlRoles": ["B", "A"]}

    answer = lax.assign(app["id"], group, profile=profile, priority=3)

    assert (answer["id"], answer["priority"], answer["profile"]) == (group, 3, profile)
    assert lax.call("GET", f"/apps/{app['id']}/groups/{group}") == answer
    assert lax.call("GET", f"/apps/{app['id']}/groups?limit=200") == [answer]


def test_the_apps_of_a_group_are_those_that_it_is_assigned_to(lax, app):
    group = lax.new_group("AWSDeveloper")
    assert lax.call("GET", f"/groups/{group}/apps") == []

    lax.assign(app["id"], group, profile={"role": None, "samlRoles": ["A"]})

    [one] = lax.call("GET", f"/groups/{group}/apps")
    assert one == lax.call("GET", f"/apps/{app['id']}")


@pytest.mark.parametrize(
    ("nulls", "shown"), [(True, {"role": None, "samlRoles": ["A"]}), (False, {"samlRoles": ["A"]})]
)
def test_nulls_in_a_profile_are_the_switch_s_to_add(lax, app, nulls, shown):
    lax.switch(assignment_nulls=nulls)

    answer = lax.assign(app["id"], lax.new_group("g"), profile={"samlRoles": ["A"]})

    assert answer["profile"] == shown


def test_priorities_stay_sparse_and_shift_on_collision_alone(lax, app):
    first, second, third, new = (lax.new_group(name) for name in "abcd")
    for group, priority in ((first, 1), (second, 2), (third, 7)):
        lax.assign(app["id"], group, priority=priority)

    lax.assign(app["id"], new, priority=1)

    path = f"/apps/{app['id']}/groups"
    found = {one["id"]: one["priority"] for one in lax.call("GET", path)}
    assert found == {new: 1, first: 2, second: 3, third: 7}


def test_a_priority_left_out_is_kept_or_comes_last(lax, app):
    first, second = lax.new_group("a"), lax.new_group("b")

    assert lax.assign(app["id"], first)["priority"] == 0
    assert lax.assign(app["id"], second)["priority"] == 1
    assert lax.assign(app["id"], first, profile={})["priority"] == 0


@pytest.mark.parametrize("priority", [-1, "1", True])
def test_a_priority_that_is_none_is_refused(lax, app, priority):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"

    assert lax.refused("PUT", path, json={"priority": priority})[0] == 400


def test_a_role_that_was_not_imported_is_refused_by_default(api, app):
    group = api.new_group("AWSDeveloper")
    for profile in ({"samlRoles": ["OktaDeveloper"]}, {"role": "OktaDeveloper"}):
        status, code, text = api.refused(
            "PUT", f"/apps/{app['id']}/groups/{group}", json={"profile": profile}
        )

        assert (status, code) == (400, "E0000001")
        assert text.startswith("Api validation failed: samlRoles | ")
        assert "'OktaDeveloper'" in text


@pytest.mark.parametrize("names", ["A", [1], {"a": 1}])
def test_role_names_that_are_no_list_of_names_are_refused(lax, app, names):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"

    assert lax.refused("PUT", path, json={"profile": {"samlRoles": names}})[0] == 400


def test_an_assignment_that_is_gone_is_not_found_and_not_deleted_twice(lax, app):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"
    lax.call("PUT", path, json={})

    assert lax.client.delete(f"/api/v1{path}").status_code == 204
    assert lax.refused("GET", path)[0] == 404
    assert lax.refused("DELETE", path)[0] == 404


def test_saml_roles_come_in_another_order_by_the_switch(lax, app):
    lax.switch(order="reversed")

    answer = lax.assign(app["id"], lax.new_group("g"), profile={"samlRoles": ["A", "B", "C"]})

    assert answer["profile"]["samlRoles"] == ["C", "B", "A"]


# Section 4: groups, memberships, users


def test_a_group_is_created_read_renamed_and_deleted(api):
    body = {"profile": {"name": "AWSDeveloper", "description": ""}}
    group = api.call("POST", "/groups", json=body)
    assert group["id"].startswith("00g")
    assert group["type"] == "OKTA_GROUP"
    assert group["profile"] == body["profile"]

    path = f"/groups/{group['id']}"
    renamed = {"profile": {"name": "AWSDev", "description": "people"}}
    assert api.call("PUT", path, json=renamed)["profile"] == renamed["profile"]
    assert api.client.delete(f"/api/v1{path}").status_code == 204
    assert api.refused("GET", path)[:2] == (404, "E0000007")


@pytest.mark.parametrize("profile", [{}, {"name": ""}, {"name": 5}, {"name": "x" * 256}])
def test_a_group_without_a_proper_name_is_refused(api, profile):
    assert api.refused("POST", "/groups", json={"profile": profile})[:2] == (400, "E0000001")


def test_a_group_name_is_taken_once(api):
    api.new_group("a")
    other = api.new_group("b")

    for method, path in (("POST", "/groups"), ("PUT", f"/groups/{other}")):
        text = api.refused(method, path, json={"profile": {"name": "a"}})[2]
        assert "already exists" in text


def test_everyone_is_nobody_s_to_change(api):
    [everyone] = api.call("GET", "/groups", params={"filter": 'type eq "BUILT_IN"'})
    path = f"/groups/{everyone['id']}"
    user = api.user_id("ada@example.com")

    assert api.refused("DELETE", path)[0] == 403
    assert api.refused("PUT", path, json={"profile": {"name": "x"}})[0] == 403
    assert api.refused("DELETE", f"{path}/users/{user}")[0] == 403


def test_a_new_group_is_invisible_as_often_as_the_switch_says(api):
    api.switch(group_lag=2)
    path = f"/groups/{api.new_group('slow')}"

    assert api.refused("GET", path)[0] == 404
    assert api.refused("GET", path)[0] == 404
    assert api.call("GET", path)["profile"]["name"] == "slow"


def test_group_look_up_is_by_prefix(api):
    for name in ("AWSDeveloper", "AWSDevOps", "Other"):
        api.new_group(name)

    found = api.call("GET", "/groups", params={"q": "AWSDev", "filter": 'type eq "OKTA_GROUP"'})

    assert [group["profile"]["name"] for group in found] == ["AWSDeveloper", "AWSDevOps"]


def test_memberships_show_on_both_sides_and_end(api):
    group, user = api.new_group("AWSDeveloper"), api.user_id("ada@example.com")
    path = f"/groups/{group}/users/{user}"
    for _ in range(2):
        assert api.client.put(f"/api/v1{path}").status_code == 204, "once more is no error"

    assert [one["id"] for one in api.call("GET", f"/groups/{group}/users?limit=200")] == [user]
    groups = {one["profile"]["name"] for one in api.call("GET", f"/users/{user}/groups")}
    assert groups == {"Everyone", "AWSDeveloper"}
    assert api.client.delete(f"/api/v1{path}").status_code == 204
    assert api.call("GET", f"/groups/{group}/users") == []


def test_a_membership_of_nobody_or_in_nothing_is_not_found(api):
    group, user = api.new_group("a"), api.user_id("ada@example.com")

    assert api.refused("PUT", f"/groups/{group}/users/nobody")[0] == 404
    assert api.refused("PUT", f"/groups/nothing/users/{user}")[0] == 404


def test_a_deleted_group_leaves_people_and_apps(lax, app):
    group = lax.new_group("a", "ada@example.com")
    lax.assign(app["id"], group)
    lax.call("DELETE", f"/groups/{group}")

    ada = lax.user_id("ada@example.com")
    assert len(lax.call("GET", f"/users/{ada}/groups")) == 1
    assert lax.call("GET", f"/apps/{app['id']}/groups") == []


def user_body(login="tim@example.com", **more):
    profile = {"login": login, "email": login, "firstName": "Tim", "lastName": "Lee"}
    return {"profile": profile | {"postalAddress": None} | more}


def test_a_user_with_a_password_is_active_and_may_change(api):
    credentials = {"password": {"value": "correct horse battery"}}
    user = api.call("POST", "/users", json=user_body() | {"credentials": credentials})
    assert user["status"] == "ACTIVE"
    assert "correct horse" not in str(user)

    path = f"/users/{user['id']}"
    changed = user_body(department="Engineering") | {"type": {"id": "default"}}
    profile = api.call("PUT", path, json=changed)["profile"]
    assert profile["department"] == "Engineering"
    assert "postalAddress" not in profile, "null is none"
    assert api.call("PUT", path, json=user_body())["profile"].get("department") is None
    partial = api.call("POST", path, json={"profile": {"department": "Sales"}})["profile"]
    assert (partial["department"], partial["firstName"]) == ("Sales", "Tim")


@pytest.mark.parametrize(("query", "status"), [("", "PROVISIONED"), ("?activate=false", "STAGED")])
def test_a_user_without_a_password_cannot_be_active(api, query, status):
    assert api.call("POST", f"/users{query}", json=user_body())["status"] == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": {"login": "x@y"}}, "email"),
        (user_body("nobody"), "login"),
        (user_body("ADA@example.com"), "already exists"),
        (user_body() | {"credentials": {"password": {"value": "short"}}}, "password"),
    ],
)
def test_a_user_that_breaks_a_rule_is_refused(api, body, field):
    status, code, text = api.refused("POST", "/users", json=body)

    assert (status, code) == (400, "E0000001")
    assert field in text


def test_a_user_lives_suspended_and_gone(api):
    path = f"/users/{api.user_id('ada@example.com')}"
    for verb, status in (
        ("suspend", "SUSPENDED"),
        ("unsuspend", "ACTIVE"),
        ("deactivate", "DEPROVISIONED"),
        ("activate", "ACTIVE"),
    ):
        api.call("POST", f"{path}/lifecycle/{verb}")
        assert api.call("GET", path)["status"] == status
    assert api.refused("POST", f"{path}/lifecycle/unlock")[0] == 403
    assert api.refused("POST", f"{path}/lifecycle/levitate")[0] == 404

    api.call("DELETE", path)
    assert api.call("GET", path)["status"] == "DEPROVISIONED"
    api.call("DELETE", path)
    assert api.refused("GET", path)[0] == 404


@pytest.mark.parametrize(
    "search",
    [
        'profile.email eq "ada@example.com"',
        '(profile.firstName eq "Ada") and (status eq "ACTIVE")',
        'profile.login sw "ada" or profile.login eq "nobody"',
    ],
)
def test_user_look_up_by_search(api, search):
    [user] = api.call("GET", "/users", params={"limit": 1, "search": search})

    assert user["profile"]["login"] == "ada@example.com"
    assert api.call("GET", f"/users/{user['id']}/roles") == []


@pytest.mark.parametrize("search", ["profile.login", 'profile.login eq "a" or', 'x like "y"', '("'])
def test_a_search_that_says_nothing_is_refused(api, search):
    assert api.refused("GET", "/users", params={"search": search})[1] == "E0000031"


def test_a_deprovisioned_user_is_listed_only_when_asked_for(api):
    api.call("DELETE", f"/users/{api.user_id('ada@example.com')}")

    assert api.call("GET", "/users?q=ada") == []
    assert len(api.call("GET", "/users", params={"filter": 'status eq "DEPROVISIONED"'})) == 1


# Section 4: rules


def rule_body(group, expression='user.department=="Engineering"'):
    return {
        "type": "group_rule",
        "name": "engineers",
        "conditions": {
            "people": {"users": {}},
            "expression": {"value": expression, "type": "urn:okta:expression:1.0"},
        },
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    }


def test_a_rule_fills_its_group_while_it_is_active(api):
    group = api.new_group("Engineers", "grace@example.com")
    ada = api.user_id("ada@example.com")
    api.call("POST", f"/users/{ada}", json={"profile": {"department": "Engineering"}})
    rule = api.call("POST", "/groups/rules", json=rule_body(group))
    assert rule["status"] == "INACTIVE"
    assert len(api.call("GET", f"/groups/{group}/users")) == 1, "an inactive rule does nothing"

    path = f"/groups/rules/{rule['id']}"
    assert api.client.post(f"/api/v1{path}/lifecycle/activate").status_code == 204
    assert len(api.call("GET", f"/groups/{group}/users")) == 2
    assert api.call("GET", path)["status"] == "ACTIVE"
    assert len(api.call("GET", "/groups/rules")) == 1

    api.call("POST", f"/users/{ada}", json={"profile": {"department": "Sales"}})
    members = [one["profile"]["login"] for one in api.call("GET", f"/groups/{group}/users")]
    assert members == ["grace@example.com"], "who was added by hand stays"


def test_a_rule_is_changed_and_deleted_only_at_rest(api):
    group = api.new_group("Engineers")
    path = f"/groups/rules/{api.call('POST', '/groups/rules', json=rule_body(group))['id']}"
    ada = api.user_id("ada@example.com")
    api.call("POST", f"{path}/lifecycle/activate")
    body = rule_body(group, 'String.startsWith(user.login, "ada")')
    assert api.refused("PUT", path, json=body)[0] == 400
    assert api.refused("DELETE", path)[0] == 400

    api.call("POST", f"{path}/lifecycle/deactivate")
    api.call("PUT", path, json=body)
    api.call("POST", f"{path}/lifecycle/activate")
    assert [one["id"] for one in api.call("GET", f"/groups/{group}/users")] == [ada]
    api.call("POST", f"{path}/lifecycle/deactivate")
    assert api.client.delete(f"/api/v1{path}?removeUsers=true").status_code == 202
    assert api.call("GET", f"/groups/{group}/users") == []


@pytest.mark.parametrize("expression", ["user.x ==", "nonsense", 'String.fly("x")', "user.x == #"])
def test_an_expression_that_is_none_is_refused(api, expression):
    group = api.new_group("a")

    text = api.refused("POST", "/groups/rules", json=rule_body(group, expression))[2]

    assert "Invalid expression" in text


# Section 4: app sign-on policies


def test_exactly_one_policy_is_the_system_s(api, app):
    policies = api.call("GET", "/policies?type=ACCESS_POLICY")

    [system] = [policy for policy in policies if policy["system"]]
    assert app["_links"]["accessPolicy"]["href"].endswith(system["id"])
    assert api.refused("DELETE", f"/policies/{system['id']}")[0] == 403


def test_a_policy_and_its_rules_are_created_attached_and_deleted(api, app):
    body = {"name": "strict", "description": "d", "priority": 1, "type": "ACCESS_POLICY"}
    policy = api.call("POST", "/policies", json=body)
    path = f"/policies/{policy['id']}"
    assert api.call("GET", path) == policy
    [catch_all] = api.call("GET", f"{path}/rules")
    assert catch_all["system"], "the provider demands one"
    rule_body = {"name": "r", "priority": 1, "actions": {"appSignOn": {"access": "DENY"}}}
    rule = api.call("POST", f"{path}/rules", json=rule_body)
    rule_path = f"{path}/rules/{rule['id']}"
    assert api.call("GET", rule_path) == rule
    assert api.call("PUT", rule_path, json=rule_body | {"name": "s"})["name"] == "s"
    assert api.refused("DELETE", f"{path}/rules/{catch_all['id']}")[0] == 403
    api.call("DELETE", rule_path)
    assert api.refused("GET", rule_path)[0] == 404

    attached = api.client.put(f"/api/v1/apps/{app['id']}/policies/{policy['id']}")
    assert (attached.status_code, attached.content) == (204, b"")
    assert api.refused("DELETE", path)[0] == 400, "an app uses it"
    [system] = [one for one in api.call("GET", "/policies?type=ACCESS_POLICY") if one["system"]]
    api.call("PUT", f"/apps/{app['id']}/policies/{system['id']}")
    assert api.call("PUT", path, json=body | {"name": "other"})["name"] == "other"
    api.call("DELETE", path)
    assert api.refused("GET", path)[0] == 404


def test_the_classic_engine_has_no_such_policies(api):
    api.switch(pipeline="classic")

    assert api.refused("GET", "/policies?type=ACCESS_POLICY")[0] == 400


# People of an app, and the schema that decides on several groups


def test_people_of_an_app_come_directly_or_through_groups(lax, app):
    lax.assign(app["id"], lax.new_group("a", "ada@example.com"), profile={"samlRoles": ["A"]})
    grace = lax.user_id("grace@example.com")
    users = f"/apps/{app['id']}/users"
    body = {"id": grace, "scope": "USER", "profile": {"samlRoles": ["B"]}}
    assert lax.call("POST", users, json=body)["credentials"]["userName"] == "grace@example.com"

    scopes = {one["credentials"]["userName"]: one["scope"] for one in lax.call("GET", users)}
    assert scopes == {"ada@example.com": "GROUP", "grace@example.com": "USER"}
    changed = {"credentials": {"userName": "g"}, "profile": {"samlRoles": ["C"]}}
    lax.call("POST", f"{users}/{grace}", json=changed)
    read = lax.call("GET", f"{users}/{grace}")
    assert (read["credentials"]["userName"], read["profile"]["samlRoles"]) == ("g", ["C"])
    lax.call("DELETE", f"{users}/{grace}")
    assert lax.refused("GET", f"{users}/{grace}")[0] == 404


def test_whether_roles_are_combined_is_in_the_schema(api, app):
    path = f"/meta/schemas/apps/{app['id']}/default"

    def union(schema):
        return schema["definitions"]["base"]["properties"]["samlRoles"]["union"]

    assert union(api.call("GET", path)) == "DISABLE"
    body = {"definitions": {"base": {"properties": {"samlRoles": {"union": "ENABLE"}}}}}
    assert union(api.call("POST", path, json=body)) == "ENABLE"
    assert api.refused("POST", path, json={})[0] == 400


# Outside the contract


def test_what_nobody_serves_gets_oktas_404_and_a_line_in_the_log(api, caplog):
    status, code, _ = api.refused("GET", "/zones?limit=20")

    assert (status, code) == (404, "E0000007")
    assert "outside the contract: GET /api/v1/zones?limit=20" in caplog.text


def test_a_method_nobody_serves_gets_oktas_405(api):
    assert api.refused("PATCH", "/users/me")[:2] == (405, "E0000022")


def test_the_log_of_what_is_outside_keeps_no_secret(api, caplog):
    api.refused("GET", "/zones?token=hush&sessionToken=hush&x=1")

    assert "x=1" in caplog.text
    assert "hush" not in caplog.text


def test_a_body_that_is_no_json_object_is_malformed(api):
    for content in (b"{", b"[]", b"\xff"):
        assert api.refused("POST", "/groups", content=content)[:2] == (400, "E0000003")


def test_an_exception_is_a_500_with_oktas_body_and_in_the_log(api, monkeypatch, caplog):
    def broken(self, group_id):
        raise RuntimeError("the handler broke")

    monkeypatch.setattr(type(api.okta.org), "group", broken)

    assert api.refused("GET", "/groups/x")[:2] == (500, "E0000009")
    assert "the handler broke" in caplog.text


def test_what_breaks_before_any_handler_is_answered_too(api, monkeypatch, caplog):
    def broken(self, **arguments):
        raise RuntimeError("the counting broke")

    monkeypatch.setattr(type(api.okta.org.limits), "count", broken)

    assert api.refused("GET", "/groups")[:2] == (500, "E0000009"), "else providers retry for ever"
    assert "the counting broke" in caplog.text


def test_every_route_of_the_management_api_was_asked(request, api):
    """Runs last; only a process that ran the whole file can tell."""
    written = {name for name in vars(request.module) if name.startswith("test_")}
    if written - {request.node.originalname} != RAN:
        pytest.skip("a part of the file ran here")
    routes = [
        (method, route)
        for subject in application.SUBJECTS
        if subject not in (sessions, pages, factors)  # they have files of their own
        for route in subject.ROUTES
        if route.path.startswith("/api/v1/")
        for method in route.methods - {"HEAD"}
    ]

    unasked = [
        f"{method} {route.path}"
        for method, route in routes
        if not any(m == method and route.path_regex.match(path) for m, path in ASKED)
    ]

    assert len(routes) > 50
    assert unasked == [], "a route that no test asks may be a lie"
