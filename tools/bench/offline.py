"""What runs without a cloud: the program under mocks, the access model, the start of commands."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tools.bench.companies import company

ROOT = Path(__file__).parents[2]
COMMANDS = ("access", "access.estate", "settings", "sandbox")

Report = Callable[[str], None]


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
print(done.stdout)
"""
"""A process's peak memory begins with that of its parent, so the parent is a small one."""


def used(*command: str) -> tuple[float, float, str]:
    """CPU seconds, peak MiB and output of a Python module. Raises SystemExit if it failed."""
    arguments = [sys.executable, "-m", *command]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    first, _, printed = done.stdout.partition("\n")
    code, cpu, peak = first.split()
    if code != "0":
        raise SystemExit(f"python -m {' '.join(command)}: exit code {code}\n{done.stderr[-3000:]}")
    return float(cpu), float(peak), printed


def program(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """The program alone at each number of roles and groups, and the SDK alone."""
    rows = []
    for roles in (1, *sizes):
        row: dict[str, Any] = {"roles": roles}
        for which in ("program", "bare"):
            report(f"{which} under mocks: {roles} roles")
            cpu, peak, printed = used("tools.bench.mocks", which, str(roles))
            row |= {f"{which}CpuSeconds": round(cpu, 2), f"{which}PeakMiB": round(peak)}
            row[f"{which}Resources"] = int(printed)
        rows.append(row)
    return rows


def access_model(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """`access check` at each number of roles, with ten people for each."""
    rows = []
    for roles in sizes:
        report(f"access check: {roles} roles")
        sections = company(roles, roles * 10)
        config = {f"okta-aws-federation:{key}": value for key, value in sections.items()}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "Pulumi.bench.yaml"
            file.write_text(json.dumps({"config": config}))
            cpu, peak, _ = used("access", "check", str(file))
        rows.append(
            {
                "roles": roles,
                "people": roles * 10,
                "cpuSeconds": round(cpu, 2),
                "peakMiB": round(peak),
            }
        )
    return rows


def starts(report: Report) -> dict[str, float]:
    """CPU seconds of each command's `--help`."""
    report("start of the commands")
    return {name: round(used(name, "--help")[0], 2) for name in COMMANDS}
