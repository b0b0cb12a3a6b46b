"""Requests, CPU, time and memory of each verb on the real engine, and of an estate's stacks."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tools.bench import floor
from tools.bench.clouds import Bench, bench
from tools.bench.companies import company, estate

CHANGE = ("--yes", "--skip-preview", "--suppress-outputs")
VERBS = {
    "preview": ("preview", "--suppress-outputs"),
    "up": ("up", *CHANGE),
    "unchanged": ("up", *CHANGE),
    "refresh": ("refresh", *CHANGE),
    "destroy": ("destroy", *CHANGE),
}
"""`unchanged` is a second `up`."""
ESTATE_ROLES, ESTATE_PEOPLE = 5, 10

Report = Callable[[str], None]


def pulumi(verb: str) -> tuple[str, ...]:
    """The command of a verb."""
    return ("pulumi", *VERBS[verb], "--stack", "bench", "--non-interactive", "--color", "never")


def verbs(sizes: Sequence[tuple[int, int]], report: Report) -> list[dict[str, Any]]:
    """A row for each (roles, people) and verb: its cost and calls, and the calls of bare SDKs."""
    rows = []
    for roles, people in sizes:
        with bench(company(roles, people)) as at:
            for verb in VERBS:
                report(f"{verb}: {roles} roles, {people} people")
                cost, calls = at.run(*pulumi(verb))
                rows.append({"roles": roles, "people": people, "verb": verb} | cost.row() | calls)
                if verb == "up":
                    rows[-1]["stateBytes"] = state_bytes(at)
            rows.append({"roles": roles, "people": people} | without_checkpoints(at, report))
            for verb in ("up", "destroy"):
                report(f"{verb} by bare SDK calls: {roles} roles, {people} people")
                command = (sys.executable, "-m", "tools.bench.floor", verb, str(roles), str(people))
                cost, calls = at.run(*command, folder=Path(__file__).parents[2])
                rows.append(
                    {"roles": roles, "people": people, "verb": f"{verb} (bare SDK calls)"}
                    | cost.row()
                    | calls
                )
    return rows


def without_checkpoints(at: Bench, report: Report) -> dict[str, Any]:
    """A first `up` that writes the state at its end only: what is missing, checkpoints take."""
    report("up without checkpoints")
    cost, calls = at.run(*pulumi("up"), PULUMI_EXPERIMENTAL="true", PULUMI_SKIP_CHECKPOINTS="true")
    at.run(*pulumi("destroy"))
    return {"verb": "up without checkpoints"} | cost.row() | calls


def state_bytes(at: Bench) -> int:
    """Size of the stack's checkpoint."""
    return sum(file.stat().st_size for file in at.workspace.backend.rglob("bench.json"))


def beside_terraform(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """The AWS half by this program and by Terraform, verb by verb in turn, on the same AWS."""
    rows = []
    for roles in sizes:
        with bench(company(roles, people=1, groups=1)) as at:
            folder = at.workspace.folder / "terraform"
            with at.okta() as client:
                floor.write_terraform(folder, roles, client)
            at.run("terraform", "init", "-no-color", folder=folder)
            for verb, arguments in floor.TERRAFORM.items():
                report(f"{verb}: {roles} roles, Pulumi and Terraform")
                ours, our_calls = at.run(*pulumi(verb))
                theirs, their_calls = at.run("terraform", *arguments, folder=folder)
                rows.append(
                    {
                        "roles": roles,
                        "verb": verb,
                        "pulumi": ours.row() | our_calls,
                        "terraform": theirs.row() | their_calls,
                    }
                )
    return rows


def estates(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """Accounts as one stack, and as a stack for each: the first `up` and one without changes."""
    rows = []
    for accounts in sizes:
        sections = estate(accounts, ESTATE_ROLES, ESTATE_PEOPLE)
        for shape in ("one stack", "a stack for each account"):
            with bench(sections) as at:
                command = pulumi("up")
                if shape != "one stack":
                    at.write(sections, "company")
                    module = (sys.executable, "-m", "access.estate")
                    at.run(*module, "init", "Pulumi.company.yaml")
                    with suppress(FileNotFoundError):
                        (at.workspace.project / "Pulumi.bench.yaml").unlink()
                    command = (*module, "up", "Pulumi.company.yaml")
                for verb in ("up", "unchanged"):
                    report(f"{verb}: {accounts} accounts, {shape}")
                    cost, calls = at.run(*command)
                    rows.append(
                        {"accounts": accounts, "shape": shape, "verb": verb} | cost.row() | calls
                    )
    return rows
