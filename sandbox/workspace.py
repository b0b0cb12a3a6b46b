"""The folder of one sandbox: inside the clone, nothing outside it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.clouds import Clouds
from sandbox.errors import SandboxError
from sandbox.network.client import Route

# Resolved: in a mirror, this file is reached by a link.
ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".sandbox"


@dataclass(frozen=True)
class Workspace:
    """One sandbox's folder; `make sandbox` has one, and each run of the demo has one of its own."""

    folder: Path

    @property
    def project(self) -> Path:
        """A mirror of the clone in which the engine may write: see `mirror`."""
        return self.folder / "project"

    @property
    def backend(self) -> Path:
        """The engine's state files."""
        return self.folder / "backend"

    @property
    def engine_home(self) -> Path:
        """What the engine remembers between commands."""
        return self.folder / "home"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def state_file(self) -> Path:
        """What runs here and with which keys; readable by its owner only."""
        return self.folder / "clouds.json"

    def create(self) -> None:
        """Make the folders afresh; a deployment that is older than its clouds is worth nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.backend, self.engine_home, self.logs):
            folder.mkdir(parents=True)
        mirror(ROOT, self.project)

    def save(self, clouds: Clouds, pids: list[int], passphrase: str, plugins: str) -> None:
        self.state_file.touch(mode=0o600)
        state = {"clouds": asdict(clouds), "pids": pids, "passphrase": passphrase}
        state["plugins"] = plugins
        self.state_file.write_text(json.dumps(state))

    def load(self) -> Mapping[str, Any]:
        """What `save` wrote. Raises SandboxError if no sandbox was left running here."""
        try:
            state: Mapping[str, Any] = json.loads(self.state_file.read_text())
        except FileNotFoundError:
            raise SandboxError(
                "no sandbox is running in this clone: start one with `make sandbox`"
            ) from None
        return state

    def clouds(self) -> Clouds:
        clouds = self.load()["clouds"]
        route = Route(**clouds["route"]) if clouds["route"] else None
        return Clouds(**clouds | {"route": route})


LIVE = Workspace(HOME / "live")


def mirror(source: Path, target: Path) -> None:
    """The clone again, as links, with stack files as copies.

    The engine writes a salt and secrets into the stack file that it works with; this way it never
    writes into a committed one, and the program it runs is still the committed one.
    """
    target.mkdir(parents=True)
    for entry in sorted(source.iterdir()):
        if entry.name in {".git", HOME.name}:
            continue
        if entry.match("Pulumi.*.yaml"):
            shutil.copy(entry, target / entry.name)
        else:
            (target / entry.name).symlink_to(entry)
