"""The state, the program and both clouds side by side, and the steps that make them agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from access.recovery import steps
from access.recovery.apps import AppChoice
from access.recovery.clouds import Clouds
from access.recovery.engine import Engine, EngineError
from access.recovery.plan import Plan, Planned
from access.recovery.steps import Step
from settings import Settings, SettingsError

IN_STATE, ONLY_IN_CLOUD = "in the state", "only in a cloud"
MISSING, GONE = "missing", "in the state but gone"


@dataclass(frozen=True)
class Resource:
    """One resource of the program."""

    status: str
    type: str
    name: str
    id: str | None


@dataclass(frozen=True)
class Status:
    """What a recovery sees before and after its steps."""

    resources: list[Resource]
    pending: list[str]
    """Operations that the state says were under way: `creating TYPE NAME`."""
    steps: list[Step]
    notes: list[str]
    """What a person has to decide."""

    def count(self, status: str) -> int:
        return sum(resource.status == status for resource in self.resources)


def read(engine: Engine, stack: Settings) -> Status:
    """Raises SettingsError if the state, the program or a cloud can't be read."""
    lock = engine.lock()
    first = [steps.unlock(engine, lock)] if lock else []
    try:
        deployment = engine.export()
    except EngineError as error:
        # `pulumi cancel` reads the state too, so it comes after.
        return Status([], [], [steps.restore(engine, error), *first], [])
    plan = engine.plan()
    try:
        return _compare(engine, deployment, plan, Clouds(stack), first)
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"AWS can't be read: {error}") from None


def import_file(engine: Engine, stack: Settings) -> dict[str, Any]:
    """For `pulumi import --file`: what the state lacks and a cloud holds; see `read`."""
    plan, clouds = engine.plan(), Clouds(stack)
    try:
        choices = clouds.choices(plan, ids_in(engine.export()))
        return plan.import_file(clouds.import_ids(plan, choices, clouds.adopted(plan)))
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"AWS can't be read: {error}") from None


def ids_in(deployment: Mapping[str, Any]) -> set[str]:
    """Ids of all resources of a state."""
    resources = deployment.get("resources") or ()
    return {str(each["id"]) for each in resources if each.get("id")}


def _compare(
    engine: Engine,
    deployment: Mapping[str, Any],
    plan: Plan,
    clouds: Clouds,
    first: list[Step],
) -> Status:
    urns = {e["urn"] for e in deployment.get("resources") or () if not e.get("delete")}
    known = ids_in(deployment)
    choices = clouds.choices(plan, known)
    ids = clouds.import_ids(plan, choices)
    keys = list(clouds.foreign_keys(plan, known))
    pending = [
        f"{each['type']} {each['resource']['type']} {each['resource']['urn'].rpartition('::')[2]}"
        for each in deployment.get("pending_operations") or ()
    ]
    gone = [each for each in plan.created if each.urn in urns]
    result = list(first)
    if pending or gone:
        result.append(steps.refresh(engine, pending, gone))
    if ids:
        result.append(steps.import_made(engine, plan, ids))
    result += [
        steps.delete_unused_app(clouds, choice, app)
        for choice in choices.values()
        for app in choice.unused
    ]
    result += [
        steps.delete_unused_key(account, clouds, key)
        for account, key in keys
        if key.last_used is None
    ]
    notes = [
        note for urn, choice in choices.items() for note in _notes(plan.resources[urn], choice)
    ]
    notes += [
        f"access key {key.id} of {key.user} is in no state and was last used "
        f"{key.last_used:%Y-%m-%d}: find out by whom, then `{steps.key_command(key)}`"
        for _, key in keys
        if key.last_used is not None
    ]
    resources = [_resource(each, ids, urns) for each in plan.resources.values() if each.provider]
    resources.sort(key=lambda each: (each.type, each.name))
    return Status(resources, pending, result, notes)


def _resource(planned: Planned, ids: Mapping[str, str], urns_in_state: set[str]) -> Resource:
    if planned.urn in ids:
        status = ONLY_IN_CLOUD
    elif planned.creates:
        status = GONE if planned.urn in urns_in_state else MISSING
    else:
        status = IN_STATE
    return Resource(status, planned.type, planned.name, ids.get(planned.urn))


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
