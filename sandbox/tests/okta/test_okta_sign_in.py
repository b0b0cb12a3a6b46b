"""Ways in for programs and for people, and what those see who may not pass."""

from datetime import timedelta

import httpx
import pytest

ADA = "ada@example.com"


@pytest.fixture
def app(api):
    api.switch(strict_roles=False)
    app = api.new_app()
    group = api.new_group("AWSDeveloper", ADA)
    api.assign(app["id"], group, profile={"samlRoles": ["OktaDeveloper"]})
    return app


@pytest.fixture
def link(app):
    return app["_links"]["appLinks"][0]["href"]


def authn(anonymous, okta, login=ADA, password=None):
    body = {"username": login, "password": password or okta.people[login].password}
    return anonymous.post("/api/v1/authn", json=body)


def sign_in(browser, page, okta, login=ADA, password=None):
    values = {"username": login, "password": password or okta.people[login].password}
    return browser.submit(page, page.form_with("password"), values)


# Programs


def test_a_command_line_client_gets_its_form(okta, anonymous, link):
    """The classic way of gimme-aws-creds: authn, session cookie, the app's link."""
    answer = authn(anonymous, okta).json()
    assert answer["status"] == "SUCCESS"
    assert answer["_embedded"]["user"]["profile"]["login"] == ADA
    redirect = anonymous.get(
        "/login/sessionCookieRedirect",
        params={"token": answer["sessionToken"], "redirectUrl": link},
    )
    assert redirect.status_code == 302
    assert redirect.headers["location"] == link
    assert {"sid", "DT"} <= redirect.cookies.keys(), "clients look for both"

    page = anonymous.get(link, follow_redirects=True)

    assert 'name="SAMLResponse"' in page.text


def test_a_session_is_begun_read_and_ended(okta, anonymous):
    token = authn(anonymous, okta).json()["sessionToken"]

    session = anonymous.post("/api/v1/sessions", json={"sessionToken": token}).json()

    assert session["login"] == ADA
    assert anonymous.get("/api/v1/sessions/me").json()["id"] == session["id"]
    assert anonymous.get("/api/v1/users/me").json()["profile"]["login"] == ADA
    assert anonymous.delete("/api/v1/sessions/me").status_code == 204
    assert anonymous.get("/api/v1/sessions/me").status_code == 404
    assert anonymous.delete("/api/v1/sessions/me").status_code == 404
    assert anonymous.get("/api/v1/users/me").status_code == 401


def test_a_session_token_works_once_and_not_for_long(okta, anonymous):
    def redeem(token):
        return anonymous.post("/api/v1/sessions", json={"sessionToken": token}).status_code

    token = authn(anonymous, okta).json()["sessionToken"]
    assert [redeem(token), redeem(token), redeem("made up")] == [200, 401, 401]
    late = authn(anonymous, okta).json()["sessionToken"]
    now = okta.org.clock
    okta.org.clock = lambda: now() + timedelta(minutes=6)
    assert redeem(late) == 401


def test_a_session_token_in_the_link_is_enough(okta, anonymous, link):
    token = authn(anonymous, okta).json()["sessionToken"]

    page = anonymous.get(link, params={"sessionToken": token}, follow_redirects=True)

    assert 'name="SAMLResponse"' in page.text


def test_app_links_tell_a_client_what_there_is(okta, anonymous, app, link):
    token = authn(anonymous, okta).json()["sessionToken"]
    anonymous.post("/api/v1/sessions", json={"sessionToken": token})

    [found] = anonymous.get("/api/v1/users/me/appLinks").json()

    assert (found["appName"], found["linkUrl"]) == ("amazon_aws", link)


def test_the_session_cookie_opens_no_other_part_of_the_api(okta, anonymous):
    token = authn(anonymous, okta).json()["sessionToken"]
    anonymous.post("/api/v1/sessions", json={"sessionToken": token})

    assert anonymous.get("/api/v1/users").status_code == 401


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "", "/relative"])
def test_the_cookie_redirect_leads_nowhere_else(okta, anonymous, target):
    token = authn(anonymous, okta).json()["sessionToken"]

    answer = anonymous.get(
        "/login/sessionCookieRedirect", params={"token": token, "redirectUrl": target}
    )

    assert answer.status_code == 403
    assert "sid" not in answer.cookies


def test_wrong_password_and_unknown_login_answer_alike(okta, anonymous):
    answers = [
        authn(anonymous, okta, password="wrong"),
        authn(anonymous, okta, login="nobody@example.com", password="wrong"),
    ]

    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["errorCode"] == "E0000004"


