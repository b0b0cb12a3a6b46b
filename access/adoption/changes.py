"""What the first update after an import changes, and what it leaves as it is, told beforehand.

`verify` compares what it knows of with the clouds; the rest, such as tags, is compared here.
"""

from collections.abc import Iterator, Mapping

from access.adoption.existing import AccountFacts, Federation
from access.adoption.remark import Remark
from access.adoption.users import Tags
from access.model import AccessModel
from access.verification.aws_state import tags_of
from access.verification.drift import UNMANAGED, Drift
from access.verification.run import run
from settings import Part, Settings

CREATED = "the update makes it"
NOT_MANAGED = "a stack file has no key for it, and no update touches it"
UNREAD = "Okta reads it in mode group-mapping alone, so nobody notices"
UNREAD_SETTINGS = {f"setting {key}" for key in ("roleValuePattern", "groupFilter", "appFilter")}
APP_DEFAULTS = {
    ("visibility", "autoSubmitToolbar"): False,
    ("visibility", "hide", "iOS"): False,
    ("visibility", "hide", "web"): False,
    ("accessibility", "selfService"): False,
    ("accessibility", "errorRedirectUrl"): None,
    ("accessibility", "loginRedirectUrl"): None,
    ("settings", "implicitAssignment"): False,
    ("settings", "notes", "admin"): None,
    ("settings", "notes", "enduser"): None,
}
"""Settings of an app that a stack has no key for -> what a deployment sends."""


def compare(federation: Federation, stack: Settings) -> tuple[list[Remark], list[Remark]]:
    """What the update changes, and what nobody manages. Raises SettingsError."""
    drifts = run(AccessModel(stack), Part.whole(stack)).deviations
    mapping = stack.uses_group_mapping
    changes = [_change(each, mapping=mapping) for each in drifts if each.mended_by != "person"]
    left = [_left(each) for each in drifts if each.mended_by == "person"]
    changes += [*_tags(federation, stack), *_metadata(federation, stack), *_app(federation)]
    changes += [*_rules(stack), *([] if mapping else _assignments(federation, stack))]
    return sorted(set(changes)), sorted(set(left))


def _left(drift: Drift) -> Remark:
    fix = NOT_MANAGED if drift.fix == UNMANAGED else drift.fix
    return Remark(_where(drift), f"{drift.what}: {drift.observed}", fix)


def _where(drift: Drift) -> str:
    return f"{drift.cloud}: {drift.where}"


def _change(drift: Drift, *, mapping: bool) -> Remark:
    expected, observed = drift.expected, drift.observed
    if drift.what == "trust policy" and expected == observed:
        return Remark(_where(drift), drift.what, "written in another form, which means the same")
    if expected == "to be there":
        return Remark(_where(drift), drift.what, CREATED)
    if drift.what == "assigned groups":
        reason = "each group of a stack is assigned to the app; it gives nobody a role"
        return Remark(_where(drift), f"assigned groups: {expected} is added", reason)
    unread = drift.what in UNREAD_SETTINGS and not mapping
    reason = UNREAD if unread else "a stack file has no key for it"
    return Remark(_where(drift), f"{drift.what}: {observed} -> {expected}", reason)


def _tags(federation: Federation, stack: Settings) -> Iterator[Remark]:
    for name, facts in federation.accounts.items():
        account_id = stack.accounts[name].id
        provider = f"AWS: SAML provider {federation.provider} in {account_id}"
        yield from _tag_changes(provider, facts.provider_tags, stack.tags)
        if facts.user and not stack.uses_group_mapping:
            yield from _user_tags(facts, account_id, stack.tags)
            if facts.user.policy_arn is None:
                policy = f"AWS: policy {stack.provisioning.policy} in {account_id}"
                yield Remark(policy, "policy", CREATED)
        for role, raw in facts.roles.items():
            if role in stack.roles and name in stack.accounts_of(role):
                expected = {**stack.tags, **stack.roles[role].tags}
                yield from _tag_changes(f"AWS: role {role} in {account_id}", tags_of(raw), expected)


def _user_tags(facts: AccountFacts, account_id: str, expected: Tags) -> Iterator[Remark]:
    if facts.user:
        where = f"AWS: user {facts.user.name} in {account_id}"
        yield from _tag_changes(where, facts.user.tags, expected)
        if arn := facts.user.policy_arn:
            yield from _tag_changes(f"AWS: policy {arn}", tags_of(facts.policies[arn]), expected)


def _tag_changes(where: str, observed: Tags, expected: Tags) -> Iterator[Remark]:
    lost = sorted(observed.items() - expected.items())
    if lost:
        shown = ", ".join(f"{key}={value}" for key, value in lost)
        reason = "section tags is for everything in AWS, and not all has these"
        yield Remark(where, f"tags taken away: {shown}", reason)


def _metadata(federation: Federation, stack: Settings) -> Iterator[Remark]:
    served = federation.app.metadata
    for name, facts in federation.accounts.items():
        if served and "".join(facts.metadata.split()) != "".join(served.split()):
            where = f"AWS: SAML provider {federation.provider} in {stack.accounts[name].id}"
            yield Remark(where, "metadata", "AWS gets what Okta serves now")


def _app(federation: Federation) -> Iterator[Remark]:
    where = f"Okta: app {federation.app.app['label']}"
    for path, expected in APP_DEFAULTS.items():
        observed: object = federation.app.app
        for part in path:
            observed = observed.get(part) if isinstance(observed, Mapping) else None
        if (observed or None) != (expected or None):
            what = f"{'.'.join(path)}: {observed} -> {expected or 'not set'}"
            yield Remark(where, what, "a stack file has no key for it")


def _rules(stack: Settings) -> Iterator[Remark]:
    for name, group in stack.groups.items():
        if group.rule and not stack.uses_group_mapping:
            what = "removeAssignedUsers: not set -> true"
            reason = "Okta does not store it: people will leave the group when the rule is deleted"
            yield Remark(f"Okta: rule of group {name}", what, reason)


def _assignments(federation: Federation, stack: Settings) -> Iterator[Remark]:
    for name in sorted(stack.prioritized_groups & federation.app.assignments.keys()):
        observed, expected = federation.app.assignments[name].priority, stack.priorities[name]
        if observed != expected:
            what = f"priority: {observed} -> {expected}"
            reason = "the order stays; Okta is sent 1, 2, 3 and so on"
            yield Remark(f"Okta: group {name}", what, reason)
