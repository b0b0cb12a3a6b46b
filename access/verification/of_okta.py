"""An org held against the stack file: the app, who has it with which roles, who is in groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import component_args
from access.estate import Estate
from access.verification.deviation import STRANGER, Deviation, listed
from access.verification.okta import AppState, Assignment, Group, OrgState
from components.app_settings import app_settings
from components.attribute_statements import attribute_statements
from settings import Settings


def deviations(estate: Estate, state: OrgState) -> Iterator[Deviation]:
    """What is not as the stack file says."""
    stack = estate.stack
    if state.app is None:
        where = f"app {stack.app.label}"
        yield Deviation("Okta", where, "app", "to be there", "no amazon_aws app of that label")
    else:
        yield from _app(stack, state.app)
        yield from _assignments(stack, state.app)
    for name, group in expected_groups(stack).items():
        yield from _group(name, group, state.groups.get(name))


def expected_groups(stack: Settings) -> Mapping[str, tuple[frozenset[str], str | None, bool]]:
    """Okta group -> its people, its rule, and whether others may be in it."""
    found = {
        name: (frozenset(stack.members(name)), group.rule, not group.is_managed)
        for name, group in stack.groups.items()
    }
    found |= {
        name: (frozenset(group.members), group.rule, False)
        for name, group in stack.role_groups.items()
    }
    return found


def _app(stack: Settings, state: AppState) -> Iterator[Deviation]:
    app, where = state.app, f"app {stack.app.label}"
    status = "ACTIVE" if stack.app.active else "INACTIVE"
    if app["status"] != status:
        yield Deviation("Okta", where, "status", status, app["status"])
    if app["signOnMode"] != "SAML_2_0":
        yield Deviation("Okta", where, "sign-on mode", "SAML_2_0", app["signOnMode"])
    # Of the providers, which only a deployment has, nothing is told to Okta.
    clouds = cast(Mapping[str, Any], dict.fromkeys(stack.accounts))
    said = component_args.app(stack, clouds)
    told = app_settings(said, stack.app.web_sso_allowed_client)
    found = app["settings"]["app"]
    for key in sorted(told):
        if found.get(key) != told[key]:
            yield Deviation("Okta", where, f"setting {key}", str(told[key]), str(found.get(key)))
    sent = {
        each["name"]: each["values"] for each in app["settings"]["signOn"]["attributeStatements"]
    }
    statements = attribute_statements(said.session_tags, said.source_identity)
    expected = {each.name: each.values for each in statements}
    if sent != expected:
        yield Deviation("Okta", where, "attributes", str(expected), str(sent))
    yield from _by_hand(stack, state)


def _by_hand(stack: Settings, state: AppState) -> Iterator[Deviation]:
    """What no API sets: the Provisioning tab, and whether roles are combined."""
    where = f"app {stack.app.label}"
    features = state.app["features"]
    if (
        not stack.uses_group_mapping
        and stack.assignments_enabled
        and "PUSH_NEW_USERS" not in features
    ):
        fix = "do the Provisioning tab in Okta's Admin Console"
        yield Deviation("Okta", where, "features", "PUSH_NEW_USERS", listed(features), fix)
    if not stack.uses_group_mapping and state.combines_roles != stack.app.combine_roles:
        fix = "set it for samlRoles in Okta's Profile Editor, or app.combineRoles in the stack file"
        expected, observed = str(stack.app.combine_roles), str(state.combines_roles)
        yield Deviation("Okta", where, "combines roles of groups", expected, observed, fix)
    policy = stack.app.sign_on_policy
    if policy is not None and state.policy != policy.name:
        yield Deviation("Okta", where, "sign-on policy", policy.name, state.policy or "none")


def _assignments(stack: Settings, state: AppState) -> Iterator[Deviation]:
    where = f"app {stack.app.label}"
    expected = {
        name: Assignment(
            stack.priorities[name],
            () if stack.uses_group_mapping else tuple(sorted(group.roles)),
        )
        for name, group in stack.groups.items()
        if stack.assignments_enabled
    }
    for name in sorted(state.assignments.keys() - expected.keys()):
        roles = listed(state.assignments[name].roles)
        told = f"{name} with roles: {roles}"
        yield Deviation("Okta", where, "assigned groups", "none of that", told, STRANGER)
    for login in sorted(state.direct):
        yield Deviation("Okta", where, "assigned people", "none directly", login, STRANGER)
    for name, assignment in expected.items():
        found = state.assignments.get(name)
        if found is None:
            yield Deviation("Okta", where, "assigned groups", name, "it not assigned")
            continue
        if found.priority != assignment.priority:
            shown = f"{assignment.priority}", f"{found.priority}"
            yield Deviation("Okta", f"group {name}", "priority", *shown)
        if not stack.uses_group_mapping and sorted(found.roles) != list(assignment.roles):
            shown = listed(assignment.roles), listed(found.roles)
            yield Deviation("Okta", f"group {name}", "samlRoles", *shown)


def _group(
    name: str, expected: tuple[frozenset[str], str | None, bool], found: Group | None
) -> Iterator[Deviation]:
    people, rule, others = expected
    where = f"group {name}"
    if found is None:
        yield Deviation("Okta", where, "group", "to be there", "no group of that name")
        return
    for login in sorted(people - found.people):
        yield Deviation("Okta", where, "people", login, "them not in it")
    if others:
        return
    if rule is None:
        for login in sorted(found.people - people):
            yield Deviation("Okta", where, "people", "nobody else", login, STRANGER)
    elif rule not in found.rules.values():
        yield Deviation("Okta", where, "rule", rule, listed(list(found.rules.values())))
    for stranger in sorted(key for key, told in found.rules.items() if told != rule):
        told = f"{stranger}: {found.rules[stranger]}"
        yield Deviation("Okta", where, "rules", "none of that", told, STRANGER)