def test_a_state_token_is_of_a_flow_that_is_not_served(anonymous):
    answer = anonymous.post("/api/v1/authn", json={"stateToken": "x"})

    assert answer.status_code == 401


def lock(okta, anonymous):
    for _ in range(10):
        authn(anonymous, okta, password="wrong")


def test_ten_wrong_passwords_lock_and_the_right_one_then_fails(okta, anonymous, api):
    lock(okta, anonymous)

    assert authn(anonymous, okta).json()["errorCode"] == "E0000004", "as Okta does by default"
    assert api.call("GET", f"/users/{ADA}")["status"] == "LOCKED_OUT"
    api.switch(show_lockout=True)
    assert authn(anonymous, okta).json()["status"] == "LOCKED_OUT"
    api.call("POST", f"/users/{api.user_id(ADA)}/lifecycle/unlock")
    assert authn(anonymous, okta).json()["status"] == "SUCCESS"


def test_a_right_password_forgives_the_wrong_ones_before(okta, anonymous, api):
    for _ in range(3):
        for _ in range(9):
            authn(anonymous, okta, password="wrong")
        assert authn(anonymous, okta).status_code == 200


@pytest.mark.parametrize("verb", ["suspend", "deactivate"])
def test_who_is_not_active_cannot_sign_in_and_is_out_at_once(okta, anonymous, api, verb):
    token = authn(anonymous, okta).json()["sessionToken"]
    anonymous.post("/api/v1/sessions", json={"sessionToken": token})
    api.call("POST", f"/users/{api.user_id(ADA)}/lifecycle/{verb}")

    assert authn(anonymous, okta).status_code == 401
    assert anonymous.get("/api/v1/sessions/me").status_code == 404


def test_a_session_ends_after_two_hours(okta, anonymous):
    token = authn(anonymous, okta).json()["sessionToken"]
    anonymous.post("/api/v1/sessions", json={"sessionToken": token})
    now = okta.org.clock
    okta.org.clock = lambda: now() + timedelta(hours=2)

    assert anonymous.get("/api/v1/sessions/me").status_code == 404


# People


def test_the_front_door_leads_to_sign_in_and_then_to_the_tiles(okta, browser, app):
    page = browser.open(okta.url)
    page = sign_in(browser, page, okta)

    assert page.url.endswith("/app/UserHome")
    assert "AWS Account Federation" in page.text
    assert browser.open(okta.url).url.endswith("/app/UserHome")


def test_a_person_comes_back_to_where_they_wanted_to_go(okta, browser, link):
    page = sign_in(browser, browser.open(link), okta)

    assert page.has_field("SAMLResponse")


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "/\\evil.test", "evil"])
def test_sign_in_leads_to_no_other_site(okta, browser, target):
    page = browser.open(f"{okta.url}/login/login.htm?fromURI={target}")

    assert sign_in(browser, page, okta).url == f"{okta.url}/app/UserHome"


def test_a_wrong_password_is_said_and_the_login_kept(okta, browser):
    page = sign_in(browser, browser.open(okta.url), okta, password="wrong")

    assert page.status == 401
    assert "Unable to sign in" in page.text
    assert page.form_with("password").fields["username"] == ADA
    assert not page.form_with("password").fields["password"]


@pytest.mark.parametrize(
    ("shown", "words"), [(False, "Unable to sign in"), (True, "Your account is locked")]
)
def test_a_locked_person_sees_what_the_org_decides(okta, anonymous, api, browser, shown, words):
    lock(okta, anonymous)
    api.switch(show_lockout=shown)

    assert words in sign_in(browser, browser.open(okta.url), okta).text


def test_a_person_without_the_app_is_told_in_oktas_words(okta, browser, link):
    page = sign_in(browser, browser.open(link), okta, "grace@example.com")

    assert page.status == 403
    assert "you are not assigned this app in Okta" in page.text
    home = browser.open(f"{okta.url}/app/UserHome")
    assert "You don't have any apps" in home.text


def test_an_app_that_is_not_active_lets_nobody_in(okta, api, browser, app, link):
    api.call("POST", f"/apps/{app['id']}/lifecycle/deactivate")

    page = sign_in(browser, browser.open(link), okta)

    assert page.status == 403
    assert "deactivated" in page.text


