"""Generated documents say what the code says today."""

import pytest

from tools import reference

FILES = reference.files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_reference_is_what_the_code_would_write(path):
    assert path.read_text() == FILES[path], "run `python -m tools.reference`"


def test_each_page_tells_inputs_outputs_children_and_refusals():
    pages = [text for path, text in FILES.items() if path.suffix == ".md"]

    assert len(pages) == 6
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
