"""From an empty folder to a workspace where plain `pulumi` commands work on both local clouds."""

import secrets
import shlex
from collections.abc import Callable
from pathlib import Path

import settings
from sandbox.accounts import StackAccount, read_accounts
from sandbox.clouds import UNWANTED, Clouds
from sandbox.engine import Engine, Plugins, prepare
from sandbox.errors import SandboxError
from sandbox.stack import Stack
from sandbox.workspace import HOME, LIVE, Workspace
from settings.okta import DEFAULT_BASE_URL

DEMO_ACCOUNT = "123456789012"
"""That of stack dev as it is committed, which the demo deploys."""
LOCAL_ORG = "sandbox.okta.test"


def engine(log: Callable[[str], None], plugins: Plugins) -> Engine:
    """The engine of this clone. Raises SandboxError with what the person can do."""
    return prepare(HOME / "bin", report=log, plugins=plugins)


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

    `http_proxy`: the provider reaches Okta by plain HTTP instead of its name. So it does for a
    stack that pins another org: the local one has a certificate for its own name only.
    """
    org = pinned_org(workspace, account)
    return (
        engine.environment(
            backend=workspace.backend, passphrase=passphrase, home=workspace.engine_home
        )
        | clouds.variables(account, http_proxy=http_proxy or bool(org))
        | org
    )


def pinned_org(workspace: Workspace, account: str) -> dict[str, str]:
    """The variables of the org that the account's stack file pins, if it is not the local one.

    A file that can't be read pins nothing here, and the run says what is wrong with it.
    """
    for path in sorted(workspace.project.glob("Pulumi.*.yaml")):
        try:
            stack = settings.read(path)
        except (settings.SettingsError, OSError):
            continue
        pinned = stack.okta.host not in (None, LOCAL_ORG)
        if pinned and account in {each.id for each in stack.accounts.values()}:
            base_url = stack.okta.base_url or DEFAULT_BASE_URL
            return {"OKTA_ORG_NAME": stack.okta.org or "", "OKTA_BASE_URL": base_url}
    return {}


def live_variables(name: str, *, http_proxy: bool = False) -> dict[str, str]:
    """The environment of the sandbox that stays, for one of its stacks."""
    state = LIVE.load()
    prepared = engine(lambda line: None, state["plugins"])
    stacks = read_accounts(LIVE.project)
    if name not in stacks:
        raise SandboxError(
            f"no stack '{name}' is in this sandbox, only {', '.join(stacks)}: put "
            f"Pulumi.{name}.yaml into the clone, then `python -m sandbox down` and `up`"
        )
    clouds, account = LIVE.clouds(), stacks[name][0]
    values = variables(
        LIVE, prepared, clouds, state["passphrase"], account.id, http_proxy=http_proxy
    )
    return values | account_variables(LIVE, name, account)


def account_variables(workspace: Workspace, name: str, account: StackAccount) -> dict[str, str]:
    """What a stack's own accounts change: the region, and the file with its profiles."""
    return {
        "AWS_REGION": account.region,
        "AWS_DEFAULT_REGION": account.region,
        "AWS_SHARED_CREDENTIALS_FILE": str(profiles_file(workspace, name)),
    }


def profiles_file(workspace: Workspace, name: str) -> Path:
    """The credentials file of one stack."""
    return workspace.folder / f"credentials-{name}"


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
