"""Each point of a deployment's life: interrupted there, brought back, and compared at its end.

    python -m tests.integration.recovery.sweep RESULTS [--victim engine] [--most 60]

RESULTS is a file of JSON lines; points that it holds are not run again. Where it does not exist, it
begins with what docs/reference/crash-sweep.md says is right; at the end the page is written from
it. To run every point anew, begin with an empty file.
"""

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from tests.integration.recovery.bench import COMMANDS, KILLED, RECOVER, Bench, bench_in
from tests.integration.recovery.interruption import IN_PREVIEW, Point
from tests.integration.recovery.table import PAGE, right_in, write_table

READS = ("Get", "List", "GET ")
PROGRAMS = "GET /users"
"""The call that the program itself makes, by a look-up: in a preview too."""
STARTS = ("GetCallerIdentity", "GET /users/me", PROGRAMS)
INTERRUPTED = ("SIGINT twice", "SIGINT", "SIGTERM", "program")


@dataclass(frozen=True)
class Undisturbed:
    """What a life without an interruption looks like."""

    calls: dict[str, list[str]]
    """Phase -> its calls, in their order."""
    before: tuple[Any, Any]
    """Both clouds when nothing is deployed."""
    after: dict[str, tuple[Any, Any, Any]]
    """Phase of `up` -> state and both clouds."""


def undisturbed(folder: Path) -> Undisturbed:
    """All phases, recorded."""
    calls, after = {}, {}
    with bench_in(folder) as bench:
        before = (bench.in_aws(), bench.in_okta())
        for phase, command in COMMANDS.items():
            bench.interruption.arm(None)
            bench.stack.run(*command, "--stack", bench.stack.name)
            calls[phase] = bench.interruption.calls
            if phase != "destroy":
                after[phase] = everything(bench)
            prepare_what_follows(bench, phase)
        assert (bench.in_aws(), bench.in_okta()) == before
    return Undisturbed(calls, before, after)


def calls_of_recover(folder: Path) -> list[str]:
    """The calls with which each engine command of a `recover` after `KILLED` starts.

    The others depend on what else was under way when that update was killed.
    """
    with bench_in(folder) as bench:
        bench.interrupted(KILLED)
        assert bench.recover("--yes").returncode == 0
        return [each for each in bench.interruption.calls if each in STARTS]


def prepare_what_follows(bench: Bench, phase: str) -> None:
    """What a person does between two phases."""
    if phase == "first up":
        bench.do_the_provisioning_tab()
    elif phase == "second up":
        bench.change_the_stack_file()


def everything(bench: Bench) -> tuple[Any, Any, Any]:
    return bench.in_state(), bench.in_aws(), bench.in_okta()


def points(calls: dict[str, list[str]]) -> Iterator[Point]:
    """All points, each beginning a spread: those at which something is made or deleted first."""
    found = []
    for phase, names in calls.items():
        for call in dict.fromkeys(names):
            plugin = "okta plugin" if " " in call else "aws plugin"
            for nth in range(1, names.count(call) + 1):
                for victim in ("engine", "tree", plugin):
                    found += [Point(phase, victim, when, call, nth) for when in ("before", "after")]
                if not call.startswith(READS) or call == PROGRAMS:
                    found += [Point(phase, each, "after", call, nth) for each in INTERRUPTED]
        if PROGRAMS in names:
            found += [Point(phase, each + IN_PREVIEW, "after", PROGRAMS) for each in INTERRUPTED]
    yield from sorted(found, key=lambda each: (each.call.startswith(READS), _share(each)))


