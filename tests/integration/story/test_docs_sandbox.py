"""The documents' commands for a sandbox, typed as they stand there, page by page in one sandbox.

A stranger comes first, who has the README alone: clone, demo, quick tests, and a first stack with a
role and a person of their own. Then each page goes on where the one before left the stack.
"""

import json
import os
import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.clouds import Clouds
from sandbox.workspace import ROOT, Workspace
from tests import documents
from tests.documents import PREFIX
from tests.logins import NO_ROLE, Logins

README = "README.md"
PAGES = [
    "docs/reference/verify.md",
    "docs/reference/faults.md",
    "docs/how-to/add-a-role.md",
    "docs/how-to/troubleshooting.md",
    "docs/how-to/rotate-the-key.md",
    "docs/how-to/move-to-group-mapping.md",
]
FAILED_LOGINS = {"docs/how-to/rotate-the-key.md": 0, "docs/how-to/move-to-group-mapping.md": 0.05}
"""The largest share of logins that fails while somebody does what the page says. Of the mode's
change it is one login, which finds no role yet; more where the machine is slow."""


class Newcomer:
    """What somebody new has, but for the downloads: a clone, and the environment."""

    def __init__(self, clone: Path) -> None:
        self.clone = clone
        git("clone", "--quiet", ".", str(clone))
        for name in git("ls-files", "-m", "-o", "--exclude-standard").splitlines():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():  # what is to be committed
                shutil.copy2(ROOT / name, clone / name)
            else:
                (clone / name).unlink(missing_ok=True)
        (clone / ".venv").symlink_to((ROOT / ".venv").resolve())
        for file in (clone / "requirements").rglob("*.txt"):
            os.utime(file, (0, 0))  # the environment is up to date: no download in this test
        assert "pip install" not in self.shell("make --dry-run demo").stdout

    @property
    def stack_file(self) -> Path:
        return self.clone / ".sandbox" / "live" / "project" / "Pulumi.dev.yaml"

    @property
    def clouds(self) -> Clouds:
        return Workspace(self.clone / ".sandbox" / "live").clouds()

    @property
    def stack(self) -> "Newcomer":
        return self

    def outputs(self) -> dict[str, Any]:
        """Those of stack dev."""
        typed = f"{self.environment}\npulumi stack output --stack dev --json"
        return json.loads(self.shell(typed).stdout)

    @cached_property
    def environment(self) -> str:
        """What the README's `eval` puts into the shell, once the sandbox runs."""
        return self.shell(".venv/bin/python -m sandbox env").stdout

    def read(self, page: str, *, own: bool = False) -> None:
        """Do what the page says, from its top to its end; also what is for an own stack only."""
        for block in documents.blocks(ROOT / page):
            if block.goes_on or (own and block.where == "dev +"):
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


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    newcomer = Newcomer(tmp_path_factory.mktemp("newcomer") / "clone")
    yield newcomer
    # The README's last command.
    assert "stopped 2 processes" in newcomer.shell("make down").stdout


@pytest.fixture(scope="module")
def demo_and_tests():
    """The README's block with the demo and the tests: command -> what it shows."""
    [block] = [b for b in documents.blocks(ROOT / README) if b.kind == "elsewhere"]
    return dict(block.commands)


def test_a_stranger_plays_the_demo_to_its_end_and_it_leaves_nothing(newcomer, demo_and_tests):
    shown = demo_and_tests["make demo"]

    done = newcomer.shell("make demo")

    assert done.returncode == 0, done.stdout[-3000:]
    assert "caller is arn:aws:sts::123456789012:assumed-role/OktaDeveloper/ada@" in done.stdout
    assert "STS answered InvalidIdentityToken" in done.stdout
    plugins = r"provider plugins: emulated, pulumi-aws 7\.\d+\.\d+, pulumi-okta 7\.\d+\.\d+"
    assert re.search(plugins, done.stdout), "it says which plugins answered"
    assert "steps as expected" in done.stdout
    assert set(without_times(shown)) <= set(without_times(done.stdout))
    assert list((newcomer.clone / ".sandbox").glob("demo-*")) == []


def without_times(text):
    return [re.sub(r"\s+\d+\.\d s ", " ", line) for line in text.splitlines()]


def test_a_stranger_runs_the_quick_tests(newcomer, demo_and_tests):
    """`make test` not: this test is one of those that it runs; of the mocks' tests some, which all
    run in the clone that this test is in."""
    assert "make test-mocks" in demo_and_tests

    done = newcomer.shell("export PYTEST_ADDOPTS='-k test_program'\nmake test-mocks")

    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\b[1-9]\d passed\b", done.stdout)


def test_a_stranger_deploys_an_own_role_and_person_and_signs_in(newcomer):
    newcomer.read(README, own=True)

    done = newcomer.shell(newcomer.environment + ".venv/bin/python -m sandbox login me@example.com")

    assert done.returncode == 0, done.stdout
    assert "assumed-role/OktaReader/me@example.com\n" in done.stdout
    assert re.search(r"ec2:DescribeInstances +UnauthorizedOperation", done.stdout)
    assert re.search(r"s3:ListAllMyBuckets +allowed", done.stdout)


def test_the_stranger_goes_back_to_the_stack_that_the_pages_begin_with(newcomer):
    file = yaml.safe_load(newcomer.stack_file.read_text())
    committed = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    now = file["config"].pop(f"{PREFIX}provisioning")
    file["config"] = committed | {f"{PREFIX}provisioning": now}
    newcomer.stack_file.write_text(yaml.safe_dump(file, sort_keys=False))
    in_the_clone = newcomer.clone / "Pulumi.dev.yaml"
    before = in_the_clone.read_text()
    in_the_clone.write_text(before.replace("sessionHours: 1", "sessionHours: 2"))

    done = newcomer.shell(newcomer.environment + "pulumi up --stack dev")

    in_the_clone.write_text(before)
    assert done.returncode == 0, done.stdout
    assert f"warning: {in_the_clone.name} was changed in the clone" in done.stdout
    assert "$PATH" not in done.stdout, "the plugins are installed"
    login = newcomer.shell(
        newcomer.environment + ".venv/bin/python -m sandbox login me@example.com"
    )
    assert login.returncode != 0
    assert "nobody is me@example.com in the sandbox's Okta" in login.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_for_a_sandbox_do_what_the_page_shows(newcomer, page):
    if page not in FAILED_LOGINS:
        newcomer.read(page)
        return
    with Logins(newcomer, "ada@example.com") as logins:
        newcomer.read(page)
    assert len(logins.refused) <= FAILED_LOGINS[page] * logins.count, logins.refused
    assert set(logins.refused) <= {NO_ROLE}
    assert logins.count > 5


def test_no_page_with_such_commands_is_forgotten():
    pages = {str(page.relative_to(ROOT)) for page in documents.running("sandbox")}

    assert pages == {README, *PAGES}


def test_a_sandbox_changes_no_stack_file_of_the_clone(newcomer):
    committed = (ROOT / "Pulumi.dev.yaml").read_text()

    assert (newcomer.clone / "Pulumi.dev.yaml").read_text() == committed
