"""Generated documents say what the code says today."""

import datetime

import jsonschema
import pytest
import yaml

from settings.schema import stack_file_schema
from tools import reference, stack_file_page

FILES = reference.files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_reference_is_what_the_code_would_write(path):
    assert path.read_text() == FILES[path], "run `python -m tools.reference`"


def test_each_page_tells_inputs_outputs_children_and_refusals():
    pages = [text for path, text in FILES.items() if path.suffix == ".md"]

    assert len(pages) == 7
    for page in pages:
        for section in page.split("\n## ")[1:]:
            assert len(section.splitlines()) > 2, "an empty section: the generator found nothing"


def test_no_input_and_no_output_goes_without_a_word():
    undocumented = [
        line
        for path, text in FILES.items()
        if path.suffix == ".md"
        for line in text.splitlines()
        if line.startswith("| `") and line.endswith("|  |")
    ]
    assert undocumented == []


def keys_of_the_stack_file():
    return [
        pytest.param(name, key, each, id=f"{name}.{key}")
        for name, section in stack_file_page.schema_sections().items()
        for key, each in section["properties"].items()
    ]


@pytest.mark.parametrize(("name", "key", "schema"), keys_of_the_stack_file())
def test_every_example_of_a_key_is_what_the_schema_takes(name, key, schema):
    value = plain(yaml.safe_load(stack_file_page.EXAMPLES[name][key]))
    definitions = stack_file_schema()["$defs"]

    jsonschema.validate(value, {**schema, "$defs": definitions})


def plain(value):
    """Days as texts, as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value.isoformat() if isinstance(value, datetime.date) else value


def test_no_example_is_of_a_key_that_is_gone():
    sections = stack_file_page.schema_sections()

    assert set(stack_file_page.EXAMPLES) == set(sections)
    for name, examples in stack_file_page.EXAMPLES.items():
        assert set(examples) == set(sections[name]["properties"]), name
