"""The real engine and `python -m access check` read and refuse the same stack files."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import settings
from sandbox import bootstrap
from sandbox.clouds import Clouds
from sandbox.errors import SandboxError
from sandbox.stack import Stack
from sandbox.workspace import Workspace
from settings.load import decode_top_level, decode_value
from settings.stack_file import PREFIX, stack_file
from tests.integration.story.test_unreachable import ACCOUNT, Doorbell
from tests.unit.settings.bad_files import GOOD_FILES, KINDS, YAML

NAME = "files"
ROOT = Path(__file__).parents[3]
LAST_OF_EACH_KIND = {kind.split(":")[0]: kind for kind in KINDS if not kind.startswith("YAML")}
PREVIEWED = [
    *LAST_OF_EACH_KIND.values(),
    "YAML: a section without its prefix",
    "YAML: a day where a text is meant",
    "text: a long dash in a description",
    "case: a role's session tag beside the app's",
    "statement: a trust policy over the quota",
]
READ_BY_THE_ENGINE = {
    **GOOD_FILES,
    **{
        name: YAML[name][0]
        for name in ("a day where a text is meant", "yes", "no as a text", "a sexagesimal",
                     "on as a key", "true as a name", "an account id as a number", "nothing")
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def doorbell():
    """Listens where the clouds would be, and counts requests."""
    doorbell = Doorbell()
    yield doorbell
    doorbell.socket.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory, doorbell) -> Stack:
    workspace = Workspace(tmp_path_factory.mktemp("files") / "workspace")
    workspace.create()
    clouds = Clouds(
        aws_url=doorbell.url,
        accounts={ACCOUNT: {"accessKeyId": "AKIAEXAMPLE", "secretAccessKey": "none"}},
        okta_url=doorbell.url,
        okta_token="none",
        admin={},
        people={},
    )
    engine = bootstrap.engine(print, "emulated")
    variables = bootstrap.variables(workspace, engine, clouds, "passphrase", ACCOUNT)
    stack = bootstrap.stack(workspace, variables, NAME)
    stack.create()
    return stack


@cache
def salt_of(path: Path) -> str:
    """The salt that the engine wrote into the new stack's file; read before anything else is."""
    [salt] = re.findall(r"^encryptionsalt: (.*)$", path.read_text(), re.MULTILINE)
    return salt


def write(stack: Stack, text: str) -> Path:
    """The stack's file with this text, and with the stack's own salt at its end."""
    path = stack.project / f"Pulumi.{NAME}.yaml"
    salt = salt_of(path)
    body, end = text.removesuffix("...\n"), "...\n" if text.endswith("...\n") else ""
    if text.startswith("{"):
        body = json.dumps({**json.loads(text), "encryptionsalt": salt})
    else:
        body = re.sub(r"^encryptionsalt: .*\n", "", body, flags=re.MULTILINE).rstrip("\n")
        body += f"\nencryptionsalt: {salt}\n"
    path.write_text(body + end)
    return path


@pytest.mark.parametrize("name", READ_BY_THE_ENGINE)
def test_values_are_read_as_the_engine_reads_them(stack, name):
    text = READ_BY_THE_ENGINE[name]
    write(stack, text)

    printed = json.loads(stack.run("config", "--json", "--stack", NAME))

    engine = {
        key.removeprefix(PREFIX): decode_value(entry["value"])
        for key, entry in printed.items()
        if key.startswith(PREFIX)
    }
    ours = {key: decode_top_level(value) for key, value in stack_file(text, NAME).sections.items()}
    assert ours.items() <= engine.items()
    assert engine.keys() - ours.keys() <= {"mode", "protect", *settings.Settings.model_fields}


@pytest.mark.parametrize("kind", dict.fromkeys(PREVIEWED))
def test_a_preview_refuses_what_the_check_refuses_before_any_request(stack, doorbell, kind):
    path = write(stack, KINDS[kind][0])

    with pytest.raises(SandboxError) as preview:
        stack.run("preview", "--stack", NAME)
    check = subprocess.run(
        [sys.executable, "-m", "access", "check", path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 2
    [line] = check.stderr.splitlines()
    assert line.replace(f"{path}:", f"{path.name}:") in " ".join(str(preview.value).split())
    assert "Traceback" not in str(preview.value)
    assert doorbell.visitors == 0


def test_what_pulumi_writes_into_the_file_itself_is_read_like_before(stack):
    """`pulumi config set` writes the whole file anew: booleans in quotes, days as moments."""
    path = write(
        stack,
        GOOD_FILES["as it is"]
        + "  okta-aws-federation:protect: true\n  okta-aws-federation:today: 2026-12-31\n",
    )
    before = settings.read(path)

    stack.run("config", "set", "--stack", NAME, f"{PREFIX}protect", "true")

    assert 'protect: "true"' in path.read_text()
    assert settings.read(path) == before
