"""Every command and fragment of the documents is held to something, and those that need no cloud
are typed as they stand."""

import json
import os
import re
from datetime import datetime
from itertools import pairwise

import pytest
import yaml

import settings
from access.model import AccessModel
from access.offboarding import offboarding
from sandbox.workspace import mirror
from settings.documents import TrustStatement
from settings.load import read_text
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


OTHERS = [
    (block, before)
    for page in documents.documents()
    for before, block in pairwise([None, *documents.blocks(page)])
    if block.language not in ("console", "yaml", "python", "mermaid") and block.kind != "clicks"
]
"""Mermaid is drawn by whoever shows the page; nothing here can."""


@pytest.mark.parametrize(("block", "before"), OTHERS, ids=str)
def test_every_other_block_is_compared_by_a_test_or_says_why_not(block, before):
    if before is not None and before.refused:
        return  # the refusal, which the test below reads
    if block.kind == "compared":
        assert block.page.name in (ROOT / block.said).read_text()
    elif block.kind != "demo":
        assert block.kind == "not run", "no word above the block of what compares it"
        assert len(block.said.split()) > 3, "and the reason?"


def the_block(page, language):
    [block] = [b for b in documents.blocks(ROOT / page) if b.language == language and not b.refused]
    return block.text


def test_the_trust_policy_of_the_pipeline_lets_in_one_repository_and_environment():
    document = json.loads(the_block("docs/how-to/run-in-a-pipeline.md", "json"))
    [statement] = document["Statement"]

    TrustStatement.model_validate(statement)
    subjects = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subjects == "repo:OWNER/REPOSITORY:environment:prod"


def test_the_policy_that_ends_sessions_is_the_one_that_offboard_prints():
    shown = json.loads(the_block("docs/how-to/take-access-away.md", "json"))
    [before] = [s["Condition"]["DateLessThan"]["aws:TokenIssueTime"] for s in shown["Statement"]]
    model = AccessModel(settings.parse(documents.committed("dev")))

    [reached] = offboarding(model, "ada@example.com", datetime.fromisoformat(before)).roles

    assert reached.revocation == shown


def test_the_exception_of_a_policy_is_one_that_the_pack_takes():
    exception = json.loads(the_block("policies/README.md", "json"))
    examples = json.loads((ROOT / "policies/example.json").read_text())

    assert exception in examples["no-service-wildcard"]["exceptions"]


def test_a_refusal_is_shown_as_it_is_printed():
    shown = the_block("docs/reference/stack-file-yaml.md", "text").strip()
    text = as_file(documents.committed("dev") | {"app": {"sessionHours": 13}})

    with pytest.raises(settings.SettingsError) as refused:
        read_text(text, "Pulumi.dev.yaml")

    assert re.sub(r":\d+:", ":N:", str(refused.value)) == re.sub(r":\d+:", ":N:", shown)


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
