"""Many resources registered at less cost."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi import Output, log

FRAMES = 7
"""Six of them are the SDK's own, which it leaves out; one is the line that creates the resource."""


@contextmanager
def bulk_registration() -> Iterator[None]:
    """Resources that are created meanwhile cost the program, the engine and the state less.

    The SDK writes the call stack of each resource into the state, all of which the engine writes at
    every step. Frames of runner and interpreter, with paths of the machine, were a third of it.
    `sys.tracebacklimit` leaves the innermost frames; an error that leaves the block has its whole
    traceback.
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        del sys.tracebacklimit
        if before is not None:
            sys.tracebacklimit = before


def as_json(document: Mapping[str, Any]) -> Output[str]:
    """A document, JSON. `Output.json_dumps` makes an output of each value in it, known or not: a
    tenth of the program's CPU at 500 roles."""
    try:
        return Output.from_input(json.dumps(document, sort_keys=True))
    except TypeError:  # one of the values is an output
        return Output.json_dumps(document, sort_keys=True)


def send_no_debug_messages() -> None:
    """Leave the SDK's debug messages out, for which it calls the engine five times for each
    resource, though `--debug` alone shows them. PULUMI_DEBUG_GRPC=FILE records the same and more.
    """
    setattr(log, "debug", lambda *message, **about: None)  # noqa: B010 - a function
