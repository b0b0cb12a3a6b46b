"""Run a module of this clone as a program, from any folder: `launch.py MODULE [ARGUMENT ...]`.

The clone goes on this process's import path only. A variable such as PYTHONPATH would be inherited
by the user's program, which must not see the sandbox.
"""

import gc
import runpy
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])
del sys.argv[0]
# What is imported stays; to look for garbage in it takes a fifth of a start.
gc.set_threshold(100_000)
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
