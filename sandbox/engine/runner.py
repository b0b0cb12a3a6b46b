"""Runs one Pulumi program, in the project's own Python, for the language host.

    runner.py SETTINGS PROGRAM [ARGUMENT ...]

SETTINGS is a JSON object for `pulumi.runtime.Settings`, with one key more, `exit_error_reported`:
the exit code for a program that failed and whose error the user has seen. Configuration comes in
the variables PULUMI_CONFIG and PULUMI_CONFIG_SECRET_KEYS, where the SDK looks for it. Nothing else
of this repository can be imported here.
"""

import asyncio
import gc
import json
import logging
import runpy
import signal
import sys
import sysconfig
import traceback
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

# What the providers' SDKs define stays; to look for garbage in it while it is imported, and at the
# end, is two fifths of this process's start.
gc.set_threshold(100_000)

try:
    import grpc
    import pulumi
except ModuleNotFoundError as missing:
    sys.exit(f"{missing} in {sys.prefix}: run 'pulumi install'")

# Calls to the engine block a thread each; the published runner allows this many per operation.
THREADS_PER_OPERATION = 4
NOT_USER_CODE = (
    "<frozen",
    __file__,
    *(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")),
)

TRACEBACKS: dict[BaseException, TracebackType | None] = {}
"""What tasks ended with, and the frames in which it was raised."""


def main() -> int:
    # The engine ends the language host's process group with it; nobody wants to read where.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settings, program = json.loads(sys.argv[1]), sys.argv[2]
    exit_error_reported: int = settings.pop("exit_error_reported")
    sys.argv = sys.argv[2:]
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    # A program that fails leaves futures that nobody awaits; asyncio would report each of them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    loop.set_task_factory(task_keeping_traceback)
    asyncio.set_event_loop(loop)
    threads = ThreadPoolExecutor(max(settings["parallel"], 1) * THREADS_PER_OPERATION)
    loop.set_default_executor(threads)

    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        report_error(str(error))
        return exit_error_reported
    except Exception as error:  # whatever the user's program raises is the user's to read
        report_error(f"Program failed with an unhandled exception:\n{user_traceback(error)}")
        return exit_error_reported
    finally:
        threads.shutdown()
        loop.close()
        gc.freeze()
    return 0


def report_error(message: str) -> None:
    """Tell the user, unless the engine is gone: then it has told why, and this is a consequence."""
    try:
        pulumi.log.error(message)
    except grpc.RpcError as error:
        if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            raise


def task_keeping_traceback(
    loop: asyncio.AbstractEventLoop,
    program: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    **options: Any,
) -> asyncio.Task[Any]:
    """A task whose exception keeps its frames.

    The SDK awaits some tasks twice, and asyncio gives an exception's traceback to the first only.
    """
    task = asyncio.Task(program, loop=loop, **options)
    task.add_done_callback(keep_traceback)
    return task


def keep_traceback(task: asyncio.Task[Any]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        TRACEBACKS.setdefault(error, error.__traceback__)


def user_traceback(error: BaseException) -> str:
    """The traceback, from the user's first frame on."""
    first = error.with_traceback(TRACEBACKS.get(error, error.__traceback__))
    report = traceback.TracebackException.from_exception(first)
    frames = list(report.stack)
    users = [n for n, frame in enumerate(frames) if not frame.filename.startswith(NOT_USER_CODE)]
    if users:
        report.stack = traceback.StackSummary.from_list(frames[users[0] :])
    elif isinstance(error, SyntaxError):
        # It names the user's file itself; its frames are those of the import.
        report.stack = traceback.StackSummary()
    return "".join(report.format())


if __name__ == "__main__":
    sys.exit(main())
