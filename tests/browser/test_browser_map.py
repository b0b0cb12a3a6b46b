"""The map of access in real Chromium: readable, quiet, and it says who enters prod as admin."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from access.map.picture import as_page
from sandbox.workspace import HOME
from tests.companies import company

SIZES = (5, 50, 300)
VIEWS = {
    "laptop-light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture(params=SIZES)
def people(request):
    return request.param


@pytest.fixture(params=list(VIEWS))
def view(request):
    return request.param


@pytest.fixture
def page(chromium, people, view, tmp_path):
    """The map of a company, opened from a file; what the browser complains of fails the test."""
    file = tmp_path / "map.html"
    file.write_text(as_page(company(people), "policies of AWS as of today"))
    complaints = []
    with chromium.new_context(**VIEWS[view]) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(file.as_uri())
        yield page
        folder = HOME / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"map-{people}-{view}.png")
    assert complaints == [file.as_uri()], "the page asks for nothing but itself"


def admins(people):
    estate = company(people)["prod"]
    return sorted(
        login
        for login, entries in estate.assumable_roles.items()
        if any(entry.account_role.role == "Admin" for entry in entries)
    )


def test_a_newcomer_finds_out_who_can_enter_prod_as_admin(page, people):
    page.get_by_role("searchbox").fill("prod admin")

    said = page.locator("#answer")
    expected = admins(people)
    assert len(expected) == 3
    expect(said).to_have_text(f"3 people, 3 ways in: {', '.join(expected)}")
    shown = page.locator("tbody tr:visible")
    expect(shown).to_have_count(3)
    expect(
        page.locator("[data-node]:not(.off)", has_text="AdministratorAccess")
    ).to_be_in_viewport()
    page.get_by_role("searchbox").fill("")
    expect(page.locator("svg .off")).to_have_count(0)


def test_a_click_on_a_group_asks_for_it(page):
    page.locator("[data-node^=g]", has_text="Auditors").click()

    expect(page.get_by_role("searchbox")).to_have_value("Auditors")
    expect(page.locator("#answer")).to_contain_text(" in: ")


def test_it_is_accessible_and_large_enough_to_read(page):
    serious = [
        violation
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []
    sizes = page.evaluate(
        """() => Array.from(document.querySelectorAll("svg text"), (text) => {
          const scale = text.getScreenCTM().a;
          return parseFloat(getComputedStyle(text).fontSize) * scale;
        })"""
    )
    assert min(sizes) > 8.5
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    assert not wide, "the picture scrolls by itself, the page does not"
    cut = page.evaluate(
        """() => Array.from(document.querySelectorAll("[data-node]"), (node) => {
          const frame = node.querySelector("rect.body").getBBox();
          return Array.from(node.querySelectorAll("text"), (text) => text.getBBox())
            .filter((box) => box.x + box.width > frame.x + frame.width).length;
        }).reduce((a, b) => a + b, 0)"""
    )
    assert cut == 0, "text beyond its box"


def test_what_is_searched_is_laid_out_anew_and_the_rest_is_hidden(page, people):
    whole = page.evaluate("document.querySelector('svg').viewBox.baseVal.height")

    page.get_by_role("searchbox").fill("prod admin")

    shown = page.locator("svg [data-node]:not(.off)")
    tops = page.evaluate(
        """() => ["0", "1", "2"].map((column) => Array.from(
          document.querySelectorAll(`svg [data-column="${column}"]:not(.off) rect.body`),
          (rect) => rect.getBoundingClientRect().top).sort((a, b) => a - b))"""
    )
    assert sum(map(len, tops)) == shown.count()
    assert all(tops), "people, groups and roles"
    spread = max(column[0] for column in tops) - min(column[0] for column in tops)
    assert spread < 60, "each column begins at the top"
    assert page.evaluate("document.querySelector('svg').viewBox.baseVal.height") <= whole
    expect(page.locator("svg path.on")).not_to_have_count(0)
    page.get_by_role("searchbox").fill("")
    assert page.evaluate("document.querySelector('svg').viewBox.baseVal.height") == whole
