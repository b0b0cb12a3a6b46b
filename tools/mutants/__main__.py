"""`make mutants`: which small mistakes in the program the tests without an engine do not notice.

Each mistake of `operators.py` is made in memory, in a fork of a process that has all imported, and
the tests that call the function run. Prints the mistakes that no test notices; `equivalent.toml`
lists those that change nothing, with the reason.

A tool of our own, because mutmut 3 changes nothing outside of functions, which is all of the wiring
in `__main__.py`, cosmic-ray starts a process for each mistake, and neither exchanges two arguments,
or a key's id for its secret.

Exit code: 0, or 1 if fewer than 95 % are noticed, or equivalent.toml lists one that is noticed.
"""

import argparse
import ast
import gc
import io
import json
import mmap
import os
import resource
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any
from zlib import crc32

import pytest

from tools.mutants.operators import Mutant, mutants, sibling_fields

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
FILES = (
    *("__main__.py", "component_args.py", "entitlements.py", "components/*.py"),
    *("okta_aws_federation/*.py", "settings/*.py", "settings/checks/*.py"),
    *("access/model.py", "access/permissions.py", "access/role_chains.py"),
)
TESTS = (
    *("components", "stacks", "settings", "test_partitions.py", "test_resource_names.py"),
    *(
        "test_reference.py",
        "test_trust_check.py",
        "access/test_model.py",
        "access/test_role_chains.py",
    ),
    *("access/test_two_apps.py", "access/test_findings.py", "access/test_expectations.py"),
    *("policies/test_policy_audience_table.py", "access/test_permissions.py"),
    *("access/test_uncertainty.py", "access/test_user_names.py", "access/test_proofs.py"),
    "access/test_request_budget.py",
)
OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "--tb=no", "--no-header")

ENOUGH = 0.95
CPU_SECONDS, SECONDS = 60, 600
"""After these a mistake counts as noticed; without it the slowest test takes a few."""

FEW = 8
"""How many tests run first against a mistake outside of functions."""

Function = tuple[str, int]
"""Path and first line of a function; 0: what runs when the module is imported."""


def in_fork(action: Callable[[], int], cpu_seconds: int = -1) -> int:
    """The exit code of an action in a process of its own; not 0 if that had to be stopped."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        if cpu_seconds > 0:
            signal.alarm(SECONDS)
        code = action()
    finally:
        os._exit(code)


def function_of(code: CodeType) -> Function | None:
    """None: not one of this repository."""
    if not code.co_filename.startswith(f"{ROOT}/") or "/.venv/" in code.co_filename:
        return None
    line = 0 if code.co_name == "<module>" else code.co_firstlineno
    return code.co_filename[len(f"{ROOT}/") :], line


class Tests:
    """The collected tests, by the functions that they call when nothing is mistaken."""

    def __init__(self, session: pytest.Session) -> None:
        """Ends the run if a test fails."""
        self.session = session
        self.by_function: defaultdict[Function, set[int]] = defaultdict(set)
        self.by_file: defaultdict[str, set[int]] = defaultdict(set)
        self.functions: defaultdict[Function, list[FunctionType]] = defaultdict(list)
        gc.unfreeze()  # what conftest.py froze
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and (function := function_of(each.__code__)):
                self.functions[function].append(each)
        self.numbers = {item.nodeid: number for number, item in enumerate(session.items)}
        self.failures = Counter[tuple[str, int, int]]()
        """Path, line of the function (-1: any) and test -> how often the test has noticed."""
        self.trusted: set[int] = set()
        """Tests that have noticed something, and pass by themselves without a mistake."""
        self.failed = mmap.mmap(-1, 4)  # which a fork shares
        session.config.pluginmanager.register(self)
        gc.freeze()  # a collection in a fork would copy the memory
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            in_fork(lambda: self.record(file))
            file.seek(0)
            self.seconds, calls, failed = json.load(file)
        if failed:
            pytest.exit(f"{failed} fails without any mistake: mend it first", returncode=1)
        for test, functions in enumerate(calls):
            for path, line in functions:
                self.by_function[path, line].add(test)
                self.by_file[path].add(test)

    def record(self, file: Any) -> int:
        """Run all, and write their seconds and the functions that each calls."""
        calls: list[set[CodeType]] = []
        seconds = [0.0] * len(self.session.items)

        def trace(frame: FrameType, event: str, argument: Any) -> None:
            calls[-1].add(frame.f_code)

        threading.settrace(trace)
        for number in range(len(seconds)):
            calls.append(set())
            begin = time.process_time()
            sys.settrace(trace)
            self.run([number])
            sys.settrace(None)
            seconds[number] = time.process_time() - begin
            if self.session.testsfailed:
                break
        functions = [list(filter(None, map(function_of, each))) for each in calls]
        failed = self.session.items[number].nodeid if self.session.testsfailed else None
        json.dump([seconds, functions, failed], file)
        file.flush()
        return 0

    def run(self, numbers: list[int]) -> int:
        """Run tests until one fails; 1 then, else 0."""
        items = [self.session.items[number] for number in numbers]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.session.testsfailed:
                return 1
        return 0

    def of(self, mutant: Mutant) -> list[int]:
        """The tests that may notice a mistake: those that noticed the ones before, the quickest."""
        path, line = mutant.path, mutant.first_line
        chosen = (
            self.by_function.get((path, line)) or self.by_file[path] or range(len(self.seconds))
        )
        before = self.failures

        def order(number: int) -> tuple[int, int, float]:
            return -before[path, line, number], -before[path, -1, number], self.seconds[number]

        return sorted(chosen, key=order)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell the process that forked this one which test has failed."""
        if report.failed:
            self.failed[:] = self.numbers[report.nodeid].to_bytes(4, "big")

    def notice(self, mutant: Mutant) -> bool:
        """Whether one of them fails."""
        path, numbers = str(ROOT / mutant.path), self.of(mutant)

        def run() -> int:
            code = compile(mutant.source, path, "exec")
            called = mutant.path, mutant.first_line  # by a test, and not by an import alone
            functions = self.functions[called] if called in self.by_function else []
            inner = {each.co_qualname: each for each in codes(code)}
            for function in functions:
                function.__code__ = inner[function.__code__.co_qualname]
            if functions:
                return self.run(numbers)
            replace_module(path, code, mutant.source)
            if mutant.path == "__main__.py":  # which no test imports: they run it
                return self.run(numbers)
            names = [self.session.items[number].nodeid for number in numbers]
            few, rest = names[:FEW], names[FEW:]  # collecting all takes longer than running a few
            return any(pytest.main([*OPTIONS, "-x", *each], [self]) for each in (few, rest) if each)

        self.failed[:] = bytes(4)
        noticed = in_fork(run, CPU_SECONDS) != 0
        if noticed:
            number = int.from_bytes(self.failed, "big")
            if number not in self.trusted and in_fork(lambda: self.run([number])):
                name = self.session.items[number].nodeid
                pytest.exit(f"{name} fails by itself without any mistake: mend it", returncode=1)
            self.trusted.add(number)
            self.failures.update([(mutant.path, line, number) for line in (mutant.first_line, -1)])
        return noticed


