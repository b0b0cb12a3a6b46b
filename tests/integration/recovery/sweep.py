"""Each point of a deployment's life, killed and brought back as the page says.

`python -m tests.integration.recovery.sweep` writes docs/reference/crash-sweep.md.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.recovery.bench import Bench, bench_in
from tests.integration.recovery.interruption import Point


@dataclass(frozen=True)
class Undisturbed:
    """What a life without an interruption looks like."""

    calls: dict[str, list[str]]
    """Phase -> its calls, in their order."""
    before: tuple[Any, Any]
    first: tuple[Any, Any, Any]
    second: tuple[Any, Any, Any]


def undisturbed(folder: Path) -> Undisturbed:
    calls = {}
    with bench_in(folder) as bench:
        before = (bench.in_aws(), bench.in_okta())
        bench.interruption.arm(None)
        bench.up()
        calls["first up"] = bench.interruption.calls
        first = everything(bench)
        bench.do_the_provisioning_tab()
        bench.interruption.arm(None)
        bench.up()
        calls["second up"] = bench.interruption.calls
        second = everything(bench)
        bench.interruption.arm(None)
        bench.stack.destroy()
        calls["destroy"] = bench.interruption.calls
        assert (bench.in_aws(), bench.in_okta()) == before
    return Undisturbed(calls, before, first, second)


def everything(bench: Bench) -> tuple[Any, Any, Any]:
    return bench.in_state(), bench.in_aws(), bench.in_okta()


@dataclass(frozen=True)
class Result:
    point: Point
    steps: int
    """How many steps `recover --yes` did."""
    trouble: str
    """Empty if the end is that of an undisturbed run."""


def bring_back(point: Point, wanted: Undisturbed, folder: Path) -> Result:
    """Interrupt a life at the point, recover, go on to its end; and compare."""
    with bench_in(folder) as bench:
        if point.phase != "first up":
            bench.up()
            bench.do_the_provisioning_tab()
        if point.phase == "destroy":
            bench.up()
        bench.interrupted(point)
        done = bench.recover("--yes")
        steps = done.stdout.count("\n$ ")
        if done.returncode != 0:
            return Result(point, steps, f"recover: exit {done.returncode}: {done.stdout}{done.stderr}")
        again = bench.recover("--yes")
        if again.returncode != 0 or "nothing is to be done" not in again.stdout:
            return Result(point, steps, f"recover again: {again.stdout}{again.stderr}")
        return Result(point, steps, _trouble(bench, point, wanted))


def _trouble(bench: Bench, point: Point, wanted: Undisturbed) -> str:
    if point.phase == "destroy":
        bench.stack.destroy()
        return difference((bench.in_aws(), bench.in_okta()), wanted.before)
    bench.up()
    if point.phase == "first up":
        if trouble := difference(everything(bench), wanted.first):
            return f"after the first up: {trouble}"
        bench.do_the_provisioning_tab()
        bench.up()
    if trouble := difference(everything(bench), wanted.second):
        return f"after the second up: {trouble}"
    caller = bench.signs_in()
    return "" if caller.endswith("OktaDeveloper/ada@example.com") else f"signed in as {caller}"


def difference(real: Any, wanted: Any, where: str = "") -> str:
    """The first thing in which two values differ; empty if they are alike."""
    if real == wanted:
        return ""
    if isinstance(real, dict) and isinstance(wanted, dict):
        for key in sorted(real.keys() | wanted.keys()):
            if found := difference(real.get(key), wanted.get(key), f"{where}/{key}"):
                return found
    if isinstance(real, list | tuple) and isinstance(wanted, list | tuple):
        for number, (one, other) in enumerate(zip(real, wanted, strict=False)):
            if found := difference(one, other, f"{where}/{number}"):
                return found
    return f"{where}: {str(real)[:300]} in place of {str(wanted)[:300]}"
