"""Serves the components to the engine: `python components/plugin ENGINE_ADDRESS`."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The engine starts this folder as a program, so Python looks for modules here, not at the root.
sys.path[0] = str(ROOT)

from pulumi.provider import main

from components.plugin.provider import FederationProvider

if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    main(FederationProvider(project["version"]), sys.argv[1:])
