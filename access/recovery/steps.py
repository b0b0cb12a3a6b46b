"""The steps of a recovery: each as a person would type it, and what does it."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from access.recovery.apps import AppChoice, OktaApp, delete_app
from access.recovery.clouds import Clouds
from access.recovery.engine import NO_STACK, Engine, EngineError, Lock
from access.recovery.plan import Plan, Planned
from access.verification.access_keys import AccessKey
from settings import SettingsError


@dataclass(frozen=True)
class Step:
    """Something that has to be done before `pulumi up`."""

    command: str
    """As a person would type it."""
    reason: str
    run: Callable[[], object] = field(compare=False)

    def as_json(self) -> dict[str, str]:
        """For a program."""
        return {"command": self.command, "reason": self.reason}


def unlock(engine: Engine, lock: Lock) -> Step:
    """Raises SettingsError unless the owner is known to have ended."""
    if lock.has_ended is False:
        raise SettingsError(
            f"an update of stack {engine.stack} is running ({lock}): wait for its end"
        )
    command = f"pulumi cancel --stack {engine.stack} --yes"
    if lock.has_ended is None:
        raise SettingsError(
            f"stack {engine.stack} is locked from another machine ({lock}): make sure that the "
            f"update has ended there, then `{command}`"
        )
    reason = f"the owner of the lock ({lock}) has ended"
    return Step(command, reason, lambda: engine.run("cancel", "--yes"))


def restore(engine: Engine, error: EngineError) -> Step:
    """What makes a state file readable again that a kill has cut off. Raises `error` for others.

    The file backend writes the file's attributes before it puts the file in its place, and not
    in one go: an empty `.attrs` stops every command, while the state itself is whole.
    Source: gocloud.dev, blob/fileblob/attrs.go. A state file that is gone is left to a person: a
    stack that was renamed or removed leaves a `.bak`, too.
    """
    file = engine.state_file()
    if NO_STACK in str(error):
        raise _without_state(engine, file, error)
    if file is None:
        raise error
    attributes, backup = (file.with_name(f"{file.name}.{end}") for end in ("attrs", "bak"))
    if _is_json(file) and attributes.exists() and not _is_json(attributes):
        return Step(
            f"rm '{attributes}'",
            "its writing was cut off; the state file is whole, and the next update writes it again",
            lambda: attributes.unlink(missing_ok=True),
        )
    if _is_json(file) or not _is_json(backup):
        raise error
    content = backup.read_bytes()
    return Step(
        f"cp '{backup}' '{file}'",
        "the state file is empty or cut off; its backup is the state before the last change",
        lambda: file.write_bytes(content),
    )


def _without_state(engine: Engine, file: Path | None, error: EngineError) -> EngineError:
    backup = file.with_name(f"{file.name}.bak") if file else None
    if backup and _is_json(backup):
        fix = f"and the stack was not renamed or removed: `cp '{backup}' '{file}'`, then this again"
    else:
        fix = (
            f"`pulumi stack init {engine.stack}`, then this again: it imports what is in the clouds"
        )
    return EngineError(f"{error}; if its state was lost, {fix}")


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def refresh(engine: Engine, pending: Sequence[str], gone: Sequence[Planned]) -> Step:
    reasons = []
    if pending:
        reasons.append(f"operations under way: {len(pending)}")
    if gone:
        reasons.append(f"gone from a cloud: {', '.join(sorted(each.name for each in gone))}")
    arguments = ("refresh", "--clear-pending-creates", "--yes", "--skip-preview")
    return Step(
        f"pulumi {' '.join(arguments)} --stack {engine.stack}",
        "; ".join(reasons),
        lambda: engine.run(*arguments),
    )


def import_made(engine: Engine, plan: Plan, ids: Mapping[str, str]) -> Step:
    arguments = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false")

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "import.json"
            file.write_text(json.dumps(plan.import_file(ids)))
            engine.run("import", "--file", str(file), *arguments)

    names = ", ".join(sorted(plan.resources[urn].name for urn in ids))
    return Step(
        f"pulumi import --stack {engine.stack} --file import.json {' '.join(arguments)}",
        f"made and not recorded: {names}",
        run,
    )


def delete_unused_app(clouds: Clouds, choice: AppChoice, app: OktaApp) -> Step:
    ours = choice.ours.id if choice.ours else "none"
    return Step(
        f"in Okta: deactivate and delete app {app.id}",
        f"a second app of the label; nobody is assigned to it, and this stack's is {ours}",
        lambda: delete_app(clouds.org, app.id),
    )


def delete_unused_key(account: str, clouds: Clouds, key: AccessKey) -> Step:
    def run() -> None:
        clouds.account(account).iam.delete_access_key(UserName=key.user, AccessKeyId=key.id)

    reason = "an access key that no state holds and that was never used; its secret is lost"
    return Step(key_command(key), reason, run)


def key_command(key: AccessKey) -> str:
    return f"aws iam delete-access-key --user-name {key.user} --access-key-id {key.id}"
