"""The folder of one sandbox: inside the clone, nothing outside it."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

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
        """Write down what runs here, for the commands that come later."""
        self.state_file.touch(mode=0o600)
        state = {
            "clouds": asdict(clouds),
            "processes": [[pid, psutil.Process(pid).create_time()] for pid in pids],
            "passphrase": passphrase,
            "plugins": plugins,
            "stack_files": stack_file_digests(),
        }
        self.state_file.write_text(json.dumps(state))

    def load(self) -> Mapping[str, Any]:
        """What `save` wrote. Raises SandboxError if no sandbox was left running here."""
        try:
            state: Mapping[str, Any] = json.loads(self.state_file.read_text())
        except FileNotFoundError:
            raise SandboxError(
                "no sandbox is running in this clone: start one with `make sandbox`"
            ) from None
        except ValueError:
            raise SandboxError(
                f"{self.state_file} can't be read: `python -m sandbox down` removes it"
            ) from None
        return state

    def processes(self) -> list[tuple[int, float]]:
        """Process id and start time of each cloud; none where nothing was left running."""
        if not self.state_file.exists():
            return []
        return [(int(pid), float(started)) for pid, started in self.load()["processes"]]

    def edit_warnings(self) -> list[str]:
        """A line for each stack file of the clone that was edited since `save`, and whose copy
        here has not the same configuration."""
        saved = self.load()["stack_files"]
        return [
            f"{name} was changed in the clone after `python -m sandbox up`; the sandbox works "
            f"with its copy, {self.project / name}: make the change there, or start anew"
            for name, digest in stack_file_digests().items()
            if saved.get(name) != digest and not self._has_configuration_of(ROOT / name)
        ]

    def _has_configuration_of(self, stack_file: Path) -> bool:
        copy = self.project / stack_file.name
        return copy.exists() and _configuration(copy) == _configuration(stack_file)

    def clouds(self) -> Clouds:
        clouds = self.load()["clouds"]
        route = Route(**clouds["route"]) if clouds["route"] else None
        return Clouds(**clouds | {"route": route})


LIVE = Workspace(HOME / "live")


def _configuration(stack_file: Path) -> Any:
    """A stack file without what the engine adds; its text, if it can't be read."""
    text = stack_file.read_text(encoding="utf-8")
    try:
        return yaml.safe_load(text)["config"]
    except (yaml.YAMLError, TypeError, KeyError):
        return text


def stack_file_digests() -> dict[str, str]:
    """Name -> SHA-256 of every stack file of the clone."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(ROOT.glob("Pulumi.*.yaml"))
    }


def require_writable() -> None:
    """Make `.sandbox`. Raises SandboxError if nothing can be written there."""
    try:
        HOME.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=HOME):
            pass
    except OSError as error:
        raise SandboxError(
            f"{HOME} can't be written to ({error.strerror}): the sandbox keeps its state there; "
            "use a clone that you may write to"
        ) from None


@contextmanager
def exclusive(path: Path, busy: str) -> Iterator[None]:
    """Hold a lock file for as long as the block runs; the system releases it if the process dies.

    Raises SandboxError with the message `busy` if another process holds it.
    """
    with path.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(busy) from None
        yield


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
