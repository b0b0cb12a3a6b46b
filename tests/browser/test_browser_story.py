"""The story's steps by hand, from the Provisioning tab to the EC2 dashboard, by clicking."""

from playwright.sync_api import expect

DEVELOPER, ADA = "OktaDeveloper", "ada@example.com"


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
