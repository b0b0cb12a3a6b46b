"""The table of features claims nothing that no test shows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reference" / "features.md"
ROWS = {
    int(number): [cell.strip() for cell in rest.split("|")]
    for number, rest in re.findall(r"^\| (\d+) \| (.*) \|$", TABLE.read_text(), re.MULTILINE)
}
LINK = re.compile(r"\[\d+\]\(([^)#]+)#(\w+)\)")


def named_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_feature_has_its_row():
    assert list(ROWS) == list(range(1, 67))


@pytest.mark.parametrize("number", ROWS)
def test_what_is_ours_is_shown_by_a_test_that_is_there(number):
    _, ours, shown, *peers = ROWS[number]

    assert ours in ("yes", "part", "no")
    assert len(peers) == 10
    links = LINK.findall(shown)
    assert bool(links) == (ours != "no"), "a claim without a test, or a test without a claim"
    for path, name in links:
        assert name in named_in((TABLE.parent / path).resolve()), f"{path} has no {name}"


def test_every_gap_is_explained_below_the_table():
    gaps = {number for number, (_, ours, *_) in ROWS.items() if ours == "part"}
    explained = {int(number) for number in re.findall(r"(?<!\d)(\d{1,2}): ", TABLE.read_text())}

    assert gaps <= explained
