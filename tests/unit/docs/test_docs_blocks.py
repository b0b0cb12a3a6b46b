"""Every command and fragment of the documents is held to something, and those that need no cloud
are typed as they stand."""

import os

import pytest
import yaml

import settings
from sandbox.workspace import mirror
from tests import documents
from tests.documents import PREFIX, ROOT, Block

CONSOLE = documents.every_block("console")
YAML = documents.every_block("yaml")
PLACES = {"stack file", "sandbox", "tutorial", "engine"}
TYPED = documents.running("stack file")


@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_every_command_is_typed_by_a_test_or_says_why_not(block):
    assert block.commands, "a console block without a line that begins with $"
    if block.kind == "runs":
        assert block.where in PLACES
    elif block.kind == "elsewhere":
        files = [ROOT / name.strip() for name in block.said.split(",")]
        text = "".join(file.read_text() for file in files)
        assert [line for line, _ in block.commands if line not in text] == []
    else:
        assert block.kind == "real clouds", "no word above the block of where it runs"
        reason = block.said.partition("not run, because ")[2]
        assert len(reason.split()) > 3, "and the reason?"


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_fragment_says_what_it_is_a_part_of(block):
    assert block.kind in ("stack", "other yaml"), "no word above the block of what it is"
    assert block.said


def as_file(config):
    return yaml.safe_dump(
        {"config": {PREFIX + key: value for key, value in config.items()}}, sort_keys=False
    )


def refusal_shown(page_blocks: list[Block], block: Block) -> str:
    return page_blocks[page_blocks.index(block) + 1].text.strip()


@pytest.mark.parametrize(
    "page", sorted({b.page for b in YAML}), ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_fragment_is_taken_or_refused_as_the_page_says(page):
    config = documents.committed("dev")
    found = documents.blocks(page)
    for block in (b for b in found if b.kind == "stack"):
        changed = documents.changed(block, config)
        if block.refused:
            with pytest.raises(settings.SettingsError) as refused:
                settings.parse(changed)
            assert documents.shown(refusal_shown(found, block), str(refused.value)), str(block)
        else:
            settings.parse(changed)
            config = changed


@pytest.mark.parametrize("page", TYPED, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_that_need_no_cloud_do_what_the_page_shows(page, tmp_path):
    clone = tmp_path / "clone"
    mirror(ROOT, clone)
    config = documents.committed("dev")
    for block in documents.blocks(page):
        if block.kind == "stack":
            config = documents.changed(block, config)
            (clone / "Pulumi.dev.yaml").write_text(as_file(config))
        if block.kind == "runs" and block.where == "stack file":
            for command, output in block.commands:
                type_it(block, command, output, clone)


def type_it(block, command, output, folder):
    done = documents.in_a_shell(command, folder, os.environ | {"PYTHONPATH": ""})
    assert done.returncode == block.exit_code, f"{block}: {command}: {done.stdout}"
    if output:
        assert documents.shown(output, done.stdout), f"{block}: {command}:\n{done.stdout}"
