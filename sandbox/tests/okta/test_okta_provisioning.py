"""The Provisioning tab, the pages around it, and the AWS side of the browser's way in."""

import base64

import pytest

from sandbox.browser import Browser
from sandbox.person import saml_response

ADA = "ada@example.com"
KEY = "AKIAOKTASSOUSER00000"
TYPED = {"access_key": KEY, "secret_key": "secret of the key"}


def as_administrator(browser, okta, path):
    page = browser.open(f"{okta.url}{path}")
    values = {"username": okta.admin.login, "password": okta.admin.password}
    return browser.submit(page, page.form_with("password"), values)


@pytest.fixture
def tab(okta, browser, app):
    return as_administrator(
        browser, okta, f"/admin/app/amazon_aws/instance/{app['id']}/provisioning"
    )


def said(page):
    [notice] = page.document.xpath("//*[@role='status' or @role='alert']")
    return notice.get("role"), notice.text_content()


def typed(browser, page, action, **changes):
    return browser.submit(page, page.form_with("access_key"), TYPED | {"action": action} | changes)


def features(api, app):
    return api.call("GET", f"/apps/{app['id']}")["features"]


def test_the_key_is_tested_by_listing_roles_with_it(browser, tab, aws, api, app, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # nobody answers there
    page = typed(browser, tab, "test")

    role, words = said(page)
    assert role == "status"
    assert "verified successfully" in words
    assert [one["Action"] for one in aws.asked] == ["ListRoles"]
    assert features(api, app) == [], "a test saves nothing"
    assert not page.has_field("create_users")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_key": "AKIAWRONG"}, "InvalidClientTokenId"),
        ({"access_key": ""}, "type the access key"),
        ({"secret_key": " "}, "type the access key"),
    ],
)
@pytest.mark.parametrize("action", ["test", "save"])
def test_a_key_that_aws_refuses_is_not_saved(browser, tab, api, app, action, changes, words):
    page = typed(browser, tab, action, **changes)

    role, told = said(page)
    assert role == "alert"
    assert words in told
    assert page.status == 400
    assert api.okta.org.apps[app["id"]].integration is None


def test_without_an_aws_no_key_is_taken(browser, tab, okta):
    okta.org.aws_url = None

    assert "no AWS is attached" in said(typed(browser, tab, "test"))[1]


def test_an_aws_that_does_not_answer_is_said_to(browser, tab, okta):
    okta.org.aws_url = "http://127.0.0.1:9"

    assert "Unreachable" in said(typed(browser, tab, "save"))[1]


def test_create_users_turns_the_feature_on_and_off(browser, tab, api, app):
    page = typed(browser, tab, "save")
    assert features(api, app) == [], "saving the key alone is not enough"

    page = browser.submit(page, page.form_with("create_users"), {"create_users": "on"})
    assert features(api, app) == ["PUSH_NEW_USERS"]
    both = {"create_users": "on", "update_attributes": "on"}
    page = browser.submit(page, page.form_with("create_users"), both)
    assert features(api, app) == ["PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES"]
    assert page.form_with("create_users").fields["create_users"] == "on"
    form = page.form_with("create_users")
    form.fields["create_users"] = form.fields["update_attributes"] = None
    browser.submit(page, form, {})
    assert features(api, app) == []


def test_the_secret_is_never_shown_again(browser, tab, okta):
    page = typed(browser, tab, "save")

    assert TYPED["secret_key"] not in browser.client.get(page.url).text
    assert page.form_with("access_key").fields["access_key"] == KEY


def test_imported_roles_can_be_assigned_and_others_not(browser, tab, api, app):
    typed(browser, tab, "save")
    path = f"/apps/{app['id']}/groups/{api.new_group('g')}"

    api.call("PUT", path, json={"profile": {"samlRoles": ["OktaDeveloper"]}})

    text = api.refused("PUT", path, json={"profile": {"samlRoles": ["OktaNobody"]}})[2]
    assert "'OktaNobody' is not among the roles imported" in text
    types = api.call("GET", f"/internal/apps/{app['id']}/types")
    assert types["SamlIamRole"] == ["OktaDeveloper", "OktaAuditor"]


def test_a_new_role_is_seen_after_a_refresh(browser, tab, api, app, aws):
    page = typed(browser, tab, "save")
    aws.roles.append("OktaNew")
    path = f"/apps/{app['id']}/groups/{api.new_group('g')}"
    body = {"profile": {"samlRoles": ["OktaNew"]}}
    assert api.refused("PUT", path, json=body)[0] == 400

    page = browser.submit(page, page.form_with("refresh"), {})

    assert said(page) == ("status", "Application data refreshed. 3 roles read from AWS.")
    api.call("PUT", path, json=body)


