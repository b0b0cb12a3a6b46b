"""CPU, time and memory of a command, with all processes that it starts."""

import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SAMPLE_SECONDS = 0.1
ENGINES = ("pulumi", "terraform")


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    """Wall clock."""
    cpu: Mapping[str, float]
    """Kind of process (`engine`, `providers`, `program`) -> CPU seconds, user and system."""
    peak_mib: float
    """The most resident memory of all processes at once; shared pages count in each."""

    def row(self) -> dict[str, Any]:
        """As the results have it."""
        return {
            "seconds": round(self.seconds, 1),
            "cpu": {kind: round(seconds, 2) for kind, seconds in sorted(self.cpu.items())},
            "cpuSeconds": round(sum(self.cpu.values()), 2),
            "peakMiB": round(self.peak_mib),
        }


def measure(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command to its end; its cost and what it printed. Raises SystemExit if it failed.

    Processes are sampled: one that lives shorter than SAMPLE_SECONDS is not seen, and the last
    moments of the others are not.
    """
    times: dict[tuple[int, float], tuple[str, float]] = {}
    peak, began = 0.0, time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(variables), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        top = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, sample(top, times))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.monotonic() - began
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{text[-3000:]}")
    cpu: Counter[str] = Counter()
    for kind, used in times.values():
        cpu[kind] += used  # type: ignore[assignment]
    return Cost(seconds, dict(cpu), peak / 2**20), text


def sample(top: psutil.Process, times: dict[tuple[int, float], tuple[str, float]]) -> float:
    """Note the CPU seconds of a process and all below it; their resident memory in bytes."""
    resident = 0.0
    try:
        family = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for each in family:
        try:
            with each.oneshot():
                used, key = each.cpu_times(), (each.pid, each.create_time())
                # A process that is ending has no command line any more.
                kind = kind_of(each) or times.get(key, ("program", 0.0))[0]
                times[key] = (kind, used.user + used.system)
                resident += each.memory_info().rss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return resident


def kind_of(process: psutil.Process) -> str:
    """What a process is for: engine, provider plugin, or the program and its host; "" if it is
    ending."""
    line = " ".join(process.cmdline())
    if not line:
        return ""
    if "pulumi-resource-" in line or "sandbox.plugins" in line or "terraform-provider-" in line:
        return "providers"
    return "engine" if process.name() in ENGINES else "program"
