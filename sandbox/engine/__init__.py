"""The real Pulumi engine, also where only package registries can be reached.

`prepare` fills one folder with everything that the engine looks for beside itself, so that a user
has to put nothing but that folder on PATH. The command-line tool (CLI) is the official one if it is
installed, and is built from its Go module otherwise.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from sandbox.engine import build, launchers, official
from sandbox.errors import SandboxError

Origin = Literal["built", "installed"]
Plugins = Literal["emulated", "published"]

SWITCH = "SANDBOX_ENGINE"
CLI_SOURCES = ("auto", "build", "path")
SDKS = ("pulumi_aws", "pulumi_okta")
EMULATED_PLUGINS = {
    "pulumi-resource-aws": "sandbox.plugins.aws",
    "pulumi-resource-okta": "sandbox.plugins.okta",
}


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A folder of programs that work together."""

    bin: Path
    """Goes first on PATH."""

    version: str
    """Of the CLI, such as `v3.274.1`."""

    origin: Origin
    """`built` here from its Go module, or found `installed` on this machine."""

    plugins: Plugins
    """Who talks to the clouds: this repository's `emulated`, or what Pulumi has `published`."""

    @property
    def summary(self) -> str:
        """Which CLI and which provider plugins answer, in one line.

        The engine takes the plugin of the version that the SDK asks for, and an emulated one
        follows that version.
        """
        plugins = ", ".join(f"{sdk.replace('_', '-')} {metadata.version(sdk)}" for sdk in SDKS)
        return f"Pulumi {self.version}, {self.origin}; provider plugins: {self.plugins}, {plugins}"

    @property
    def pulumi(self) -> Path:
        """The CLI."""
        return self.bin / "pulumi"

    def environment(self, *, backend: Path, passphrase: str, home: Path) -> dict[str, str]:
        """The variables with which plain `pulumi` commands use this engine.

        State goes to the folder `backend`, its secrets encrypted with `passphrase`. `home` takes
        what the CLI remembers (the selected stack, its logs), instead of `~/.pulumi`, and has the
        emulated plugins where `pulumi plugin install` puts plugins; this sandbox puts no
        credentials there.
        """
        for folder in (backend, home):
            folder.mkdir(parents=True, exist_ok=True)
        path = os.environ.get("PATH", os.defpath).split(os.pathsep)
        own = str(self.bin)
        variables = {
            "PATH": os.pathsep.join([own, *(entry for entry in path if entry != own)]),
            "PULUMI_HOME": str(home),
            # Without a file of attributes beside each state: a kill can cut it off, and it costs
            # time.
            "PULUMI_BACKEND_URL": f"{backend.resolve().as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_NEO": "false",
            "PULUMI_SUPPRESS_NEO_LINK": "true",
            "PULUMI_ENABLE_AUTOMATIC_AGENT_SIGNUP": "false",
            # Else a provider plugin on the person's own PATH would be taken, with a warning.
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        }
        if self.plugins == "emulated":
            for name in EMULATED_PLUGINS:
                launchers.install_plugin(home, self.bin / name)
            variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        return variables


def prepare(
    bin_dir: Path,
    *,
    report: Callable[[str], None],
    plugins: Plugins = "emulated",
    yaml: bool = False,
) -> Engine:
    """Make `bin_dir` hold a CLI, its Python language host and the provider plugins.

    May be called again at any time, also by several processes at once. The first call on a machine
    may build the CLI, which takes minutes; `report` gets the progress, a line at a time. With
    `published` plugins none are placed: the CLI then downloads what Pulumi has published. With
    `yaml` it can run programs in Pulumi YAML too; an official CLI always can.

    Raises SandboxError, with one line for the user.
    """
    source = os.environ.get(SWITCH, "auto")
    if source not in CLI_SOURCES:
        raise SandboxError(f"{SWITCH} must be one of {', '.join(CLI_SOURCES)}, not '{source}'")

    installed = official.find(os.environ.get("PATH", "")) if source != "build" else None
    if source == "path" and installed is None:
        raise SandboxError(
            f"{SWITCH}=path, but PATH has no official Pulumi {official.OLDEST_TEXT} or later with "
            "its Python language host: install Pulumi, or leave the variable out"
        )

    bin_dir.mkdir(parents=True, exist_ok=True)
    if installed:
        names = launchers.link_installed(bin_dir, installed.folder)
        modules = {}
    else:
        launchers.place_binary(bin_dir / "pulumi", build.CLI.built(report))
        names = {"pulumi"}
        modules = {"pulumi-language-python": "sandbox.engine.host"}
        if yaml:
            host = build.YAML_HOST
            launchers.place_binary(bin_dir / host.name, host.built(report))
            names.add(host.name)
    if plugins == "emulated":
        modules |= EMULATED_PLUGINS
    for name, module in modules.items():
        launchers.write(bin_dir / name, module)
    launchers.remove_others(bin_dir, names | modules.keys())

    return Engine(
        bin=bin_dir,
        version=installed.version if installed else build.VERSION,
        origin="installed" if installed else "built",
        plugins=plugins,
    )
