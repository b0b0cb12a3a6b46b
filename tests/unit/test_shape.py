"""The form of the program, where a reader relies on it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPONENTS = sorted((ROOT / "components").glob("*.py"))
LIBRARY = sorted((ROOT / "okta_aws_federation").rglob("*.py"))
PROGRAM = [
    *sorted(ROOT.glob("*.py")),
    *LIBRARY,
    *COMPONENTS,
    *sorted((ROOT / "settings").glob("*.py")),
]


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_the_wiring_fits_on_a_page_and_each_component_on_two():
    assert lines_of(ROOT / "__main__.py") <= 115
    assert [path.name for path in COMPONENTS if lines_of(path) > 250] == []
    assert [path.name for path in PROGRAM if lines_of(path) > 300] == []


@pytest.mark.parametrize("path", PROGRAM, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_hides_something_behind_its_length(path):
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [each.name for each in functions if each.end_lineno - each.lineno >= 50] == []


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_knows_neither_configuration_nor_environment_nor_clouds(path):
    code = path.read_text()

    assert not re.search(r"\b(Config\(|os\.environ|getenv|get_stack|get_project)", code)
    assert not re.search(r"^(import|from) (settings|boto3|httpx|os)\b", code, re.MULTILINE)


@pytest.mark.parametrize("path", PROGRAM, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_branches_on_the_name_of_a_stack(path):
    # Its name leads to its file, for the lines that a refusal names, and to its own outputs.
    assert not re.search(
        r"get_stack\((?!\)\}(\.yaml|\"))|== ['\"](dev|prod)['\"]", path.read_text()
    )
