"""Every page for everybody: on a laptop and a phone, in light and dark, by keyboard alone."""

import pytest
from playwright.sync_api import expect

LAPTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "color_scheme": "dark",
}
DEVELOPER, AUDITOR = "OktaDeveloper", "OktaAuditor"
ADA, ALAN = "ada@example.com", "alan@example.com"


@pytest.fixture(scope="module")
def bench(module_bench):
    """The story up to its end, so that every page has something to show."""
    module_bench.add_role(AUDITOR, "SecurityAudit")
    module_bench.integrate()
    module_bench.assign("AWSDeveloper", [DEVELOPER], ADA)
    module_bench.assign("AWSBoth", [DEVELOPER, AUDITOR], ALAN)
    return module_bench


def admin_pages(bench):
    """Path -> name of each page that an administrator can open."""
    app = f"/admin/app/amazon_aws/instance/{bench.app_id}"
    (group,) = bench.api("GET", "/groups", params={"q": "AWSDeveloper"})
    return {
        "/admin": "admin-apps",
        "/admin/groups": "admin-groups",
        f"/admin/groups/{group['id']}": "admin-group",
        "/admin/people": "admin-people",
        app: "admin-app",
        f"{app}/provisioning": "admin-provisioning",
        f"{app}/assignments": "admin-assignments",
    }


def is_fine(person, name):
    """No barrier, and nothing that has to be scrolled sideways to be read."""
    person.keeps(name)
    person.finds_no_barrier()
    too_wide = person.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert too_wide <= 0, f"{name} is {too_wide} pixels wider than the screen"
    expect(person.page.get_by_text("not Okta, not AWS"), "honest on every page").to_be_visible()


# Size and colours have nothing to do with each other: two pairs cover both of each.
@pytest.mark.parametrize("device", [LAPTOP, PHONE], ids=["laptop-light", "phone-dark"])
class TestEveryPage:
    def test_of_an_administrator_is_fine(self, bench, browser_of, device, request):
        administrator = browser_of(**device)
        kind = request.node.callspec.id
        administrator.page.goto(f"{bench.okta.url}/admin")
        is_fine(administrator, f"sign-in-{kind}")
        administrator.signs_in(bench.okta.admin.login, bench.okta.admin.password)
        expect(administrator.page.get_by_role("button", name="Sign out")).to_be_visible()

        for path, name in admin_pages(bench).items():
            administrator.page.goto(bench.okta.url + path)
            is_fine(administrator, f"{name}-{kind}")

    def test_of_a_person_is_fine(self, bench, browser_of, device, request):
        alan = browser_of(**device)
        kind = request.node.callspec.id
        alan.page.goto(bench.okta.url)
        alan.signs_in(ALAN, bench.okta.people[ALAN].password)
        expect(alan.page.get_by_role("heading", name="My apps")).to_be_visible()
        is_fine(alan, f"my-apps-{kind}")

        alan.page.get_by_role("link", name=bench.app_label).click()
        expect(alan.page.get_by_role("heading", name="Select a role")).to_be_visible()
        is_fine(alan, f"choose-role-{kind}")

        alan.page.get_by_label(DEVELOPER).check()
        alan.page.get_by_role("button", name="Sign in").click()
        expect(alan.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ALAN}")
        is_fine(alan, f"console-{kind}")


def test_a_person_enters_aws_without_a_mouse(bench, browser_of):
    ada = browser_of()
    keyboard = ada.page.keyboard
    ada.page.goto(bench.okta.url)

    expect(ada.page.get_by_label("Username"), "where typing starts").to_be_focused()
    keyboard.type(ADA)
    keyboard.press("Tab")
    keyboard.type(bench.okta.people[ADA].password)
    keyboard.press("Enter")
    tile = ada.page.get_by_role("link", name=bench.app_label)
    tab_to(ada, tile)
    ada.keeps("focus-on-tile")
    keyboard.press("Enter")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")


def test_the_first_tab_stop_skips_to_the_content(bench, browser_of):
    ada = browser_of()
    ada.page.goto(bench.okta.url)
    ada.signs_in(ADA, bench.okta.people[ADA].password)
    expect(ada.page.get_by_role("heading", name="My apps")).to_be_visible()

    ada.page.keyboard.press("Tab")
    expect(ada.page.get_by_role("link", name="Skip to content")).to_be_focused()
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Tab")

    expect(ada.page.get_by_role("link", name=bench.app_label)).to_be_focused()


def test_the_way_to_aws_works_without_scripts(bench, browser_of):
    ada = browser_of(java_script_enabled=False)
    ada.opens_app(bench, ADA)

    ada.page.get_by_role("button", name="Continue").click()

    expect(ada.page.get_by_role("heading", level=1)).to_have_text(f"{DEVELOPER}/{ADA}")


def tab_to(person, target, at_most=20):
    """Press Tab until the target has the focus."""
    for _ in range(at_most):
        person.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{at_most} tab stops and none is {target}")
