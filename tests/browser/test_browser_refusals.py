"""What people see who may not: each gets a page with a reason, and nothing else."""

import pytest
from playwright.sync_api import expect

ADA, GRACE = "ada@example.com", "grace@example.com"


@pytest.fixture(scope="module")
def bench(module_bench):
    """One for all: nothing that is refused changes anything."""
    return module_bench


def test_a_wrong_password_is_refused_and_the_login_kept(bench, browser_of):
    ada = browser_of()
    ada.page.goto(bench.okta.url)

    ada.signs_in(ADA, "not-her-password")

    expect(ada.page.get_by_role("alert")).to_have_text("Unable to sign in")
    expect(ada.page.get_by_label("Username")).to_have_value(ADA)
    expect(ada.page.get_by_label("Password"), "the next thing to type").to_be_focused()
    ada.finds_no_barrier()
    ada.keeps("wrong-password")


def test_an_unknown_login_is_told_no_more_than_a_wrong_password(bench, browser_of):
    nobody = browser_of()
    nobody.page.goto(bench.okta.url)

    nobody.signs_in("nobody@example.com", "whatever")

    expect(nobody.page.get_by_role("alert")).to_have_text("Unable to sign in")


def test_a_locked_person_stays_out_with_the_right_password(bench, browser_of):
    login = "joan@example.com"
    bench.okta.org.user(login).status = "LOCKED_OUT"
    joan = browser_of()
    joan.page.goto(bench.okta.url)

    joan.signs_in(login, bench.okta.people[login].password)

    expect(joan.page.get_by_role("alert")).to_have_text("Unable to sign in")


def test_a_person_without_the_app_has_no_tile_and_no_way_round_it(bench, browser_of):
    grace = browser_of()
    grace.page.goto(bench.okta.url)
    grace.signs_in(GRACE, bench.okta.people[GRACE].password)
    expect(grace.page.get_by_text("You don't have any apps assigned yet")).to_be_visible()

    grace.page.goto(f"{bench.okta.url}/home/amazon_aws/{bench.app_id}/272")

    expect(grace.page.get_by_role("alert")).to_contain_text("you are not assigned this app")
    grace.finds_no_barrier()
    grace.keeps("no-app")


def test_a_person_is_no_administrator(bench, browser_of):
    grace = browser_of()
    grace.page.goto(f"{bench.okta.url}/admin")
    grace.signs_in(GRACE, bench.okta.people[GRACE].password)

    expect(grace.page.get_by_role("alert")).to_contain_text("no administrator role")
    expect(grace.page.get_by_role("link", name="Admin")).to_have_count(0)


def test_a_key_that_aws_does_not_know_is_not_saved(bench, browser_of):
    administrator = browser_of()
    page = administrator.page
    page.goto(f"{bench.okta.url}/admin/app/amazon_aws/instance/{bench.app_id}/provisioning")
    administrator.signs_in(bench.okta.admin.login, bench.okta.admin.password)

    administrator.types_key("AKIAWRONGKEYID", "x" * 40)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("InvalidClientTokenId")
    expect(page.get_by_label("Create users"), "there is nothing to provision with").to_have_count(0)
    administrator.finds_no_barrier()
    administrator.keeps("refused-key")


def test_an_address_that_nobody_serves_says_so(bench, browser_of):
    administrator = browser_of()
    page = administrator.page
    page.goto(f"{bench.okta.url}/admin/app/amazon_aws/instance/0oaNobody00000000000/provisioning")
    administrator.signs_in(bench.okta.admin.login, bench.okta.admin.password)

    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
