"""docs/reference/crash-sweep.md, written from the results of a sweep, and read to resume it."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "crash-sweep.md"
HEAD = """\
# Killed at each call: the crash sweep

Written by `make sweep`; change it there. Each life has a fresh pair of emulated clouds, a fresh
stack, and at most one interruption in each phase: two runs of `up` before and after the
Provisioning tab, a `refresh`, an `up` with a changed stack file, and `destroy`; or, in the first
`up`'s place, one whose process tree was killed after `POST /apps`, and the `recover` after it. At
the point, the engine (`recover` itself), its whole process tree, the program or one plugin is
killed (SIGKILL), or the engine is interrupted once or twice (SIGINT) or terminated (SIGTERM), and
the answer to the call is lost: *before* the cloud has carried the call out, or *after*. Then come
`python -m access recover --yes`, whose last look must find nothing to do, and the interrupted
command. A point is right if state, IAM and Okta are then those of an undisturbed run, key for key
except identifiers, dates and key material, and Ada signs in and enters her role; after `destroy`,
if both clouds hold what they held before.

Nothing here was run on the real clouds: the plugins are the sandbox's.
"""


PHASES = ("first up", "recover", "second up", "refresh", "changed up", "destroy")


def write_table(results: Path, total: int) -> None:
    """Write the page. `total`: how many points there are."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    rows.sort(key=lambda row: (PHASES.index(row["phase"]), row["victim"], row["call"], row["when"]))
    share = f"Run so far: {len(rows)} of {total} points; the order makes each beginning a spread.\n"
    PAGE.write_text("\n".join([HEAD, share, *_summary(rows), "", *_details(rows), ""]))


ROW = re.compile(
    r"\| (?P<phase>[\w ]+) \| (?P<victim>[\w ]+) \| (?P<when>before|after) "
    r"\| `(?P<call>.+)`(?: \((?P<nth>\d+)\))? \| (?P<steps>\d+) \| right \|"
)


def right_in(page: str) -> list[dict[str, Any]]:
    """The results of the page that are right: those that are not run again."""
    return [
        {**match.groupdict(), "nth": int(match["nth"] or 1), "steps": int(match["steps"])}
        | {"trouble": ""}
        for match in map(ROW.fullmatch, page.splitlines())
        if match
    ]


def _summary(rows: list[dict[str, Any]]) -> list[str]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["phase"], row["victim"]].append(row)
    lines = ["| phase | interrupted | points | right |", "|---|---|---|---|"]
    lines += [
        f"| {phase} | {victim} | {len(group)} | {sum(not row['trouble'] for row in group)} |"
        for (phase, victim), group in groups.items()
    ]
    right = sum(not row["trouble"] for row in rows)
    return [*lines, f"| all | | {len(rows)} | {right} |"]


def _details(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| phase | interrupted | when | call | steps of `recover` | in the end |"]
    lines.append("|---|---|---|---|---|---|")
    for row in rows:
        call = f"`{row['call']}`" + (f" ({row['nth']})" if row["nth"] > 1 else "")
        end = "right" if not row["trouble"] else _cell(row["trouble"])
        cells = [row["phase"], row["victim"], row["when"], call, str(row["steps"]), end]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:200]
