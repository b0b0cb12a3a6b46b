"""Every link inside the documents leads somewhere, and every file that they name is there."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests import documents
from tests.documents import ROOT


def links(page):
    for token in documents.tokens(page):
        for child in token.children or ():
            target = child.attrs.get("href") or child.attrs.get("src")
            if target and not re.match(r"[a-z]+:", str(target)):
                yield unquote(str(target))


def anchors(page):
    """As GitHub makes them of headings."""
    found = documents.tokens(page)
    for heading, inline in itertools.pairwise(found):
        if heading.type == "heading_open":
            text = "".join(child.content for child in inline.children or ())
            yield re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "page", documents.documents(), ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in set(anchors(target)), link
        if anchor and target.suffix == ".py":
            assert f"def {anchor}(" in target.read_text(), link


def test_the_map_names_what_is_there():
    text = (
        (ROOT / "docs/architecture.md").read_text().partition("\n## Map\n")[2].partition("\n## ")[0]
    )
    named = re.findall(r"^(\S+?)/?\s{2,}\S", text, re.MULTILINE)

    assert named
    assert [name for name in named if not (ROOT / Path(name)).exists()] == []


def test_the_index_leads_to_every_page():
    """From docs/README.md, over links, to everything under docs/."""
    seen, coming = set(), [ROOT / "docs" / "README.md"]
    while coming:
        page = coming.pop()
        seen.add(page)
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        inside = {target for target in targets if target.suffix == ".md"}
        coming += [target for target in inside - seen if target.exists()]

    missing = {page for page in documents.documents() if (ROOT / "docs") in page.parents} - seen
    assert not missing


HOW_TOS = sorted([*(ROOT / "docs/how-to").glob("*.md"), *(ROOT / "examples").glob("*/README.md")])
NOTHING_CHANGES = {"see-who-reaches-what.md", "troubleshooting.md"}


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_how_to_says_when_to_use_it_that_it_worked_and_how_to_go_back(page):
    title, opening, *_ = page.read_text().split("\n\n")
    if page.name in NOTHING_CHANGES:
        return
    assert title.startswith("# ")
    assert re.search(r"\bUse (this (page|example)|a |session|`expect`)", opening)
    assert "**It worked** if" in page.read_text()
    assert re.search(r"\*\*To go back|^## Go back$", page.read_text(), re.MULTILINE)
