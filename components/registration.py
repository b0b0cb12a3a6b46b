"""Many resources registered at less cost."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