def test_disabling_forgets_key_and_roles(browser, tab, api, app):
    page = typed(browser, tab, "save")
    form = next(one for one in page.document.forms if "Disable" in one.text_content())

    browser.submit(page, form, {"action": "disable"})

    assert api.okta.org.apps[app["id"]].integration is None


@pytest.mark.parametrize("values", [{"refresh": "yes"}, {"create_users": "on"}])
def test_nothing_works_before_the_integration(browser, tab, values):
    assert said(browser.submit(tab, tab.form_with("access_key"), values))[0] == "alert"


def test_a_form_without_its_token_changes_nothing(browser, tab, api, app):
    answer = browser.client.post(tab.url, data=TYPED | {"action": "save", "formToken": "x"})

    assert answer.status_code == 403
    assert api.okta.org.apps[app["id"]].integration is None


ADMIN_PAGES = [
    "/admin",
    "/admin/groups",
    "/admin/groups/{group}",
    "/admin/people",
    "/admin/app/amazon_aws/instance/{app}",
    "/admin/app/amazon_aws/instance/{app}/assignments",
    "/admin/app/amazon_aws/instance/{app}/provisioning",
]


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_administration_is_for_administrators(okta, api, app, browser, path):
    path = path.format(app=app["id"], group=api.new_group("g"))
    page = browser.open(f"{okta.url}{path}")
    assert page.has_field("password"), "who is not signed in is asked to"
    values = {"username": ADA, "password": okta.people[ADA].password}

    page = browser.submit(page, page.form_with("password"), values)

    assert page.status == 403
    assert "no administrator role" in page.text
    with Browser() as other:
        assert as_administrator(other, okta, path).status == 200


def test_a_person_cannot_post_to_the_tab(okta, browser, app, api):
    path = f"{okta.url}/admin/app/amazon_aws/instance/{app['id']}/provisioning"
    page = browser.open(path)
    values = {"username": ADA, "password": okta.people[ADA].password}
    page = browser.submit(page, page.form_with("password"), values)

    assert browser.client.post(path, data=TYPED | {"action": "save"}).status_code == 403
    assert api.okta.org.apps[app["id"]].integration is None


def test_the_administrator_sees_people_groups_and_assignments(okta, api, app, browser):
    api.switch(strict_roles=False)
    group = api.new_group("AWSDeveloper", ADA)
    api.assign(app["id"], group, priority=4, profile={"samlRoles": ["OktaDeveloper"]})
    here = f"/admin/app/amazon_aws/instance/{app['id']}"

    assert "AWS Account Federation" in as_administrator(browser, okta, "/admin").text
    shown = browser.open(f"{okta.url}{here}/assignments").text
    assert "AWSDeveloper" in shown
    assert "OktaDeveloper" in shown
    assert "saml-provider/Okta" in browser.open(f"{okta.url}{here}").text
    assert ADA in browser.open(f"{okta.url}/admin/groups/{group}").text
    assert "AWSDeveloper" in browser.open(f"{okta.url}/admin/people").text


def test_a_long_table_comes_in_pages(okta, api, app, browser):
    for number in range(60):
        api.new_group(f"group {number:02}")
    as_administrator(browser, okta, "/admin")

    first = browser.open(f"{okta.url}/admin/groups").text
    last = browser.open(f"{okta.url}/admin/groups?page=2").text

    assert "61 in all, page 1 of 2" in first
    assert ("group 59" in first, "group 59" in last) == (False, True)
    assert "page 2 of 2" in browser.open(f"{okta.url}/admin/groups?page=99").text


@pytest.mark.parametrize("path", ["/admin/groups/nobody", "/admin/app/amazon_aws/instance/nobody"])
def test_what_the_administrator_asks_in_vain_is_a_page_not_found(okta, browser, path):
    assert as_administrator(browser, okta, path).status == 404


# The AWS side


@pytest.fixture
def entering(okta, api, app, browser):
    """Ada at the form that posts to AWS, with these roles."""

    def enter(*roles):
        api.switch(strict_roles=False)
        group = api.new_group("AWSDeveloper", ADA)
        api.assign(app["id"], group, profile={"samlRoles": list(roles)})
        page = browser.open(app["_links"]["appLinks"][0]["href"])
        values = {"username": ADA, "password": okta.people[ADA].password}
        return browser.submit(page, page.form_with("password"), values)

    return enter


