"""The story's steps by hand, from the Provisioning tab to the EC2 dashboard, by clicking."""

from playwright.sync_api import expect

DEVELOPER, AUDITOR = "OktaDeveloper", "OktaAuditor"
ADA = "ada@example.com"


def test_an_administrator_and_a_person_play_the_story_by_clicking(bench, browser_of):
    administrator = browser_of()
    administrator.configures_provisioning(bench)
    administrator.keeps("provisioning")
    features = bench.api("GET", f"/apps/{bench.app_id}")["features"]
    assert features == ["PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES"], "what the second phase checks"
    bench.assign("AWSDeveloper", [DEVELOPER], ADA)

    ada = browser_of()
    ada.page.goto(bench.okta.url)
    ada.keeps("sign-in")
    ada.signs_in(ADA, bench.okta.people[ADA].password)
    tile = ada.page.get_by_role("link", name=bench.app_label)
    expect(tile).to_be_visible()
    ada.keeps("my-apps")
    tile.click()

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")
    ada.keeps("console")
    ec2, s3 = (ada.page.get_by_role("region", name=name) for name in ("EC2", "S3"))
    expect(ec2).to_contain_text("allowed")
    expect(s3).to_contain_text("denied")
    expect(s3, "AWS's own word, not the page's").to_contain_text("AccessDenied")


def test_what_the_console_shows_is_what_the_account_holds(bench, browser_of):
    (instance,) = bench.ec2().run_instances(
        ImageId="ami-12345678", InstanceType="t3.micro", MinCount=1, MaxCount=1
    )["Instances"]
    browser_of().configures_provisioning(bench)
    bench.assign("AWSDeveloper", [DEVELOPER], ADA)
    ada = browser_of()

    ada.opens_app(bench, ADA)

    expect(ada.page.get_by_role("region", name="EC2").first).to_contain_text(instance["InstanceId"])


def test_a_person_with_two_roles_chooses_one(bench, browser_of):
    bench.add_role(AUDITOR, "SecurityAudit")
    browser_of().configures_provisioning(bench)
    bench.assign("AWSDeveloper", [DEVELOPER, AUDITOR], ADA)
    ada = browser_of()

    ada.opens_app(bench, ADA)
    expect(ada.page.get_by_role("heading", name="Select a role")).to_be_visible()
    ada.keeps("choose-role")
    ada.page.get_by_label(AUDITOR).check()
    ada.page.get_by_role("button", name="Sign in").click()

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{AUDITOR}/{ADA}")


def test_a_link_to_the_app_leads_through_sign_in_to_aws(bench, browser_of):
    browser_of().configures_provisioning(bench)
    bench.assign("AWSDeveloper", [DEVELOPER], ADA)
    link = bench.api("GET", f"/apps/{bench.app_id}")["_links"]["appLinks"][0]["href"]
    ada = browser_of()

    ada.page.goto(link)
    ada.signs_in(ADA, bench.okta.people[ADA].password)

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")


def test_a_new_role_is_offered_only_after_refreshing_application_data(bench, browser_of):
    administrator = browser_of()
    administrator.configures_provisioning(bench)
    bench.add_role(AUDITOR, "SecurityAudit")
    administrator.page.reload()
    expect(administrator.page.get_by_text(AUDITOR)).to_have_count(0)

    administrator.page.get_by_role("button", name="Refresh Application Data").click()

    expect(administrator.page.get_by_role("status")).to_contain_text("refreshed")
    expect(administrator.page.get_by_text(AUDITOR)).to_be_visible()


def test_who_signs_out_of_aws_and_okta_is_out_of_both(bench, browser_of):
    browser_of().configures_provisioning(bench)
    bench.assign("AWSDeveloper", [DEVELOPER], ADA)
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