def replace_module(path: str, code: CodeType, source: str) -> None:
    """Let whoever imports or runs a file from now on have this code, and import all anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(f"{ROOT}/") and "/.venv/" not in file:
            del sys.modules[name]
    loader: Any = SourceFileLoader
    opener: Any = io  # runpy reads a file by it
    get_code, open_code = loader.get_code, opener.open_code
    loader.get_code = lambda self, name: code if self.path == path else get_code(self, name)
    opener.open_code = lambda name: io.BytesIO(source.encode()) if name == path else open_code(name)


def codes(code: CodeType) -> list[CodeType]:
    """A code object and all within it."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return [code, *(each for one in inner for each in codes(one))]


class Mutations:
    """A pytest plugin that runs the collected tests against the mistakes, and not as they are."""

    def __init__(self, patterns: list[str], share: int) -> None:
        self.patterns, self.share = patterns, share
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        listed = {
            (path, each["old"], each["new"])
            for path, entries in tomllib.loads(EQUIVALENT.read_text()).items()
            for each in entries
        }
        tests = Tests(session)
        for path, each in groupby(self.mutants(), lambda mutant: mutant.path):
            counts = self.counts[path]
            for mutant in each:
                key = (path, mutant.old, mutant.new)
                noticed = tests.notice(mutant)
                kind = "equivalent" if key in listed else "noticed" if noticed else "missed"
                counts[kind] += 1
                if noticed == (key in listed):
                    print(
                        f"{path}:{mutant.line}: {kind}: {mutant.old}  ->  {mutant.new}", flush=True
                    )
            print(f"{path}: {', '.join(f'{n} {kind}' for kind, n in counts.items())}", flush=True)
        return True

    def mutants(self) -> Iterator[Mutant]:
        sources = {
            str(path.relative_to(ROOT)): path.read_text()
            for pattern in FILES
            for path in sorted(ROOT.glob(pattern))
        }
        paths = [path for each in self.patterns for path in sorted(ROOT.glob(each))]
        chosen = dict.fromkeys(str(path.relative_to(ROOT)) for path in paths)
        siblings = sibling_fields(map(ast.parse, sources.values()))
        for path in filter(sources.__contains__, chosen):
            for each in mutants(path, sources[path], siblings):
                if crc32(f"{each.path}{each.old}{each.new}".encode()) % self.share == 0:
                    yield each


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", default=FILES, help="patterns; default: the program")
    parser.add_argument("--share", type=int, default=1, help="try one of this many mistakes")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files below tests/unit")
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    mutations = Mutations(options.files, options.share)
    pytest.main([*OPTIONS, *(f"tests/unit/{name}" for name in options.tests)], plugins=[mutations])
    total = sum(mutations.counts.values(), Counter())
    rate = total["noticed"] / max(1, total["noticed"] + total["missed"])
    print(f"noticed: {rate:.1%} of {total['noticed'] + total['missed']}")
    return int(rate < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
