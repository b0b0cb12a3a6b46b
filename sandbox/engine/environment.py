"""The environment in which plain `pulumi` commands use the sandbox's engine."""

import os
from pathlib import Path

from sandbox.engine import EMULATED_PLUGINS, Engine, launchers


def environment(engine: Engine, *, backend: Path, passphrase: str, home: Path) -> dict[str, str]:
    """The variables to set, over those of the process that runs now.

    State goes to the folder `backend`, its secrets encrypted with `passphrase`. `home` takes what
    the CLI remembers (the selected stack, its logs), instead of `~/.pulumi`, and has the emulated
    plugins where `pulumi plugin install` puts plugins; this sandbox puts no credentials there.
    """
    for folder in (backend, home):
        folder.mkdir(parents=True, exist_ok=True)
    is_emulated = engine.plugins == "emulated"
    for name in EMULATED_PLUGINS if is_emulated else ():
        launchers.install_plugin(home, engine.bin / name)
    variables = {
        "PATH": _first(str(engine.bin), os.environ.get("PATH", os.defpath)),
        "PULUMI_HOME": str(home),
        # Without a file of attributes beside each state: a kill can cut it off, and it costs time.
        "PULUMI_BACKEND_URL": f"{backend.resolve().as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": passphrase,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_NEO": "false",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
        "PULUMI_ENABLE_AUTOMATIC_AGENT_SIGNUP": "false",
        # Else a provider plugin on the person's own PATH would be taken, with a warning.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    }
    if is_emulated:
        variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    return variables


def _first(folder: str, path: str) -> str:
    rest = [entry for entry in path.split(os.pathsep) if entry != folder]
    return os.pathsep.join([folder, *rest])
