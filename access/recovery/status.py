"""The state, the program and both clouds side by side, and the steps that make them agree."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from access.live_policies import session_in
from access.recovery import identifiers
from access.recovery.duplicates import (
    APP_TYPES,
    COMMAND_LINE,
    AppChoice,
    ForeignKey,
    apps_of_label,
    choose_app,
    delete_app,
    delete_key,
    foreign_keys,
)
from access.recovery.engine import Engine, EngineError, Lock
from access.recovery.plan import Plan, Planned
from access.verification.okta import Org
from settings import Settings, SettingsError

ACCESS_KEY = "aws:iam/accessKey:AccessKey"
IN_STATE, ONLY_IN_CLOUD = "in the state", "only in a cloud"
MISSING, GONE = "missing", "in the state but gone"


@dataclass(frozen=True)
class Thing:
    """One resource of the program."""

    status: str
    type: str
    name: str
    id: str | None


@dataclass(frozen=True)
class Step:
    """Something that has to be done before `pulumi up`."""

    command: str
    """As a person would type it."""
    reason: str
    run: Callable[[], None] = field(compare=False)


@dataclass(frozen=True)
class Status:
    """What a recovery has found."""

    things: list[Thing]
    pending: list[str]
    """Operations that the state says were under way: `creating TYPE NAME`."""
    steps: list[Step]
    notes: list[str]
    """What a person has to decide."""

    def count(self, status: str) -> int:
        return sum(thing.status == status for thing in self.things)


class Clouds:
    """The clients of one recovery, each made when it is needed."""

    def __init__(self, stack: Settings) -> None:
        self._accounts = {account.id: account for account in stack.accounts.values()}
        self._sessions: dict[str, boto3.Session] = {}
        self.provider_arns = {
            account.saml_provider_arn(stack.app.provider) for account in stack.accounts.values()
        }

    @cached_property
    def org(self) -> Org:
        return Org()

    def account(self, account_id: str) -> boto3.Session:
        if account_id not in self._sessions:
            self._sessions[account_id] = session_in(self._accounts[account_id])
        return self._sessions[account_id]


def read(engine: Engine, stack: Settings) -> Status:
    """Raises SettingsError if the state, the program or a cloud can't be read."""
    lock_steps = list(_unlock(engine))
    try:
        deployment = engine.export()
    except EngineError as error:
        return Status([], [], [*lock_steps, _restore(engine, error)], [])
    plan, clouds = engine.plan(), Clouds(stack)
    try:
        return _compare(engine, deployment, plan, clouds, lock_steps)
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"AWS can't be read: {error}") from None


def _compare(
    engine: Engine,
    deployment: Mapping[str, Any],
    plan: Plan,
    clouds: Clouds,
    lock_steps: list[Step],
) -> Status:
    recorded = deployment.get("resources") or []
    ids_in_state = {str(each["id"]) for each in recorded if each.get("id")}
    urns_in_state = {each["urn"] for each in recorded if not each.get("delete")}
    choices = {
        each.urn: _choose(clouds, each, ids_in_state, clouds.provider_arns)
        for each in plan.of_type(*APP_TYPES)
    }
    keys = list(_foreign_keys(plan, clouds, ids_in_state))
    ids = {
        planned.urn: identifier
        for planned in plan.created
        if (identifier := _look_up(planned, plan, clouds, choices)) is not None
    }
    gone = [each for each in plan.created if each.urn in urns_in_state]
    pending = [
        f"{each['type']} {each['resource']['type']} {each['resource']['urn'].rpartition('::')[2]}"
        for each in deployment.get("pending_operations") or ()
    ]
    steps = list(lock_steps)
    if pending or gone:
        steps.append(_refresh(engine, pending, gone))
    if ids:
        steps.append(_import(engine, plan, ids))
    steps += [
        _delete_app(clouds, choice, app) for choice in choices.values() for app in choice.unused
    ]
    steps += [_delete_key(account, clouds, key) for account, key in keys if key.last_used is None]
    notes = [
        note for urn, choice in choices.items() for note in _notes(plan.resources[urn], choice)
    ]
    notes += [
        f"access key {key.id} of {key.user} is in no state and was last used "
        f"{key.last_used:%Y-%m-%d}: find out by whom, then `{_key_command(key)}`"
        for _, key in keys
        if key.last_used is not None
    ]
    things = [_thing(each, ids, urns_in_state) for each in plan.resources.values() if each.provider]
    return Status(things, pending, steps, notes)


def _thing(planned: Planned, ids: Mapping[str, str], urns_in_state: set[str]) -> Thing:
    if planned.urn in ids:
        status = ONLY_IN_CLOUD
    elif planned.creates:
        status = GONE if planned.urn in urns_in_state else MISSING
    else:
        status = IN_STATE
    return Thing(status, planned.type, planned.name, ids.get(planned.urn))


