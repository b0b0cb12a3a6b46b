"""`make bench`: what checking a stack file costs at growing sizes, written to docs/bench/.

Measured is what runs without a cloud: the access model (`access check`) and the start of each
command, in CPU seconds and peak memory of the process; the requests to Okta are those of the
request budget, which a test compares with the emulated org's count. `--sizes` sets the sizes.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import settings
from access import request_budget
from access.estate.stacks import AWS_PROVIDER_MB

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "bench" / "check.json"
PAGE = ROOT / "docs" / "bench" / "check.md"
SIZES = (10, 30, 100)
ACCOUNTS = (3, 10, 30, 100)
PEOPLE_PER_ROLE = 5
COMMANDS = (
    ("access", "--help"),
    ("access.estate", "--help"),
    ("settings", "--help"),
    ("sandbox", "--help"),
)


def company(roles: int) -> dict[str, Any]:
    """A stack file of one account: each role with a group, and each group with people."""
    return {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "provisioning": {"integration": "done"},
        "roles": {f"Role{n}": {"managedPolicies": ["ReadOnlyAccess"]} for n in range(roles)},
        "groups": {
            f"Group {n}": {
                "roles": [f"Role{n}"],
                "members": [f"p{n}.{each}@example.com" for each in range(PEOPLE_PER_ROLE)],
            }
            for n in range(roles)
        },
    }


def estate(accounts: int) -> dict[str, Any]:
    """A stack file of many accounts: 20 roles in each, 500 people with one of them everywhere."""
    return {
        "mode": "group-mapping",
        "accounts": {
            f"a{n}": {"id": str(100_000_000_000 + n), "region": "us-east-1"}
            for n in range(accounts)
        },
        "roles": {f"Role{n}": {} for n in range(20)},
        "groups": {
            f"Team {n}": {
                "roles": [f"Role{n}"],
                "members": [f"p{each}@example.com" for each in range(n, 500, 20)],
            }
            for n in range(20)
        },
    }


def measured_estate(accounts: int) -> dict[str, Any]:
    """Requests of an estate's Okta half, and the memory of AWS providers: one stack, and two of the
    accounts' stacks at once."""
    stack = settings.parse(estate(accounts))
    budgets = request_budget.budgets(settings.Part(stack, accounts=()))
    return {
        "accounts": accounts,
        "groups": len(stack.groups) + len(stack.role_groups),
        "memberships": sum(map(len, stack.memberships.values())),
        "requests": {each.run: each.total for each in budgets},
        "minutes": {each.run: round(each.minutes, 1) for each in budgets},
        "oneStackMb": [accounts * each for each in AWS_PROVIDER_MB],
        "twoAtOnceMb": [2 * each for each in AWS_PROVIDER_MB],
    }


def cost(*command: str) -> tuple[float, float]:
    """CPU seconds and peak MiB of a Python module that is run with arguments."""
    script = (
        "import resource, subprocess, sys; "
        "done = subprocess.run(sys.argv[1:], capture_output=True); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    line = subprocess.run(
        [sys.executable, "-c", script, sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    code, cpu, peak = line.split()
    if code != "0":
        raise SystemExit(f"python -m {' '.join(command)}: exit code {code}")
    return float(cpu), int(peak) / 1024


def measure(sizes: Sequence[int]) -> dict[str, Any]:
    """Everything that the page shows."""
    rows = []
    for size in sizes:
        values = company(size)
        prefixed = {f"okta-aws-federation:{key}": value for key, value in values.items()}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "Pulumi.bench.yaml"
            file.write_text(json.dumps({"config": prefixed}))
            cpu, peak = cost("access", "check", str(file))
        budgets = request_budget.budgets(settings.Part.whole(settings.parse(values)))
        rows.append(
            {
                "roles": size,
                "people": size * PEOPLE_PER_ROLE,
                "checkCpuSeconds": round(cpu, 2),
                "checkPeakMiB": round(peak),
                "requests": {each.run: each.total for each in budgets},
                "minutes": {each.run: round(each.minutes, 1) for each in budgets},
            }
        )
    python = f"Python {platform.python_version()}"
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {python}",
        "load": round(os.getloadavg()[0], 1),
        "rows": rows,
        "estates": [measured_estate(accounts) for accounts in ACCOUNTS],
        "startCpuSeconds": {" ".join(each): round(cost(*each)[0], 2) for each in COMMANDS},
    }


def exponent(rows: Sequence[dict[str, Any]], key: str) -> float:
    """How a cost grows between the first and the last size, less the start: 1 is linear."""
    first, middle, last = rows[0], rows[len(rows) // 2], rows[-1]
    low, high = middle[key] - first[key], last[key] - first[key]
    if low <= 0 or high <= 0 or middle is last:
        return math.nan
    sizes = (last["roles"] - first["roles"]) / (middle["roles"] - first["roles"])
    return math.log(high / low) / math.log(sizes)


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    rows = results["rows"]
    lines = [
        "# What a stack file costs at growing sizes",
        "",
        f"Written by `make bench`: {results['machine']}, load {results['load']}. One account, a",
        f"group for each role, {PEOPLE_PER_ROLE} people in each group. The requests are computed,",
        "as `access check --requests` prints them; a test compares them with the emulated Okta.",
        "",
        "| roles | people | check: CPU s | check: MiB | first preview | first up | unchanged | "
        "refresh |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        counts = " | ".join(
            f"{row['requests'][run]:,} ({row['minutes'][run]} min)" for run in request_budget.RUNS
        )
        lines.append(
            f"| {row['roles']} | {row['people']} | {row['checkCpuSeconds']} | "
            f"{row['checkPeakMiB']} | {counts} |"
        )
    growth = exponent(rows, "checkCpuSeconds")
    lines += [
        "",
        f"Exponent of the check's CPU beyond its start: {growth:.1f} (1 is linear).",
        "",
        "| command | start: CPU s |",
        "|---|---|",
        *(f"| `python -m {name}` | {cpu} |" for name, cpu in results["startCpuSeconds"].items()),
    ]
    lines += [
        "",
        "Accounts with 20 roles each, 500 people who have one of the roles in every account:",
        "",
        "| accounts | Okta groups | memberships | first up | unchanged | refresh | "
        "AWS providers, one stack | two stacks at once |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in results["estates"]:
        counts = " | ".join(
            f"{each['requests'][run]:,} ({each['minutes'][run]} min)"
            for run in request_budget.RUNS[1:]
        )
        one, two = (" to ".join(map(str, each[key])) for key in ("oneStackMb", "twoAtOnceMb"))
        lines.append(
            f"| {each['accounts']} | {each['groups']:,} | {each['memberships']:,} | {counts} | "
            f"{one} MB | {two} MB |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="roles")
    parser.add_argument("--print", action="store_true", help="print the page, write nothing")
    arguments = parser.parse_args()
    results = measure(arguments.sizes)
    if arguments.print:
        print(page(results), end="")
        return
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    PAGE.write_text(page(results))
    print(f"{PAGE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
