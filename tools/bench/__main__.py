"""Measure what a deployment costs, and write docs/bench: `python -m tools.bench`."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

from tools.bench import engine, offline, scale
from tools.bench.page import page

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "bench" / "results.json"
PAGE = ROOT / "docs" / "bench" / "README.md"
PARTS = ("verbs", "terraform", "program", "access", "estates", "starts")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"what to measure, of {', '.join(PARTS)}; all if none is named"
    )
    parser.add_argument(
        "--roles", type=int, nargs="+", default=[1, 10, 100], help="on the engine; 500 take hours"
    )
    parser.add_argument(
        "--people", type=int, default=10, help="for each role (default: %(default)s)"
    )
    parser.add_argument("--accounts", type=int, nargs="+", default=[3, 10, 30])
    parser.add_argument(
        "--offline-roles", type=int, nargs="+", default=[100, 200, 500], help="without a cloud"
    )
    parser.add_argument("--print", action="store_true", help="print the page, write nothing")
    result = parser.parse_args()
    unknown = sorted(set(result.parts) - set(PARTS))
    if unknown:
        parser.error(f"{unknown[0]} is no part: {', '.join(PARTS)}")
    return result


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("pulumi", "pulumi-aws", "pulumi-okta")
    )
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.0f}",
        "versions": f"Python {platform.python_version()}, {packages}{terraform_version()}",
    }


def terraform_version() -> str:
    """`, Terraform 1.11.4`, where one is installed."""
    if shutil.which("terraform") is None:
        return ""
    shown = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True)
    return f", Terraform {json.loads(shown.stdout)['terraform_version']}"


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    """The parts that are wanted."""

    def report(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    sizes = [(roles, roles * wanted.people) for roles in wanted.roles]
    measured: dict[str, Any] = {"machine": machine()}
    parts = wanted.parts or PARTS
    if "verbs" in parts:
        measured["verbs"] = engine.verbs(sizes, report)
    if "terraform" in parts and terraform_version():
        measured["terraform"] = engine.beside_terraform(wanted.roles, report)
    if "program" in parts:
        measured["program"] = offline.program(wanted.offline_roles, report)
    if "access" in parts:
        measured["accessModel"] = offline.access_model(wanted.offline_roles, report)
    if "estates" in parts:
        measured["estates"] = engine.estates(wanted.accounts, report)
    if "starts" in parts:
        measured["starts"] = offline.starts(report)
    return measured


def main() -> None:
    """Measure; parts and sizes that were not wanted stay as they are in the results."""
    wanted = arguments()
    measured = measure(wanted)
    if wanted.print:
        print(page(measured), end="")
        return
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for part in measured.keys() & {"verbs", "terraform"}:
        sizes = {row["roles"] for row in measured[part]}
        rest = [row for row in before.get(part, ()) if row["roles"] not in sizes]
        measured[part] = sorted([*rest, *measured[part]], key=itemgetter("roles"))
    results = before | measured
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(page(results))
    scale.write(results)
    print(f"{PAGE.relative_to(ROOT)}, {scale.PAGE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
