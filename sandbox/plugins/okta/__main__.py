"""`python -m sandbox.plugins.okta`: the engine starts this."""

import os

from sandbox.errors import SandboxError
from sandbox.plugins.okta.package import PACKAGE
from sandbox.plugins.process import serve
from sandbox.workspace import LIVE

warnings: list[str] = []
if os.environ.get("PULUMI_HOME") == str(LIVE.engine_home):
    try:
        warnings = LIVE.edit_warnings()
    except SandboxError as error:
        warnings = [str(error)]
serve(PACKAGE, warnings)