def test_one_role_is_entered_at_once(browser, entering, aws):
    page = entering("OktaDeveloper")
    page = browser.submit(page, page.form_with("SAMLResponse"), {})

    assert page.url.endswith("/console/home")
    [asked] = [one for one in aws.asked if one["Action"] == "AssumeRoleWithSAML"]
    assert asked["RoleArn"] == "arn:aws:iam::123456789012:role/OktaDeveloper"
    assert asked["PrincipalArn"] == "arn:aws:iam::123456789012:saml-provider/Okta"
    assert asked["DurationSeconds"] == "3600"


def test_the_console_says_who_you_are_and_what_aws_answered(browser, entering):
    page = entering("OktaDeveloper")
    page = browser.submit(page, page.form_with("SAMLResponse"), {})

    assert page.document.xpath("string(//h1)") == "OktaDeveloper/ada@example.com"
    ec2, s3 = page.document.xpath("//section")
    assert "allowed" in ec2.text_content()
    assert "i-0123" in ec2.text_content()
    assert "web <1>" in ec2.text_content(), "names are text, not markup"
    assert "AccessDenied: no s3:ListAllMyBuckets" in s3.text_content()


def test_of_two_roles_one_is_chosen(browser, entering, aws):
    page = entering("OktaDeveloper", "OktaAuditor")
    page = browser.submit(page, page.form_with("SAMLResponse"), {})
    assert "Select a role" in page.text
    assert not [one for one in aws.asked if one["Action"] == "AssumeRoleWithSAML"]

    arn = "arn:aws:iam::123456789012:role/OktaAuditor"
    browser.submit(page, page.form_with("roleIndex"), {"roleIndex": arn})

    [asked] = [one for one in aws.asked if one["Action"] == "AssumeRoleWithSAML"]
    assert asked["RoleArn"] == arn


def test_a_choice_that_was_not_offered_is_refused(browser, entering, aws):
    page = entering("OktaDeveloper", "OktaAuditor")
    form = page.form_with("SAMLResponse")

    page = browser.submit(page, form, {"roleIndex": "arn:aws:iam::123456789012:role/Admin"})

    assert page.status == 400
    assert not [one for one in aws.asked if one["Action"] == "AssumeRoleWithSAML"]


def test_what_sts_refuses_is_shown_in_its_words(browser, entering):
    page = entering("OktaNobody")
    page = browser.submit(page, page.form_with("SAMLResponse"), {})

    assert page.status == 403
    assert "Not authorized to perform sts:AssumeRoleWithSAML (AccessDenied)" in page.text


WITH_AN_ENTITY = b"""<!DOCTYPE r [<!ENTITY x "arn:aws:iam::123456789012:role/OktaDeveloper">]>
<r xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">
  <a:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
    <a:AttributeValue>arn:aws:iam::123456789012:saml-provider/Okta,&x;</a:AttributeValue>
  </a:Attribute>
</r>"""


@pytest.mark.parametrize(
    "response",
    [
        "",
        "%%%",
        base64.b64encode(b"<a").decode(),
        base64.b64encode(b"<Response/>").decode(),
        base64.b64encode(WITH_AN_ENTITY).decode(),
        "A" * 100_001,
    ],
)
def test_what_is_no_saml_response_is_refused(okta, browser, aws, response):
    answer = browser.client.post(
        f"{okta.url}/signin.aws.amazon.com/saml", data={"SAMLResponse": response}
    )

    assert answer.status_code == 400
    assert "invalid SAML response" in answer.text
    assert aws.asked == []


def test_a_response_without_roles_is_refused(browser, entering):
    page = entering()

    assert browser.submit(page, page.form_with("SAMLResponse"), {}).status == 400


def test_nobody_is_in_the_console_without_a_role_and_after_signing_out(okta, browser, entering):
    assert browser.open(f"{okta.url}/console/home").status == 403
    page = entering("OktaDeveloper")
    page = browser.submit(page, page.form_with("SAMLResponse"), {})
    form = next(one for one in page.document.forms if one.action == "/console/signout")
    browser.submit(page, form, {})

    assert browser.open(f"{okta.url}/console/home").status == 403


def test_the_same_way_works_for_a_program(okta, api, app):
    api.switch(strict_roles=False)
    api.assign(app["id"], api.new_group("g", ADA), profile={"samlRoles": ["OktaDeveloper"]})
    link = app["_links"]["appLinks"][0]["href"]

    assert saml_response(link, ADA, okta.people[ADA].password)