def _choose(
    clouds: Clouds, planned: Planned, ids_in_state: set[str], provider_arns: set[str]
) -> AppChoice:
    kind = APP_TYPES[planned.type]
    apps = apps_of_label(clouds.org, kind, planned.text("label"))
    # A native app names no SAML provider before the AWS app lets it in.
    return choose_app(apps, ids_in_state, provider_arns | ({""} if kind == COMMAND_LINE else set()))


def _look_up(
    planned: Planned, plan: Plan, clouds: Clouds, choices: Mapping[str, AppChoice]
) -> str | None:
    """The import id of something that the state lacks and a cloud holds."""
    if planned.urn in choices:
        ours = choices[planned.urn].ours
        return ours.id if ours else None
    if planned.type in identifiers.OKTA:
        return identifiers.OKTA[planned.type](clouds.org, planned)
    account = plan.account_of(planned)
    if planned.type in identifiers.AWS and account is not None:
        return identifiers.AWS[planned.type](clouds.account(account), planned)
    return None


def _foreign_keys(
    plan: Plan, clouds: Clouds, ids_in_state: set[str]
) -> Iterator[tuple[str, ForeignKey]]:
    users = {(plan.account_of(each), each.text("user")) for each in plan.of_type(ACCESS_KEY)}
    for account, user in sorted((account, user) for account, user in users if account and user):
        for key in foreign_keys(clouds.account(account), user, ids_in_state):
            yield account, key


def _notes(planned: Planned, choice: AppChoice) -> Iterator[str]:
    label = planned.text("label")
    for app in choice.in_use:
        ours = choice.ours.id if choice.ours else "none"
        yield (
            f"Okta app {app.id} has the label {label!r} too, and people are assigned to it; "
            f"this stack's is {ours}: move them, then delete {app.id} in Okta"
        )
    for app in choice.of_others:
        yield (
            f"Okta app {app.id} has the label {label!r} and is another stack's "
            f"({app.provider_arn or 'no SAML provider'}): give one of the two another app.label"
        )


def _unlock(engine: Engine) -> Iterator[Step]:
    lock = engine.lock()
    if lock is not None:
        yield unlock_step(engine, lock)


def unlock_step(engine: Engine, lock: Lock) -> Step:
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
    return Step(
        command,
        f"the owner of the lock ({lock}) has ended",
        lambda: _ignore(engine.run("cancel", "--yes")),
    )


def _restore(engine: Engine, error: EngineError) -> Step:
    """Put the previous checkpoint back in place of one that was cut off. Raises `error`."""
    file = engine.state_file()
    backup = file.with_name(f"{file.name}.bak") if file else None
    if file is None or backup is None or _is_json(file) or not _is_json(backup):
        raise error
    content = backup.read_bytes()
    return Step(
        f"cp '{backup}' '{file}'",
        "the state file is empty or cut off; its backup is the state before the last change",
        lambda: _ignore(file.write_bytes(content)),
    )


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return True


def _refresh(engine: Engine, pending: list[str], gone: list[Planned]) -> Step:
    reasons = []
    if pending:
        reasons.append(f"{len(pending)} operations were under way")
    if gone:
        reasons.append(f"gone from a cloud: {', '.join(each.name for each in gone)}")
    arguments = ("refresh", "--clear-pending-creates", "--yes", "--skip-preview")
    return Step(
        f"pulumi {' '.join(arguments)} --stack {engine.stack}",
        "; ".join(reasons),
        lambda: _ignore(engine.run(*arguments)),
    )


def _import(engine: Engine, plan: Plan, ids: Mapping[str, str]) -> Step:
    arguments = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false")

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "import.json"
            file.write_text(json.dumps(plan.import_file(ids)))
            engine.run("import", "--file", str(file), *arguments)

    names = ", ".join(plan.resources[urn].name for urn in ids)
    return Step(
        f"pulumi import --stack {engine.stack} --file import.json {' '.join(arguments)}",
        f"made and not recorded: {names}",
        run,
    )


def _delete_app(clouds: Clouds, choice: AppChoice, app: Any) -> Step:
    ours = choice.ours.id if choice.ours else "none"
    return Step(
        f"in Okta: deactivate and delete app {app.id}",
        f"a second app of the label; nobody is assigned to it, and this stack's is {ours}",
        lambda: delete_app(clouds.org, app.id),
    )


def _delete_key(account: str, clouds: Clouds, key: ForeignKey) -> Step:
    return Step(
        _key_command(key),
        "an access key that no state holds and that was never used; its secret is lost",
        lambda: delete_key(clouds.account(account), key),
    )


def _key_command(key: ForeignKey) -> str:
    return f"aws iam delete-access-key --user-name {key.user} --access-key-id {key.id}"


def _ignore(_: object) -> None:
    """The engine has printed what it did; a step answers with nothing."""
