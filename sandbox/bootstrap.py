"""From an empty folder to a workspace where plain `pulumi` commands work on both local clouds."""

import secrets
import shlex
from collections.abc import Callable

from sandbox.clouds import UNWANTED, Clouds
from sandbox.engine import Engine, EngineError, Plugins, prepare
from sandbox.engine.environment import environment
from sandbox.errors import SandboxError
from sandbox.stack import Stack
from sandbox.workspace import HOME, LIVE, Workspace

# The account of each committed stack file; the local AWS serves them all.
ACCOUNTS = {"dev": "123456789012", "prod": "210987654321"}


def engine(log: Callable[[str], None], plugins: Plugins) -> Engine:
    """The engine of this clone. Raises SandboxError with what the person can do."""
    try:
        return prepare(HOME / "bin", report=log, plugins=plugins)
    except EngineError as error:
        raise SandboxError(str(error)) from None


def new_passphrase() -> str:
    """For the state's secrets; it lives as long as the sandbox does."""
    return secrets.token_urlsafe(24)


def variables(
    workspace: Workspace,
    engine: Engine,
    clouds: Clouds,
    passphrase: str,
    account: str,
    *,
    http_proxy: bool = False,
) -> dict[str, str]:
    """The environment in which `pulumi` works here, in one account.

    `http_proxy`: the provider reaches Okta by plain HTTP instead of its name.
    """
    return environment(
        engine, backend=workspace.backend, passphrase=passphrase, home=workspace.engine_home
    ) | clouds.variables(account, http_proxy=http_proxy)


def live_variables(name: str, *, http_proxy: bool = False) -> dict[str, str]:
    """The environment of the sandbox that stays, for one of its stacks."""
    state = LIVE.load()
    prepared = engine(lambda line: None, state["plugins"])
    clouds, account = LIVE.clouds(), ACCOUNTS[name]
    return variables(LIVE, prepared, clouds, state["passphrase"], account, http_proxy=http_proxy)


def stack(workspace: Workspace, values: dict[str, str], name: str = "dev") -> Stack:
    return Stack(
        name=name, project=workspace.project, variables=values, log=workspace.logs / "pulumi.log"
    )


def as_shell(workspace: Workspace, values: dict[str, str]) -> str:
    """The environment as a shell reads it: `eval "$(python -m sandbox env)"`."""
    lines = [f"unset {' '.join(UNWANTED)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in sorted(values.items())]
    lines.append(f"cd {shlex.quote(str(workspace.project))}")
    return "\n".join(lines)
