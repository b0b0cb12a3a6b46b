"""Each point of a deployment's life: interrupted there, brought back, and compared at its end.

    python -m tests.integration.recovery.sweep RESULTS [--victim engine] [--most 60]

RESULTS is a file of JSON lines; points that it holds are not run again. At the end
docs/reference/crash-sweep.md is written from it.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.integration.recovery.bench import Bench, bench_in
from tests.integration.recovery.interruption import Point
from tests.integration.recovery.table import write_table

READS = ("Get", "List", "GET ")


@dataclass(frozen=True)
class Undisturbed:
    """What a life without an interruption looks like."""

    calls: dict[str, list[str]]
    """Phase -> its calls, in their order."""
    before: tuple[Any, Any]
    first: tuple[Any, Any, Any]
    second: tuple[Any, Any, Any]


def undisturbed(folder: Path) -> Undisturbed:
    """Both phases of `up` and `destroy`, recorded."""
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


def points(calls: dict[str, list[str]]) -> Iterator[Point]:
    """All points; those at which something is made or deleted first, the engine's first."""
    found = []
    for phase, names in calls.items():
        for call in dict.fromkeys(names):
            plugin = "okta plugin" if " " in call else "aws plugin"
            for nth in range(1, names.count(call) + 1):
                for victim in ("engine", "tree", plugin):
                    found += [Point(phase, victim, when, call, nth) for when in ("before", "after")]
                if not call.startswith(READS):
                    found.append(Point(phase, "SIGINT twice", "after", call, nth))
    yield from sorted(
        found, key=lambda each: (each.victim != "engine", each.call.startswith(READS))
    )


@dataclass(frozen=True)
class Result:
    point: Point
    steps: int
    """How many steps `recover --yes` did."""
    trouble: str
    """Empty if the end is that of an undisturbed run."""


def bring_back(point: Point, wanted: Undisturbed, folder: Path) -> Result:
    """Interrupt a life at the point, recover, go on to its end, and compare."""
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
            return Result(point, steps, f"recover: {done.returncode}: {done.stdout}{done.stderr}")
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("--victim", action="append", help="only these")
    parser.add_argument("--phase", action="append", help="only these")
    parser.add_argument("--most", type=int, help="stop after so many points")
    options = parser.parse_args()
    options.results.touch()
    with tempfile.TemporaryDirectory() as folder:
        wanted = undisturbed(Path(folder))
    known = {json.loads(line)["name"] for line in options.results.read_text().splitlines()}
    todo = [
        each
        for each in points(wanted.calls)
        if str(each) not in known
        and (not options.victim or each.victim in options.victim)
        and (not options.phase or each.phase in options.phase)
    ]
    for number, point in enumerate(todo[: options.most], 1):
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = bring_back(point, wanted, Path(folder))
            except Exception as error:  # a point that fails is a row of the table, too
                result = Result(point, 0, f"{type(error).__name__}: {error}")
        line = {"name": str(point), **asdict(point), "steps": result.steps}
        with options.results.open("a") as file:
            file.write(json.dumps(line | {"trouble": result.trouble}) + "\n")
        seconds = time.monotonic() - start
        print(
            f"{number}/{len(todo)} {point}: {result.trouble or 'right'} ({seconds:.0f} s)",
            flush=True,
        )
    write_table(options.results)


if __name__ == "__main__":
    main()
