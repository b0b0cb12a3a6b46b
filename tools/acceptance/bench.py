"""What a run needs around it: a folder, an engine, the environment; and the sandbox in place of
real clouds."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sandbox import bootstrap
from sandbox.clouds import UNWANTED, running
from sandbox.demo.administrator import enable_provisioning
from sandbox.engine import Engine
from sandbox.errors import SandboxError
from sandbox.fault_control import FaultClient
from sandbox.faults import Fault
from sandbox.stack import Stack
from sandbox.workspace import HOME, Workspace
from settings.new_stack import PREFIX, text
from tools.acceptance.run import Run
from tools.acceptance.target import VARIABLE, Names, Target

STACK_NAME = "acceptance"
OPTIONS = ("OKTA_ORG_NAME", "OKTA_BASE_URL", *UNWANTED)
"""Variables of the person that lead to the real clouds, and stay as they are."""
CREATED = (
    ("aws", "iam:CreateRole"),
    ("okta", "POST /api/v1/users"),
    ("okta", "POST /api/v1/groups"),
)
"""Cloud and request whose result the sandbox hides for a while, with `--lag`."""


@contextmanager
def folder(names: Names) -> Iterator[Workspace]:
    """A folder with a mirror of the clone. `close` removes it; an exception does, if none of the
    engine's state is needed still."""
    HOME.mkdir(exist_ok=True)
    workspace = Workspace(Path(tempfile.mkdtemp(dir=HOME, prefix=f"{names.prefix}-")))
    try:
        workspace.create()
        yield workspace
    except BaseException:
        if not passphrase_file(workspace).exists():
            shutil.rmtree(workspace.folder, ignore_errors=True)
        raise


def passphrase_file(workspace: Workspace) -> Path:
    """The passphrase of a state that is needed still."""
    return workspace.folder / "passphrase"


def stack(workspace: Workspace, names: Names, target: Target, values: dict[str, str]) -> Stack:
    """The stack, with its file written."""
    config = {PREFIX + key: value for key, value in names.stack_file(target.account).items()}
    (workspace.project / f"Pulumi.{STACK_NAME}.yaml").write_text(text(config))
    return bootstrap.stack(workspace, values, STACK_NAME)


def real_variables(workspace: Workspace, engine: Engine, passphrase: str) -> dict[str, str]:
    """The engine's variables; credentials stay those of the person's environment."""
    credentials = {name: os.environ[name] for name in OPTIONS if name in os.environ}
    return credentials | engine.environment(
        backend=workspace.backend, passphrase=passphrase, home=workspace.engine_home
    )


@contextmanager
def sandbox_clouds(
    workspace: Workspace, engine: Engine, passphrase: str, switches: Sequence[str], lag: int
) -> Iterator[tuple[dict[str, str], Callable[[dict[str, Any]], bool]]]:
    """Both local clouds for as long as the block runs, the engine's variables, and the step by
    hand. The environment of this process leads to these clouds, and to nothing real.

    `switches`: `NAME=VALUE` of `sandbox.okta.behavior`; `lag`: how many reads what is CREATED stays
    unseen.
    """
    account = bootstrap.DEMO_ACCOUNT
    is_published = engine.plugins == "published"
    with running(
        [account], workspace.logs, tunnel_others=is_published, switches=switches
    ) as clouds:
        for cloud, operation in CREATED if lag else ():
            fault = Fault(effect="lag", operation=operation, times=None, reads=lag)
            FaultClient(clouds.control[cloud]).add(fault)
        values = bootstrap.variables(workspace, engine, clouds, passphrase, account)
        for name in UNWANTED:
            os.environ.pop(name, None)
        os.environ.update(values)
        os.environ[VARIABLE] = f"{account}@{bootstrap.LOCAL_ORG}"

        def step_by_hand(outputs: dict[str, Any]) -> bool:
            key = outputs["provisioningAccessKeyId"], outputs["provisioningSecretAccessKey"]
            enable_provisioning(clouds, outputs["appId"], *key)
            return True

        yield values, step_by_hand


def by_hand(already_done: bool, outputs: dict[str, Any]) -> bool:
    """Print the step and wait for Enter. Raises SandboxError at the end of the input."""
    if already_done:
        return False
    name, _, base_url = Target.of_environment().org.partition(".")
    console = f"https://{name}-admin.{base_url}/admin/app/amazon_aws/instance/{outputs['appId']}/"
    lines = [
        "\nThe step by hand, in Okta's Admin Console:",
        f"  1. {console} > Provisioning > Configure API Integration",
        "  2. Tick Enable API integration, and type",
        f"       Access Key  {outputs['provisioningAccessKeyId']}",
        f"       Secret Key  {outputs['provisioningSecretAccessKey']}",
        "  3. Test API Credentials, then Save",
        "  4. To App > Edit > tick Create Users and Update User Attributes > Save",
        "Enter when it is done ",
    ]
    click.echo("\n".join(lines), nl=False)
    if not sys.stdin.readline():
        raise SandboxError("nobody confirmed the step by hand: the input has ended")
    return True


def close(workspace: Workspace, run: Run, passphrase: str) -> None:
    """Remove the folder, unless the engine's state is needed still: then say where it is."""
    if not run.left_behind:
        shutil.rmtree(workspace.folder, ignore_errors=True)
        return
    file = passphrase_file(workspace)
    file.touch(mode=0o600)
    file.write_text(passphrase)
    click.echo(f"The engine's state stays in {workspace.folder}", err=True)
