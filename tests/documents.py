"""What the documents promise: their commands and stack-file fragments, to be typed as they stand.

Every block that a reader could type or paste says in an HTML comment just above it how it is held:

    <!-- runs: stack file -->              needs no cloud; the exit code may be said: `, exit 1`
    <!-- runs: sandbox -->                 needs a running sandbox
    <!-- runs: tutorial -->                played in the tutorial's order, on both local clouds
    <!-- runs: engine -->                  typed on the real engine by a test of the page's own
    <!-- elsewhere: .ci/run -->            another file types it, the one named
    <!-- real clouds: not run, because there is no account to run it in -->
    <!-- clicks: provisioning tab -->      what follows is done by hand; the tutorial's test does it
    <!-- stack: dev + -->                  a fragment, laid over that stack file
    <!-- stack: dev without provisioning + -->
    <!-- stack: + -->                      laid over what the page has made of the stack file so far
    <!-- stack: whole -->                  a stack file, or one in short
    <!-- stack: dev +, refused -->         the next block is what the person reads instead
    <!-- other yaml: a workflow of GitHub -->
    <!-- compared: tests/unit/test_layers.py -->      any other language: a test that reads the page
    <!-- not run: it is the configuration of another program -->
    <!-- demo: an excerpt -->              what `make demo` prints; the demo's test compares it
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from settings.errors import PROJECT

ROOT = Path(__file__).parents[1]
PREFIX = f"{PROJECT}:"
MARK = "-- typed --"
ADDED = re.compile(r"(?:(?P<base>[\w-]+) )?(?:without (?P<without>\w+) )?\+")


@dataclass(frozen=True)
class Block:
    """A fenced block of a document, and what the comment above it says."""

    page: Path
    line: int
    language: str
    text: str
    kind: str = ""
    """What stands before the colon of the comment: runs, elsewhere, real clouds, stack."""
    said: str = ""
    """What stands behind it."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def where(self) -> str:
        return self.said.partition(",")[0]

    @property
    def goes_on(self) -> bool:
        """Whether a reader who follows the page has the fragment in the stack file from here on."""
        found = ADDED.fullmatch(self.where) if self.kind == "stack" else None
        return found is not None and found["base"] is None and not self.refused

    @property
    def refused(self) -> bool:
        return self.said.endswith(", refused")

    @property
    def exit_code(self) -> int:
        found = re.search(r", exit (\d+)$", self.said)
        return int(found[1]) if found else 0

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Each command, and what the block shows as its output."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [(command(part.partition("\n")[0]), part.partition("\n")[2]) for part in parts]


def command(line: str) -> str:
    """A line as it is typed; what is behind two blanks and a # is for the reader."""
    return re.sub(r"\s{2,}# .*", "", line).strip()


def documents() -> list[Path]:
    """Every document of the clone."""
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text())


def blocks(page: Path) -> list[Block]:
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    comment: tuple[str, str] = ("", "")
    for token in tokens(page):
        if token.type == "fence":
            line = (token.map or [0])[0] + 1
            yield Block(page, line, token.info.strip(), token.content, *comment)
        found = re.fullmatch(r"<!-- ([\w ]+): (.*?) -->", token.content.strip())
        comment = (found[1], found[2]) if found and token.type == "html_block" else ("", "")
        if comment[0] == "clicks":
            yield Block(page, (token.map or [0])[0] + 1, "", "", *comment)


def running(where: str) -> list[Path]:
    """The documents with commands that run there."""
    return [
        page
        for page in documents()
        if any(each.kind == "runs" and each.where == where for each in blocks(page))
    ]


def every_block(language: str) -> list[Block]:
    return [each for page in documents() for each in blocks(page) if each.language == language]


def fragment(block: Block) -> dict[str, Any]:
    """What the block says of the stack, key by key, without the project's name before each."""
    document = yaml.safe_load(block.text)
    config = document.get("config", document)
    return {key.removeprefix(PREFIX): value for key, value in config.items()}


def committed(name: str) -> dict[str, Any]:
    """The configuration of a stack file that comes with the program, or with an example."""
    [path] = [*ROOT.glob(f"Pulumi.{name}.yaml"), *ROOT.glob(f"examples/*/Pulumi.{name}.yaml")]
    config = yaml.safe_load(path.read_text())["config"]
    return {key.removeprefix(PREFIX): value for key, value in config.items()}


def changed(block: Block, now: dict[str, Any]) -> dict[str, Any]:
    """The configuration that a reader has after the block, who had `now` before it."""
    if block.where == "whole":
        return fragment(block)
    found = ADDED.fullmatch(block.where)
    assert found, f"{block}: {block.said!r} is no way to say what the block is laid over"
    below = committed(found["base"]) if found["base"] else now
    kept = {key: value for key, value in below.items() if key != found["without"]}
    merged: dict[str, Any] = laid_over(kept, fragment(block))
    return merged


def laid_over(base: Any, top: Any) -> Any:
    """Mappings key by key; anything else takes the place of what was there."""
    if not (isinstance(base, Mapping) and isinstance(top, Mapping)):
        return top
    return {**base, **{key: laid_over(base.get(key), value) for key, value in top.items()}}


def script(block: Block) -> str:
    """The block as a shell types it, with a mark behind what each command printed."""
    lines = [line for command, _ in block.commands for line in (command, f"echo '{MARK}'")]
    return "\n".join(["set -e", *lines])


def typed(block: Block, printed: str) -> Iterator[tuple[str, str, str]]:
    """Command, what the block shows, and what came, one after the other."""
    outputs = printed.split(f"{MARK}\n")
    for (command, expected), came in zip(block.commands, outputs, strict=False):
        yield command, expected, came


def in_a_shell(
    script: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Type a script; what it prints and complains of comes as one text, as on a screen."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def hold(block: Block, done: subprocess.CompletedProcess[str]) -> None:
    """Demand that the block's script ended and printed as the block shows."""
    assert done.returncode == block.exit_code, f"{block}: {done.stdout[-3000:]}"
    for command, expected, came in typed(block, done.stdout):
        if expected:
            assert shown(expected, came), f"{block}: {command}:\n{came}"


def shown(expected: str, came: str) -> bool:
    """Whether the output is as the block shows it; `...` stands for anything."""
    parts = [" ".join(part.split()) for part in expected.split("...")]
    pattern = ".*".join(map(re.escape, parts))
    return bool(re.fullmatch(pattern, " ".join(came.split())))
