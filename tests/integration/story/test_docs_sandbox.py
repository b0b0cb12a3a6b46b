"""The documents' commands for a sandbox, typed as they stand there, page by page in one sandbox.

Each page goes on where the one before left the stack; the README starts the sandbox.
"""

import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

import pytest
import yaml

from sandbox.workspace import ROOT
from tests import documents
from tests.documents import PREFIX

PAGES = [
    "README.md",
    "docs/reference/verify.md",
    "docs/reference/faults.md",
    "docs/how-to/add-a-role.md",
    "docs/how-to/troubleshooting.md",
    "docs/how-to/rotate-the-key.md",
    "docs/how-to/move-to-group-mapping.md",
]


class Newcomer:
    """What somebody new has, but for the downloads: the tree as it is, and the environment."""

    def __init__(self, clone: Path) -> None:
        self.clone = clone
        ignored = shutil.ignore_patterns(".git", ".venv", ".sandbox", ".*_cache", "__pycache__")
        shutil.copytree(ROOT, clone, ignore=ignored, symlinks=True)
        (clone / ".venv").symlink_to((ROOT / ".venv").resolve())
        for file in (
            *clone.glob("requirements*.txt"),
            *clone.glob("requirements/*.txt"),
        ):
            os.utime(file, (0, 0))  # the environment is up to date: no download in this test

    @property
    def stack_file(self) -> Path:
        return self.clone / ".sandbox" / "live" / "project" / "Pulumi.dev.yaml"

    @cached_property
    def environment(self) -> str:
        """What the README's `eval` puts into the shell, once the sandbox runs."""
        return self.shell(".venv/bin/python -m sandbox env").stdout

    def read(self, page: str) -> None:
        """Do what the page says, from its top to its end."""
        for block in documents.blocks(ROOT / page):
            if block.goes_on:
                self.paste(block)
            if block.kind == "runs" and block.where == "sandbox":
                self.type(block)

    def paste(self, block: documents.Block) -> None:
        file = yaml.safe_load(self.stack_file.read_text())
        now = {key.removeprefix(PREFIX): value for key, value in file["config"].items()}
        changed = documents.changed(block, now)
        file["config"] = {PREFIX + key: value for key, value in changed.items()}
        self.stack_file.write_text(yaml.safe_dump(file, sort_keys=False))

    def type(self, block: documents.Block) -> None:
        typed = documents.script(block)
        if "make sandbox" not in typed:
            typed = self.environment + typed
        documents.hold(block, self.shell(typed))

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        unwanted = ("PULUMI_", "AWS_", "OKTA_", "VIRTUAL_ENV", "MAKE")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
        # A person is asked "Do you want to perform this update?", and says yes.
        said_yes = {"PULUMI_SKIP_CONFIRMATIONS": "true"}
        return documents.in_a_shell(script, self.clone, kept | said_yes)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    newcomer = Newcomer(tmp_path_factory.mktemp("newcomer") / "clone")
    yield newcomer
    # The README's last command.
    assert "stopped 2 processes" in newcomer.shell("make down").stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_for_a_sandbox_do_what_the_page_shows(newcomer, page):
    newcomer.read(page)


def test_no_page_with_such_commands_is_forgotten():
    pages = {str(page.relative_to(ROOT)) for page in documents.running("sandbox")}

    assert pages == set(PAGES)


def test_a_sandbox_changes_no_stack_file_of_the_clone(newcomer):
    committed = (ROOT / "Pulumi.dev.yaml").read_text()

    assert (newcomer.clone / "Pulumi.dev.yaml").read_text() == committed
