"""The computed part of docs/scale.md: a company far larger than any that was measured.

Requests come from the request budget, whose numbers a test compares with the emulated org's count;
what an account, a person and a resource add is the slope between two sizes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import settings
from access import request_budget
from okta_aws_federation.okta_limits import bucket_of
from tools.bench.companies import estate

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN, END = "<!-- computed by python -m tools.bench -->\n", "<!-- end -->\n"
ROLES, PEOPLE = 20, 5000
PLANS = ("Integrator Free", "Enterprise", "Workforce")
LIMITS = {
    "/api/v1/apps/{id}": (100, 600, 500),
    "/api/v1/apps": (20, 100, 100),
    "/api/v1/groups/{id}": (100, 600, 1000),
    "/api/v1/groups": (100, 600, 500),
    "/api/v1/users/{id} read": (100, 1000, 2000),
    "/api/v1/users/{id} write": (100, 600, 600),
    "/api/v1/users": (100, 600, 600),
    "other": (100, 600, 1200),
}
"""Bucket -> requests per minute by plan (Okta's reference of management rate limits, 2025)."""
SMALL, LARGE = 4, 8
"""Accounts between which the slope is taken."""
MEMBERSHIPS = bucket_of("PUT", "/api/v1/groups/ID/users/ID").name
SHAPES = (
    (10, 10, "each person in all"),
    (100, 100, "each person in all"),
    (100, None, "groups by rule"),
    (1000, 10, "each person in 10"),
    (1000, 1000, "each person in all"),
    (1000, None, "groups by rule"),
)
"""Accounts; in how many each person has one role, or None for rules; what the page calls it."""


def requests(accounts: int, run: str, by_rule: bool) -> Counter[str]:
    """Bucket -> requests of a run at so many accounts, each with ROLES roles and PEOPLE people."""
    sections = estate(accounts, ROLES, PEOPLE)
    if by_rule:
        for name, group in sections["groups"].items():
            del group["members"]
            group["rule"] = f'user.department=="{name}"'
    counted: Counter[str] = Counter()
    for method, path, number in request_budget.requests(settings.parse(sections), run):
        counted[bucket_of(method, path).name] += number
    return counted


def extrapolated(accounts: int, run: str, by_rule: bool) -> Counter[str]:
    """The same at any number of accounts, by the slope from SMALL to LARGE."""
    small, large = (requests(each, run, by_rule) for each in (SMALL, LARGE))
    return Counter(
        {
            name: small[name] + (large[name] - small[name]) * (accounts - SMALL) // (LARGE - SMALL)
            for name in small | large
        }
    )


def minutes(counted: Mapping[str, int], plan: int, share: float = 0.75) -> float:
    """At least how long the requests take at a plan's limits, of which the provider uses a share
    (`okta.maxApiCapacity`)."""
    return max(
        number / (LIMITS.get(name, LIMITS["other"])[plan] * share)
        for name, number in counted.items()
    )


def readable(value: float) -> str:
    """Minutes as a person reads them."""
    if value < 90:
        return f"{value:.0f} min"
    return f"{value / 60:.0f} h" if value < 48 * 60 else f"{value / 1440:.0f} days"


def rows() -> Iterator[str]:
    """A line for each shape and run."""
    for accounts, each_in, shape in SHAPES:
        for run, name in (("up", "first up"), ("unchanged", "unchanged"), ("refresh", "refresh")):
            counted = extrapolated(accounts, run, by_rule=each_in is None)
            if run == "up" and each_in is not None:
                counted[MEMBERSHIPS] -= PEOPLE * (accounts - each_in)
            times = " | ".join(readable(minutes(counted, plan)) for plan in range(len(PLANS)))
            yield f"| {accounts:,} accounts, {shape} | {name} | {counted.total():,} | {times} |"


def checkpoints(results: Mapping[str, Any]) -> str:
    """What the engine's checkpoints take, from the smallest and the largest measured `up`."""
    ups = [row for row in results.get("verbs", ()) if row["verb"] == "up"]
    if len(ups) < 2:
        return ""
    first, last = ups[0], ups[-1]
    size = (last["stateBytes"] - first["stateBytes"]) / (last["roles"] - first["roles"]) / 1000
    seconds = last["cpu"]["engine"] - first["cpu"]["engine"]
    square = seconds / (last["roles"] ** 2 - first["roles"] ** 2)
    times = ", ".join(
        f"{roles} roles {readable(square * roles**2 / 60)}" for roles in (100, 500, 1000)
    )
    return (
        f"\nThe state grows by {size:.0f} kB for each role with its group and "
        f"{last['people'] // last['roles']} people.\nCPU of the engine alone in a first `up`, "
        f"estimated as a square from {first['roles']} and {last['roles']} roles: {times}.\n"
    )


def block(results: Mapping[str, Any]) -> str:
    """The computed part."""
    head = ["shape", "run", "requests", *PLANS]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *rows()]
    return "\n".join(lines) + "\n" + checkpoints(results)


def write(results: Mapping[str, Any]) -> None:
    """Put the computed part into the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}{block(results)}{END}{after}")
