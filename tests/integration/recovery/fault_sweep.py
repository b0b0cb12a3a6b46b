"""Each fault of a cloud in the first `up`: does it end, and with what.

    python -m tests.integration.recovery.fault_sweep RESULTS [--only TEXT]

RESULTS is a file of JSON lines; faults that it holds are not played again. At the end
docs/reference/fault-sweep.md is written from it.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.faults import Fault
from tests.integration.recovery.bench import COMMANDS, Bench, bench_in
from tests.integration.recovery.sweep import Undisturbed, difference, everything, undisturbed

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "fault-sweep.md"
OKTA: dict[str, Fault] = {
    "429 five times": Fault(effect="error", status=429, times=5),
    "429 once, without headers": Fault(effect="error", status=429, bare=True),
    "429 without headers on POST groups, 3 times": Fault(
        effect="error", operation="POST /api/v1/groups", status=429, bare=True, times=3
    ),
    "429 with a reset in the past": Fault(effect="error", status=429, reset_in=-30, times=2),
    "429 forty times": Fault(effect="error", status=429, times=40),
    "429 with Retry-After alone": Fault(
        effect="error", status=429, bare=True, retry_after=1, times=2
    ),
    "500 on POST apps": Fault(effect="error", operation="POST /api/v1/apps"),
    "500 on PUT of a member": Fault(effect="error", operation="PUT /api/v1/groups/*/users/*"),
    "502 twice": Fault(effect="error", status=502, times=2, skip=3),
    "503 three times": Fault(effect="error", status=503, times=3, skip=3),
    "401 on POST apps": Fault(effect="error", operation="POST /api/v1/apps", status=401),
    "403 on POST apps": Fault(effect="error", operation="POST /api/v1/apps", status=403),
    "500 on GET of the new app": Fault(effect="error", operation="GET /api/v1/apps/*"),
    "500 on GET of the metadata": Fault(
        effect="error", operation="GET /api/v1/apps/*/sso/saml/metadata"
    ),
    "a twentieth of the limits": Fault(effect="rate-limit", scale=0.05, times=None),
    "each answer 3 s late": Fault(effect="delay", seconds=3, times=None),
    "a new group unseen by 2 reads": Fault(effect="lag", operation="POST /api/v1/groups", reads=2),
    "a new group unseen by 8 reads": Fault(effect="lag", operation="POST /api/v1/groups", reads=8),
    "a new app unseen by 4 reads": Fault(effect="lag", operation="POST /api/v1/apps", reads=4),
    "a membership unseen by 4 reads": Fault(
        effect="lag", operation="PUT /api/v1/groups/*/users/*", reads=4
    ),
    "3 connections cut": Fault(effect="disconnect", times=3, skip=3),
    "answer to POST apps lost": Fault(
        effect="disconnect", operation="POST /api/v1/apps", after=True
    ),
    "answer to POST groups lost": Fault(
        effect="disconnect", operation="POST /api/v1/groups", after=True
    ),
    "answer to PUT of a member lost": Fault(
        effect="disconnect", operation="PUT /api/v1/groups/*/users/*", after=True
    ),
    "an answer that hangs for 75 s": Fault(effect="hang", seconds=75, skip=4),
    "an HTML page with status 200": Fault(effect="body", skip=4),
    "half a JSON document on POST apps": Fault(
        effect="body", operation="POST /api/v1/apps", body='{"id": "0oa', after=True
    ),
    "no answer at all": Fault(effect="error", status=503, times=None, skip=4),
}
AWS: dict[str, Fault] = {
    "Throttling twice on CreateRole": Fault(
        effect="error", operation="iam:CreateRole", status=400, code="Throttling", times=2
    ),
    "Throttling thirty times": Fault(effect="error", status=400, code="Throttling", times=30),
    "503 four times": Fault(effect="error", status=503, code="ServiceUnavailable", times=4),
    "500 on CreateUser": Fault(effect="error", operation="iam:CreateUser", code="ServiceFailure"),
    "answer to CreateRole lost": Fault(effect="disconnect", operation="iam:CreateRole", after=True),
    "answer to CreateAccessKey lost": Fault(
        effect="disconnect", operation="iam:CreateAccessKey", after=True
    ),
    "answer to CreateSAMLProvider lost": Fault(
        effect="disconnect", operation="iam:CreateSAMLProvider", after=True
    ),
    "answer to CreatePolicy lost": Fault(
        effect="disconnect", operation="iam:CreatePolicy", after=True
    ),
    "500 after CreateAccessKey": Fault(
        effect="error", operation="iam:CreateAccessKey", code="ServiceFailure", after=True
    ),
    "3 connections cut": Fault(effect="disconnect", times=3, skip=2),
    "each answer 4 s late": Fault(effect="delay", seconds=4, times=None),
    "credentials that expire": Fault(effect="expired-credentials", skip=11),
    "AccessDenied on CreateRole": Fault(
        effect="error", operation="iam:CreateRole", status=403, code="AccessDenied"
    ),
    "a new role unseen by 2 reads": Fault(effect="lag", operation="iam:CreateRole", reads=2),
    "a new user unseen by 4 reads": Fault(effect="lag", operation="iam:CreateUser", reads=4),
    "a new provider unseen by 2 reads": Fault(
        effect="lag", operation="iam:CreateSAMLProvider", reads=2
    ),
    "an attachment unseen by 2 reads": Fault(
        effect="lag", operation="iam:AttachRolePolicy", reads=2
    ),
    "a clock 20 minutes ahead": Fault(effect="clock-skew", seconds=1200, times=None),
    "a clock 20 minutes behind": Fault(effect="clock-skew", seconds=-1200, times=None),
}
FAULTS = [(cloud, name) for cloud, faults in (("okta", OKTA), ("aws", AWS)) for name in faults]


RECOVERIES = 3
"""How often `recover` and `up` are tried: what a cloud does not show yet, `recover` can't see."""


