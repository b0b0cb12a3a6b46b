"""The stack file of an adoption: accepted as it stands, with what it leaves out as comments."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from access.adoption.remark import Remark
from settings import Settings, SettingsError
from settings.errors import ConfigError
from settings.load import read_text
from settings.new_stack import PREFIX, SCHEMA, text
from settings.stack_file import looks_like

REMOVABLE = {
    "app": {"": 2},
    "tags": {"": 2},
    "groups": {"": 2, "members": 4, "description": 3, "priority": 3},
    "roles": {
        "": 2,
        "description": 3,
        "tags": 4,
        "managedPolicies": 4,
        "customerPolicies": 4,
        "inlinePolicies": 4,
        "trust.statements": 5,
    },
}
"""Section -> part of one of its members -> how many steps of a refused key lead to what is left out
as a whole; "" is every other part. A statement without its condition, a role without its boundary
or without a statement that denies would allow more than there is: the statement or the role is left
out, and with a role the groups that open it."""
MOST_REFUSALS, LONGEST_VALUE = 500, 200
WIDTH = 110


def accepted(sections: dict[str, Any], name: str) -> tuple[Settings, list[Remark]]:
    """The settings, once what no stack file may say has been taken out of the sections.

    Raises SettingsError if there is something that can't be left out.
    """
    remarks: list[Remark] = []
    for _ in range(MOST_REFUSALS):
        try:
            return read_text(body(sections), name), remarks
        except SettingsError as error:
            if not error.errors:
                raise
            # One at a time, from the end: indices before it stay right.
            refused = error.errors[-1]
            steps = steps_to(sections, refused.key)
            if not steps:
                raise
            *around, last = steps
            removed = reduce(getitem, around, sections).pop(last)
            remarks.append(_remark(steps, removed, refused))
    raise SettingsError(f"{name}: too much of the federation can't be written")


def steps_to(sections: Mapping[str, Any], key: str) -> list[Any]:
    """The steps to what is taken out for a refused key; none, if a file can't go without it."""
    here: Any = sections
    steps: list[Any] = []
    rest = key
    while rest and (found := _part(here, rest)) is not None:
        steps.append(found)
        here = here[found]
        rest = rest.removeprefix(str(found)).removeprefix(".")
    depths = REMOVABLE.get(steps[0] if steps else "", {})
    inner = ".".join(map(str, steps[2:]))
    parts = [part for part in depths if part and f"{inner}.".startswith(f"{part}.")]
    depth = depths.get(max(parts, default=""), 0)
    if (inner.startswith("trust.statements.") and _denies(sections, steps)) or len(steps) < depth:
        return steps[:2] if len(steps) > 1 else []
    return steps[:depth]


def _denies(sections: Mapping[str, Any], steps: Sequence[Any]) -> bool:
    """Whether a key is of a statement of a trust policy that refuses somebody."""
    trust = sections["roles"][steps[1]]["trust"]
    return len(steps) > 4 and trust["statements"][steps[4]].get("Effect") == "Deny"


def _part(here: Any, key: str) -> Any:
    """The longest key, or the index, that a path begins with: names may have dots in them."""
    if isinstance(here, list):
        index = key.partition(".")[0]
        return int(index) if index.isdigit() and int(index) < len(here) else None
    names = [n for n in here if f"{key}.".startswith(f"{n}.")] if isinstance(here, dict) else []
    return max(names, key=len, default=None)


def _remark(steps: Sequence[Any], removed: Any, refused: ConfigError) -> Remark:
    key, value = ".".join(map(str, steps)), json.dumps(removed)
    shown = "" if looks_like(value) else f": {value[:LONGEST_VALUE]}"
    return Remark(key, f"can't be written{shown}", f"{refused.key} {refused.rule}")


def body(sections: Mapping[str, Any]) -> str:
    """The file without its comments."""
    return text({PREFIX + key: value for key, value in sections.items()})


def with_comments(
    sections: Mapping[str, Any], source: str, changes: Sequence[Remark], left_out: Sequence[Remark]
) -> str:
    """The file's text: `source` says what it was read from."""
    lines = [f"Read from {source} by `python -m access discover`."]
    for title, remarks in (
        ("The first update changes:", changes),
        ("Not in this file, and left as it is:", left_out),
    ):
        lines += ["", title if remarks else f"{title.removesuffix(':')}: nothing."]
        lines += [f"- {each}" for each in remarks]
    comments = "\n".join(_comment(lines))
    return body(sections).replace(f"{SCHEMA}\n", f"{SCHEMA}\n{comments}\n", 1)


def _comment(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        printable = "".join(each if each.isprintable() else " " for each in line)
        yield from textwrap.wrap(
            printable,
            WIDTH,
            initial_indent="# ",
            subsequent_indent="#   ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or ["#"]


def refuse_existing(path: Path) -> None:
    """Raises SettingsError for a file that is there, and for a name that no stack file has."""
    name = path.name
    if not (name.startswith("Pulumi.") and name.endswith(".yaml") and name.count(".") >= 2):
        raise SettingsError(f"{path}: is no name of a stack file; write Pulumi.NAME.yaml")
    if path.exists():
        raise SettingsError(f"{path}: is there already; choose another name, or delete it first")
