"""Many resources registered at less cost."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = 12
"""Six of them are the SDK's own, which it leaves out; six are of the program."""
GC_THRESHOLDS = (50_000, 20, 100)


@contextmanager
def bulk_registration() -> Iterator[None]:
    """Resources that are created meanwhile cost the program, the engine and the state less.

    The SDK writes the call stack of each resource into the state. Frames of runner and interpreter,
    with paths of the machine, were a third of the state's bytes, and the engine writes all of it at
    every step. `sys.tracebacklimit` leaves the innermost frames; an error that leaves the block has
    its whole traceback. And hundreds of objects stay for each resource: looking for garbage among
    them was half of the program's CPU, so it is looked for less often from here on.
    """
    gc.set_threshold(*GC_THRESHOLDS)
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        del sys.tracebacklimit
        if before is not None:
            sys.tracebacklimit = before