@dataclass(frozen=True)
class Result:
    """What became of a first `up` with one fault in it."""

    first: str
    """Empty if it ended by itself, else its error."""
    second: str = ""
    """The same of the next `up`, without the fault, if the first one failed."""
    steps: int = 0
    """How many steps `recover --yes` did before the last `up`."""
    trouble: str = ""
    """Empty if the end is that of an undisturbed run."""


def played(cloud: str, name: str, wanted: Undisturbed, folder: Path) -> Result:
    """Both phases with the fault in the first; `recover` and `up` once more where `up` failed."""
    fault = replace((OKTA if cloud == "okta" else AWS)[name])  # the queue numbers and counts it
    with bench_in(folder) as bench:
        bench.faults[cloud].add(fault)
        first = _error_of_up(bench)
        bench.faults[cloud].clear()
        second = _error_of_up(bench) if first else ""
        steps, error = 0, "recover has not run"
        for _ in range(RECOVERIES):
            done = bench.recover("--yes")
            steps += done.stdout.count("\n$ ")
            if done.returncode:
                return Result(first, second, steps, f"recover: {done.stdout}{done.stderr}")
            if not (error := _error_of_up(bench)):
                break
        if error:
            return Result(first, second, steps, error)
        trouble = difference(everything(bench), wanted.after["first up"])
        return Result(first, second, steps, trouble or _second_phase(bench, wanted))


def _second_phase(bench: Bench, wanted: Undisturbed) -> str:
    bench.do_the_provisioning_tab()
    if error := _error_of_up(bench):
        return error
    if trouble := difference(everything(bench), wanted.after["second up"]):
        return trouble
    caller = bench.signs_in()
    return "" if caller.endswith("OktaDeveloper/ada@example.com") else f"signed in as {caller}"


def _error_of_up(bench: Bench) -> str:
    try:
        bench.stack.run(*COMMANDS["first up"], "--stack", bench.stack.name)
    except SandboxError as error:
        return str(error).partition(" failed: ")[2]
    return ""


def write_page(results: Path) -> None:
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    rows.sort(key=lambda row: FAULTS.index((row["cloud"], row["name"])))
    right = sum(not row["trouble"] for row in rows)
    PAGE.write_text("\n".join([HEAD.format(right=right, all=len(rows)), *_lines(rows), ""]))


HEAD = """\
# The first `up` with a fault in it

Written by `python -m tests.integration.recovery.fault_sweep`; change it there. The fault is queued
before the first `pulumi up` and cleared after it. If that fails, `up` runs once more; then come
`python -m access recover --yes` and `up`, the provisioning tab, the second phase and a login.
The end is right if state, IAM and Okta are those of an undisturbed run.

Right in the end: {right} of {all} faults. Nothing here was run on the real clouds.

| cloud | fault | the first `up` | the next `up` | steps of `recover` | in the end |
|---|---|---|---|---|---|"""


def _lines(rows: list[dict[str, str]]) -> Iterator[str]:
    for row in rows:
        ends = [
            _cell(row["first"]) or "ends",
            (_cell(row["second"]) or "ends") * bool(row["first"]),
        ]
        cells = [
            row["cloud"],
            row["name"],
            *ends,
            str(row["steps"]),
            _cell(row["trouble"]) or "right",
        ]
        yield f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:160]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("--only", default="", help="faults whose name has this text")
    options = parser.parse_args()
    options.results.touch()
    lines = [json.loads(line) for line in options.results.read_text().splitlines()]
    known = {(line["cloud"], line["name"]) for line in lines}
    with tempfile.TemporaryDirectory() as folder:
        wanted = undisturbed(Path(folder))
    todo = [each for each in FAULTS if each not in known and options.only in each[1]]
    for number, (cloud, name) in enumerate(todo, 1):
        with tempfile.TemporaryDirectory() as folder:
            result = played(cloud, name, wanted, Path(folder))
        with options.results.open("a") as file:
            file.write(json.dumps({"cloud": cloud, "name": name, **vars(result)}) + "\n")
        print(f"{number}/{len(todo)} {cloud}: {name}: {result}", flush=True)
    write_page(options.results)


if __name__ == "__main__":
    main()
