"""The picture of access: everything that is so is in it, nothing overlaps, nothing is markup."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

import settings
from access import aws_managed
from access.__main__ import access
from access.map.graph import graph
from access.map.layout import layout
from access.map.picture import as_page, as_svg
from access.model import AccessModel
from tests.companies import company

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"
SIZES = (5, 50, 300)


@pytest.fixture(scope="module", params=SIZES)
def estates(request):
    return company(request.param)


def test_every_way_in_is_drawn_and_told(estates):
    found = graph(estates)
    entered = {
        (login, stack, entry.account_role.role)
        for stack, estate in estates.items()
        for login, entries in estate.assumable_roles.items()
        for entry in entries
    }

    assert {(row.login, row.stack, row.role) for row in found.rows} == entered
    logins = {node.key: node.logins for node in found.people}
    names = {group.key: group.name for group in found.groups}
    opened = {(way.start, way.end) for way in found.edges if way.open}
    for row in found.rows:
        person, *groups, role = row.nodes
        assert row.login in logins[person]
        assert [names[key] for key in groups] == list(row.groups)
        assert groups
        assert all((person, key) in opened and (key, role) in opened for key in groups)


def test_a_way_is_open_only_if_somebody_enters_by_it(estates):
    found = graph(estates)
    used = {
        pair
        for row in found.rows
        for pair in zip(row.nodes[:1] * len(row.nodes[1:-1]), row.nodes[1:-1], strict=True)
    }

    drawn = {(w.start, w.end) for w in found.edges if w.open and w.start.startswith("p")}
    closed_groups = {w.start for w in found.edges if w.start.startswith("g") and not w.open}
    assert {pair for pair in drawn if pair[1] not in closed_groups} == {
        pair for pair in used if pair[1] not in closed_groups
    }


def test_people_stand_together_if_and_only_if_the_same_groups_hold_them(estates):
    nodes = graph(estates).people
    of = {login: node.key for node in nodes for login in node.logins}

    def groups(login):
        return [estate.groups_of.get(login) for estate in estates.values()]

    assert len(of) == sum(len(node.logins) for node in nodes)
    for one, other in combinations(list(of)[:60], 2):
        alike = all(
            set(a or ()) == set(b or ()) for a, b in zip(groups(one), groups(other), strict=True)
        )
        assert (of[one] == of[other]) == alike


def test_no_two_boxes_overlap_and_all_lie_within_the_picture(estates):
    places = layout(graph(estates))

    for one, other in combinations(places.boxes.values(), 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart, f"{one.lines} lies on {other.lines}"
    for box in places.boxes.values():
        assert box.x >= 0
        assert box.x + box.width <= places.width
        assert box.y + box.height <= places.height
    for one, other in combinations(places.frames, 2):
        assert one.y + one.height <= other.y or other.y + other.height <= one.y


def test_the_same_stacks_give_the_same_bytes(estates):
    assert as_svg(estates, "today") == as_svg(estates, "today")
    assert as_page(estates, "today") == as_page(estates, "today")


def test_what_must_not_be_missed_is_marked_in_words():
    document = etree.fromstring(as_svg(company(50), "today").encode())
    marks = {
        node.find(f"{SVG}text").text: [
            text.text for text in node.iter(f"{SVG}text") if "mark" in text.get("class")
        ]
        for node in document.iter(f"{SVG}g")
        if (node.get("data-node") or "").startswith("r")
    }

    assert marks["Admin"] == ["admin"]
    assert marks["Migration"] == ["closed"]
    assert marks["Auditor"] == []


def test_a_membership_that_ends_is_told_and_one_that_has_ended_is_not_shown():
    stack = {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "roles": {"Developer": {}},
        "groups": {
            "Team": {
                "roles": ["Developer"],
                "temporary": {"ada@example.com": "2026-12-01", "joan@example.com": "2026-11-01"},
            }
        },
        "today": "2026-11-25",
    }

    text = as_svg({"dev": AccessModel(settings.parse(stack))}, "today")

    assert "ada@example.com until 2026-12-01" in text
    assert "joan@example.com" not in text


def test_nothing_in_a_name_is_read_as_markup():
    stack = {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "roles": {"Developer": {}},
        "groups": {
            '</title><script>alert(1)</script>"': {
                "roles": ["Developer"],
                "members": ["ada@example.com"],
            }
        },
    }
    page = as_page({"dev<b>": AccessModel(settings.parse(stack))}, "a & b")

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert page.count("<script>") == 1
    etree.fromstring(as_svg({"dev<b>": AccessModel(settings.parse(stack))}, "a & b").encode())


def test_the_page_loads_nothing_and_runs_its_own_script_only():
    page = as_page(company(5), "today")

    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert "script-src &#39;sha256-" in policy or "script-src 'sha256-" in policy


def test_six_times_the_people_do_not_make_six_times_the_picture():
    small, large = (len(as_svg(company(number), "today")) for number in (50, 300))

    assert large < small * 4


# The command


def run(*arguments):
    return CliRunner().invoke(access, ["map", *map(str, arguments)])


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_it_writes_what_the_name_asks_for(tmp_path, suffix):
    output = tmp_path / f"map.{suffix}"

    done = run(ROOT / "Pulumi.dev.yaml", ROOT / "Pulumi.prod.yaml", "--output", output)

    assert done.exit_code == 0, done.output
    assert "Access to AWS: dev, prod" in output.read_text()
    assert aws_managed.source_note() in output.read_text()


def test_what_it_can_t_do_is_one_line(tmp_path):
    done = run(ROOT / "Pulumi.dev.yaml", "--output", tmp_path / "map.png")
    assert (done.exit_code, "'map.png' must end in .svg or .html" in done.output) == (2, True)

    done = run(ROOT / "Pulumi.dev.yaml", "--output", tmp_path / "no" / "map.svg")
    assert str(done.exception).endswith("can't be written: No such file or directory")

    twice = run(ROOT / "Pulumi.dev.yaml", ROOT / "Pulumi.dev.yaml", "--output", tmp_path / "m.svg")
    assert (twice.exit_code, "two files have one name" in twice.output) == (2, True)


def test_the_picture_in_the_documents_is_current():
    estates = {
        name: AccessModel(settings.read(ROOT / f"Pulumi.{name}.yaml")) for name in ("dev", "prod")
    }

    assert (ROOT / "docs/images/access.svg").read_text() == as_svg(
        estates, aws_managed.source_note()
    ), "python -m access map Pulumi.dev.yaml Pulumi.prod.yaml --output docs/images/access.svg"