def _share(point: Point) -> float:
    """A place in the queue: the engine's points three times as early as the others."""
    digest = hashlib.sha256(str(point).encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return share if point.victim != "engine" else share / 3


@dataclass(frozen=True)
class Result:
    point: Point
    steps: int
    """How many steps `recover --yes` did."""
    trouble: str
    """Empty if the end is that of an undisturbed run."""


def live(points: Sequence[Point], wanted: Undisturbed, folder: Path) -> Iterator[Result]:
    """One life, interrupted at the points, at most one a phase; compared after each phase.

    A point of `recover` takes the place of one of the first up. It ends at the first trouble.
    """
    by_phase = {_slot(point): point for point in points}
    with bench_in(folder) as bench:
        for phase in COMMANDS:
            if not by_phase:
                return
            point = by_phase.pop(phase, None)
            steps, trouble = _bring_back(bench, point) if point else (0, "")
            trouble = trouble or _go_on(bench, phase, wanted)
            if point:
                yield Result(point, steps, trouble)
            if trouble:
                return


def _bring_back(bench: Bench, point: Point) -> tuple[int, str]:
    """Interrupt and recover; how many steps it took, and the trouble."""
    if point.phase == RECOVER:
        bench.interrupted(KILLED)
    bench.interrupted(point)
    done = bench.recover("--yes")
    trouble = f"recover: exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout.count("\n$ "), trouble if done.returncode else ""


def _go_on(bench: Bench, phase: str, wanted: Undisturbed) -> str:
    """Run the phase's command, and compare; the trouble."""
    try:
        bench.stack.run(*COMMANDS[phase], "--stack", bench.stack.name)
    except SandboxError as error:
        return f"{phase}: {error}"
    if phase == "destroy":
        return difference((bench.in_aws(), bench.in_okta()), wanted.before)
    if trouble := difference(everything(bench), wanted.after[phase]):
        return trouble
    prepare_what_follows(bench, phase)
    if phase == "first up":
        return ""
    caller = bench.signs_in()
    return "" if caller.endswith("OktaDeveloper/ada@example.com") else f"signed in as {caller}"


def lives(points: Sequence[Point]) -> Iterator[tuple[Point, ...]]:
    """All points, in as few lives as hold one of each phase."""
    queues = [[each for each in points if _slot(each) == phase] for phase in COMMANDS]
    return (tuple(filter(None, life)) for life in zip_longest(*queues))


def _slot(point: Point) -> str:
    """The phase of a life that the point interrupts."""
    return KILLED.phase if point.phase == RECOVER else point.phase


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


def keep(results: Path, each: Result) -> None:
    line = {"name": str(each.point), **asdict(each.point)}
    with results.open("a") as file:
        file.write(json.dumps(line | {"steps": each.steps, "trouble": each.trouble}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("--victim", action="append", help="only these")
    parser.add_argument("--phase", action="append", help="only these")
    parser.add_argument("--most", type=int, help="stop after so many lives")
    options = parser.parse_args()
    if not options.results.exists():
        for row in right_in(PAGE.read_text()):
            steps, trouble = row.pop("steps"), row.pop("trouble")
            keep(options.results, Result(Point(**row), steps, trouble))
    with tempfile.TemporaryDirectory() as folder:
        wanted = undisturbed(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        every = list(points(wanted.calls | {RECOVER: calls_of_recover(Path(folder))}))
    known = {json.loads(line)["name"] for line in options.results.read_text().splitlines()}
    todo = [
        each
        for each in every
        if str(each) not in known
        and (not options.victim or each.victim in options.victim)
        and (not options.phase or each.phase in options.phase)
    ]
    planned = list(lives(todo))[: options.most]
    for number, points_of_life in enumerate(planned, 1):
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                results = list(live(points_of_life, wanted, Path(folder)))
            except Exception as error:  # what goes wrong is a row of the table, too
                trouble = f"{type(error).__name__}: {error}"
                results = [Result(each, 0, trouble) for each in points_of_life]
        for each in results:
            keep(options.results, each)
        ends = "; ".join(f"{each.point}: {each.trouble or 'right'}" for each in results)
        print(f"{number}/{len(planned)} ({time.monotonic() - start:.0f} s) {ends}", flush=True)
    write_table(options.results, len(every))


if __name__ == "__main__":
    main()
