"""What runs without a cloud: the program under mocks, the access model, the start of commands."""

import json
import os
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


def used(*command: str) -> tuple[float, float, str]:
    """CPU seconds, peak MiB and output of a Python module. Raises SystemExit if it failed."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            raise SystemExit(f"python -m {' '.join(command)}:\n{errors.read()[-3000:]}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read()


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
