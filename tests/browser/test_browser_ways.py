"""Ways into AWS and out of it again, once the integration stands."""

import pytest
from playwright.sync_api import expect

DEVELOPER, AUDITOR = "OktaDeveloper", "OktaAuditor"
ADA, ALAN = "ada@example.com", "alan@example.com"


@pytest.fixture(scope="module")
def bench(module_bench):
    """Ada has one role, Alan two."""
    module_bench.add_role(AUDITOR, "SecurityAudit")
    module_bench.integrate()
    module_bench.assign("AWSDeveloper", [DEVELOPER], ADA)
    module_bench.assign("AWSBoth", [DEVELOPER, AUDITOR], ALAN)
    return module_bench


def test_what_the_console_shows_is_what_the_account_holds(bench, browser_of):
    (instance,) = bench.ec2().run_instances(
        ImageId="ami-12345678", InstanceType="t3.micro", MinCount=1, MaxCount=1
    )["Instances"]
    ada = browser_of()

    ada.opens_app(bench, ADA)

    expect(ada.page.get_by_role("region", name="EC2").first).to_contain_text(instance["InstanceId"])


def test_a_person_with_two_roles_chooses_one(bench, browser_of):
    alan = browser_of()

    alan.opens_app(bench, ALAN)
    expect(alan.page.get_by_role("heading", name="Select a role")).to_be_visible()
    alan.page.get_by_label(AUDITOR).check()
    alan.page.get_by_role("button", name="Sign in").click()

    expect(alan.page.get_by_role("heading", level=1)).to_have_text(f"{AUDITOR}/{ALAN}")


def test_a_link_to_the_app_leads_through_sign_in_to_aws(bench, browser_of):
    link = bench.api("GET", f"/apps/{bench.app_id}")["_links"]["appLinks"][0]["href"]
    ada = browser_of()

    ada.page.goto(link)
    ada.signs_in(ADA, bench.okta.people[ADA].password)

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")


def test_a_regional_sign_in_page_takes_the_response_too(bench, browser_of):
    regional = "https://us-west-2.signin.aws.amazon.com/saml"
    app = bench.api("GET", f"/apps/{bench.app_id}")
    app["settings"]["app"]["overrideAcsURL"] = regional
    bench.api("PUT", f"/apps/{bench.app_id}", json=app)
    ada = browser_of()

    try:
        ada.opens_app(bench, ADA)
        expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")
    finally:
        app["settings"]["app"]["overrideAcsURL"] = None
        bench.api("PUT", f"/apps/{bench.app_id}", json=app)


def test_a_new_role_is_offered_only_after_refreshing_application_data(bench, browser_of):
    late = "OktaLate"
    administrator = browser_of()
    page = administrator.page
    page.goto(f"{bench.okta.url}/admin/app/amazon_aws/instance/{bench.app_id}/provisioning")
    administrator.signs_in(bench.okta.admin.login, bench.okta.admin.password)
    expect(page.get_by_text(DEVELOPER)).to_be_visible()
    bench.add_role(late, "SecurityAudit")
    page.reload()
    expect(page.get_by_text(late)).to_have_count(0)

    page.get_by_role("button", name="Refresh Application Data").click()

    expect(page.get_by_role("status")).to_contain_text("refreshed")
    expect(page.get_by_text(late)).to_be_visible()


def test_who_signs_out_of_aws_and_okta_is_out_of_both(bench, browser_of):
    ada = browser_of()
    ada.opens_app(bench, ADA)
    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")
    console = ada.page.url

    ada.page.get_by_role("button", name="Sign out").click()
    expect(ada.page.get_by_role("heading", name="My apps")).to_be_visible()
    ada.page.goto(console)
    expect(ada.page.get_by_role("alert")).to_contain_text("Open the app in Okta")
    ada.page.get_by_role("link", name="Back to Okta").click()
    ada.page.get_by_role("button", name="Sign out").click()

    expect(ada.page.get_by_label("Password")).to_be_visible()
    ada.page.goto(f"{bench.okta.url}/app/UserHome")
    expect(ada.page.get_by_label("Password"), "the session is over, not only left").to_be_visible()
