"""Requests, CPU, time and memory of each verb on the real engine, and of an estate's stacks."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from access.estate.runner import PREVIEW
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
ESTATE, COMPANY = (sys.executable, "-m", "access.estate"), "Pulumi.company.yaml"
DIVIDED_FROM, ACCOUNTS = 500, 5
"""From so many roles on, Terraform is compared with an estate of so many accounts too."""
ESTATE_VERBS = {
    "preview": ("preview",), "up": ("up",), "unchanged": ("up",), "destroy": ("destroy", "--yes"),
}  # fmt: skip
VARIABLES = {"preview": PREVIEW}
"""What the pipeline sets for a verb, and an estate."""

Report = Callable[[str], None]


def pulumi(verb: str, stack: str = "bench") -> tuple[str, ...]:
    """The command of a verb."""
    return ("pulumi", *VERBS[verb], "--stack", stack, "--non-interactive", "--color", "never")


def verbs(sizes: Sequence[tuple[int, int]], report: Report) -> list[dict[str, Any]]:
    """A row for each (roles, people) and verb: its cost and calls, and the calls of bare SDKs."""
    rows = []
    for roles, people in sizes:
        with bench(company(roles, people)) as at:
            for verb in VERBS:
                report(f"{verb}: {roles} roles, {people} people")
                cost, calls = at.run(*pulumi(verb), variables=VARIABLES.get(verb, {}))
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
    cost, calls = at.run(*pulumi("up"), variables=PREVIEW)
    at.run(*pulumi("destroy"))
    return {"verb": "up without checkpoints"} | cost.row() | calls


def state_bytes(at: Bench) -> int:
    """Size of the stack's checkpoint."""
    return sum(file.stat().st_size for file in at.workspace.backend.rglob("bench.json"))


def beside_terraform(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """The AWS half by this program, by a bare one of Pulumi and by Terraform, verb by verb in turn.

    From DIVIDED_FROM roles on, the same number of roles as an estate too.
    """
    rows = []
    for roles in sizes:
        accounts, groups = (ACCOUNTS if roles >= DIVIDED_FROM else 0), math.ceil(roles / 100)
        parts = estate(accounts, roles // ACCOUNTS, people=1)
        _, *ids = (each["id"] for each in parts["accounts"].values())
        with bench(company(roles, groups, groups), [*ids, *floor.ACCOUNTS]) as at:
            if accounts:
                deploy_okta_half(at, parts, report)
            terraform, bare = at.workspace.folder / "terraform", at.workspace.folder / "bare"
            with at.okta() as client:
                floor.write_terraform(terraform, roles, client)
                floor.write_bare_program(bare, roles, client)
            at.run("terraform", "init", "-no-color", folder=terraform)
            at.run("pulumi", "stack", "init", "bare", folder=bare)
            for verb, arguments in floor.TERRAFORM.items():
                report(f"{verb}: {roles} roles, Pulumi and Terraform")
                variables = VARIABLES.get(verb, {})
                runs = {
                    "pulumi": at.run(*pulumi(verb), variables=variables),
                    "bare": at.run(
                        *pulumi(verb, "bare"),
                        folder=bare,
                        variables=variables | at.credentials(floor.BARE_ACCOUNT),
                    ),
                    "terraform": at.run(
                        "terraform",
                        *arguments,
                        folder=terraform,
                        variables=at.credentials(floor.TERRAFORM_ACCOUNT),
                    ),
                }
                if accounts and verb in ESTATE_VERBS:
                    command = (*ESTATE, *ESTATE_VERBS[verb], COMPANY, "--parallel", "2")
                    runs["estate"] = at.run(*command)
                costs = {name: cost.row() | calls for name, (cost, calls) in runs.items()}
                rows.append({"roles": roles, "verb": verb} | costs)
    return rows


def deploy_okta_half(at: Bench, sections: dict[str, Any], report: Report) -> None:
    """The stacks of an estate beside the bench's, its Okta half deployed."""
    report(f"the Okta half of {ACCOUNTS} accounts")
    at.write(sections, "company")
    at.create_deployer_roles("company")
    at.run(*ESTATE, "init", COMPANY)
    at.run("pulumi", "stack", "init", "company-okta")
    at.run(*pulumi("up", "company-okta"))


@contextmanager
def estate_bench(sections: dict[str, Any]) -> Iterator[Bench]:
    """A bench whose stack file is divided into stacks for each account, none deployed yet."""
    with bench(sections) as at:
        at.write(sections, "company")
        at.run(*ESTATE, "init", COMPANY)
        (at.workspace.project / "Pulumi.bench.yaml").unlink(missing_ok=True)
        yield at


def estates(sizes: Sequence[int], report: Report) -> list[dict[str, Any]]:
    """Accounts as one stack, and as a stack for each: the first `up` and one without changes."""
    rows = []
    shapes = {
        "one stack": (bench, pulumi("up")),
        "a stack for each account": (estate_bench, (*ESTATE, "up", COMPANY)),
    }
    for accounts in sizes:
        for shape, (clouds, command) in shapes.items():
            with clouds(estate(accounts, ESTATE_ROLES, ESTATE_PEOPLE)) as at:
                for verb in ("up", "unchanged"):
                    report(f"{verb}: {accounts} accounts, {shape}")
                    cost, calls = at.run(*command)
                    rows.append(
                        {"accounts": accounts, "shape": shape, "verb": verb} | cost.row() | calls
                    )
    return rows