def test_an_app_that_does_not_exist_is_a_page_not_found(okta, browser):
    for path in ("/home/amazon_aws/0oanobody/272", "/app/amazon_aws/exknobody/sso/saml"):
        sign_in_first = browser.open(f"{okta.url}{path}")
        page = (
            sign_in(browser, sign_in_first, okta)
            if sign_in_first.has_field("password")
            else sign_in_first
        )
        assert page.status == 404


def policy_with(api, app, **rule):
    policy = api.call("POST", "/policies", json={"name": "p", "type": "ACCESS_POLICY"})
    api.call("POST", f"/policies/{policy['id']}/rules", json={"name": "r", "priority": 0} | rule)
    api.call("PUT", f"/apps/{app['id']}/policies/{policy['id']}")


DENY = {"appSignOn": {"access": "DENY"}}
TWO_FACTORS = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA"}}}


@pytest.mark.parametrize(
    ("actions", "words"), [(DENY, "does not let you"), (TWO_FACTORS, "second factor")]
)
def test_the_sign_on_policy_decides(okta, api, browser, app, link, actions, words):
    policy_with(api, app, actions=actions)

    page = sign_in(browser, browser.open(link), okta)

    assert page.status == 403
    assert words in page.text


@pytest.mark.parametrize("excluded", [True, False])
def test_a_rule_of_a_policy_is_for_the_people_it_names(okta, api, browser, app, link, excluded):
    group = next(iter(api.call("GET", f"/apps/{app['id']}/groups")))["id"]
    people = {"groups": {"include": [group]}}
    if excluded:
        people["users"] = {"exclude": [api.user_id(ADA)]}
    policy_with(api, app, actions=DENY, conditions={"people": people})

    page = sign_in(browser, browser.open(link), okta)

    assert page.has_field("SAMLResponse") is excluded


def test_the_classic_engine_asks_no_such_policy(okta, api, browser, app, link):
    policy_with(api, app, actions=DENY)
    api.switch(pipeline="classic")

    assert sign_in(browser, browser.open(link), okta).has_field("SAMLResponse")


def test_signing_out_ends_the_session(okta, browser):
    page = sign_in(browser, browser.open(okta.url), okta)
    out = next(form for form in page.document.forms if form.action == "/login/signout")
    browser.submit(page, out, {})

    assert browser.open(f"{okta.url}/app/UserHome").has_field("password")


# Forms and cookies


def test_a_form_of_another_browser_counts_for_nothing(okta, browser):
    page = browser.open(okta.url)
    fields = dict(page.form_with("password").fields) | {
        "username": ADA,
        "password": okta.people[ADA].password,
    }

    answer = httpx.post(f"{okta.url}/login/login.htm", data=fields, trust_env=False)

    assert answer.status_code == 403
    assert "sid" not in answer.cookies


def test_nobody_signs_a_person_out_from_elsewhere(okta, browser):
    sign_in(browser, browser.open(okta.url), okta)

    answer = browser.client.post(f"{okta.url}/login/signout", data={"formToken": "guessed"})

    assert answer.status_code == 403
    assert not browser.open(f"{okta.url}/app/UserHome").has_field("password")


def test_cookies_are_out_of_scripts_reach_and_same_site(okta, browser):
    page = browser.open(okta.url)
    fields = dict(page.form_with("password").fields)
    answer = browser.client.post(
        f"{okta.url}/login/login.htm",
        data=fields | {"username": ADA, "password": okta.people[ADA].password},
        follow_redirects=False,
    )

    set_cookies = answer.headers.get_list("set-cookie")
    assert set_cookies
    for cookie in set_cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


def test_pages_run_no_script_but_the_one_that_posts(okta, browser, link):
    plain = browser.client.get(f"{okta.url}/login/login.htm")
    assert "script-src" not in plain.headers["content-security-policy"]
    sign_in(browser, browser.open(link), okta)

    posting = browser.client.get(link)

    assert "script-src 'sha256-" in posting.headers["content-security-policy"]
    assert plain.headers["cache-control"] == "no-store"


def test_what_people_are_called_is_shown_as_text(okta, api, browser):
    api.call("POST", f"/users/{api.user_id(ADA)}", json={"profile": {"firstName": "<b>Ada"}})
    page = browser.open(f"{okta.url}/admin/people")
    values = {"username": okta.admin.login, "password": okta.admin.password}

    browser.submit(page, page.form_with("password"), values)

    assert "&lt;b&gt;Ada" in browser.client.get(f"{okta.url}/admin/people").text
