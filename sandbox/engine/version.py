"""Which Pulumi CLI a program is."""

import os
import subprocess
import tempfile
from pathlib import Path


def of(command: Path) -> str | None:
    """What the CLI says its version is, such as `v3.274.1`; None if it does not run."""
    # Even this command writes a log, to ~/.pulumi if it is not told otherwise.
    with tempfile.TemporaryDirectory() as home:
        settings = {"PULUMI_HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        try:
            answer = subprocess.run(
                [command, "version"],
                env=os.environ | settings,
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
    return answer.stdout.strip()
