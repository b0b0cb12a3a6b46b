"""An org held against the stack file: the app, who has it with which roles, who is in groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from access.matrix import ended_memberships
from access.model import AccessModel
from access.verification.drift import NEXT_UPDATE, REPAIR, UNMANAGED, Drift, join_words
from access.verification.okta_state import PROVISIONS, AppState, Group, OrgState
from okta_aws_federation import okta_app
from okta_aws_federation.group_names import parse_group_name
from settings import Settings

OVERRIDES = ("audienceOverride", "destinationOverride", "recipientOverride", "ssoAcsUrlOverride")
"""Settings of `signOn` that send the assertion elsewhere, or to somebody else. Pulumi's provider
shows no difference in them."""
OPTIONAL = frozenset({"overrideAcsURL", "webSSOAllowedClient"})
"""Settings of the app that a stack may leave out, and that then must not be there."""


def deviations(model: AccessModel, state: OrgState) -> Iterator[Drift]:
    """What is not as the stack file says."""
    stack = model.stack
    if state.app is None:
        where = f"app {stack.app.label}"
        yield Drift("Okta", where, "app", "to be there", "no amazon_aws app of that label")
    else:
        yield from _app(stack, state.app)
        yield from _assignments(stack, state.app)
        yield from _further_apps(stack, state)
    yield from _role_groups(stack, state)
    yield from _people(stack, state)
    ended = _ended(model)
    for name, group in expected_groups(stack).items():
        yield from _group(name, group, state.groups.get(name), ended.get(name, {}))


def _further_apps(stack: Settings, state: OrgState) -> Iterator[Drift]:
    ours = state.app.app["id"] if state.app else "none"
    fix = "`python -m access recover` deletes it if nobody is assigned to it"
    for identifier in state.further_apps:
        yield Drift("Okta", f"app {stack.app.label}", "apps of its label", ours, identifier, fix)


def _role_groups(stack: Settings, state: OrgState) -> Iterator[Drift]:
    """Mode group-mapping: groups by whose names Okta opens a role of the file too, to whoever is in
    them and has the app."""
    if not stack.uses_group_mapping:
        return
    known, sources = expected_groups(stack).keys(), stack.app.group_sources
    roles = {
        (stack.accounts[each.account].id, each.role.lower()): each.role
        for each in stack.account_roles.values()
    }
    for name, kind in sorted(state.group_types.items()):
        counts = sources - {"okta"} if kind == "APP_GROUP" else sources & {"okta"}
        read = parse_group_name(stack.app.group_filter, name) if counts else None
        role = roles.get((read[0], read[1].lower())) if read else None
        if role and name not in known:
            observed = f"its name opens {role}"
            yield Drift("Okta", f"group {name}", "name", "of no role", observed, UNMANAGED)


def _people(stack: Settings, state: OrgState) -> Iterator[Drift]:
    """What the file says of the people whom the stack makes: rules and session tags read it."""
    profiles = {
        login.lower(): profile
        for group in state.groups.values()
        for login, profile in group.people.items()
    }
    for login, person in stack.people.items():
        profile = profiles.get(login.lower())
        values = person.model_dump(by_alias=True, exclude_none=True) if profile else {}
        for key, expected in values.items():
            if profile and (observed := profile.get(key)) != expected:
                yield Drift("Okta", f"person {login}", key, expected, observed or "none")


def expected_groups(stack: Settings) -> Mapping[str, tuple[frozenset[str], str | None, bool]]:
    """Okta group -> its people, its rule, and whether others may be in it."""
    result = {
        name: (frozenset(stack.members(name)), group.rule, not group.is_managed)
        for name, group in stack.groups.items()
    }
    result |= {
        name: (frozenset(group.members), group.rule, False)
        for name, group in stack.role_groups.items()
    }
    return result


def expected_app_settings(stack: Settings) -> Mapping[str, Any]:
    """`settings.app` as a deployment of the stack file writes it."""
    app, account = stack.app, stack.accounts[min(stack.accounts)]
    return okta_app.app_settings(
        provider_arn=account.saml_provider_arn(app.provider),
        environment=app.environment or stack.partition.okta_environment,
        login_url=app.login_url or stack.partition.console,
        session_hours=app.session_hours,
        acs_url=stack.partition.acs_url(app.sign_in_region),
        join_all_roles=app.join_all_roles,
        group_filter=app.group_filter if stack.uses_group_mapping else None,
        role_path=stack.role_path if stack.uses_group_mapping else "/",
        app_filter=app.app_filter,
        allowed_client=app.web_sso_allowed_client,
    )


def _app(stack: Settings, state: AppState) -> Iterator[Drift]:
    app, where = state.app, f"app {stack.app.label}"
    sign_on = app["settings"]["signOn"]
    sent = [
        # An attribute of the person's groups has a filter instead of values.
        (each["name"], each.get("values") or [each["filterType"], each["filterValue"]])
        for each in sign_on["attributeStatements"]
    ]
    identity = stack.app.source_identity
    statements = okta_app.attribute_expressions(
        stack.app.session_tags, identity.value if identity else None, stack.app.transitive_tags
    )
    template = app["credentials"]["userNameTemplate"]["template"]
    login = "${source.login}"
    for what, ours, theirs in (
        ("label", stack.app.label, app["label"]),
        ("status", "ACTIVE" if stack.app.active else "INACTIVE", app["status"]),
        ("sign-on mode", "SAML_2_0", app["signOnMode"]),
        ("application username format", stack.app.user_name_template or login, template),
        ("attributes", _attributes(statements.items()), _attributes(sent)),
        ("implicit assignment", False, bool(app["settings"].get("implicitAssignment"))),
        ("self service", False, bool((app.get("accessibility") or {}).get("selfService"))),
    ):
        if ours != theirs:
            yield Drift("Okta", where, what, str(ours), str(theirs))
    settings = expected_app_settings(stack)
    result = app["settings"]["app"]
    unset = OPTIONAL
    if native := stack.app.command_line:
        # Its client id is not known before it is there.
        unset = OPTIONAL - {"webSSOAllowedClient"}
        if state.client_label != native.label:
            observed = state.client_label or "none"
            yield Drift("Okta", where, "setting webSSOAllowedClient", native.label, observed)
    for key in sorted(settings.keys() | unset):
        expected, observed = settings.get(key), result.get(key)
        if observed != expected and (expected or observed):
            shown = "not set" if expected is None else str(expected)
            yield Drift("Okta", where, f"setting {key}", shown, str(observed or "not set"))
    for key in OVERRIDES:
        if value := sign_on.get(key):
            fix = "clear it in Okta: Pulumi shows no difference in it"
            yield Drift("Okta", where, f"setting {key}", "not set", value, fix)
    yield from _by_hand(stack, state)
    yield from _sign_on_policy(stack, state)


def _attributes(pairs: Iterable[tuple[str, Sequence[str]]]) -> str:
    return "; ".join(f"{name} = {', '.join(values)}" for name, values in sorted(pairs)) or "none"


def _by_hand(stack: Settings, state: AppState) -> Iterator[Drift]:
    """What no API sets: the Provisioning tab, and whether roles are combined."""
    where = f"app {stack.app.label}"
    features = state.app["features"]
    if stack.uses_group_mapping:
        return
    if stack.assignments_enabled and PROVISIONS not in features:
        fix = "do the Provisioning tab in Okta's Admin Console"
        yield Drift("Okta", where, "features", PROVISIONS, join_words(features), fix)
    if state.combines_roles != stack.app.combine_roles:
        fix = "set it for samlRoles in Okta's Profile Editor, or app.combineRoles in the stack file"
        expected, observed = str(stack.app.combine_roles), str(state.combines_roles)
        yield Drift("Okta", where, "combines roles of groups", expected, observed, fix)


def _sign_on_policy(stack: Settings, state: AppState) -> Iterator[Drift]:
    where = f"app {stack.app.label}"
    identifier = stack.app.sign_on_policy_id
    if identifier is not None and state.policy_id != identifier:
        yield Drift("Okta", where, "sign-on policy", identifier, state.policy_id or "none")
    policy = stack.app.sign_on_policy
    if policy is not None and state.policy != policy.name:
        yield Drift("Okta", where, "sign-on policy", policy.name, state.policy or "none")
    elif policy is not None and (observed := _rule(state.policy_rule)) != (
        expected
        := f"2FA every {okta_app.iso8601_duration(policy.reauthenticate_hours)} for everybody"
    ):
        yield Drift("Okta", f"policy {policy.name}", "first rule", expected, observed)
    if identifier is None and policy is None and state.policy_is_default is False:
        expected, observed = "the org's default", f"{state.policy} ({state.policy_id})"
        fix = "name it in app.signOnPolicyId, or choose the default policy in Okta"
        yield Drift("Okta", where, "sign-on policy", expected, observed, fix)
    client_policy = state.client_policy_id
    if (identifier or policy) and client_policy and client_policy != state.policy_id:
        where = f"app {stack.app.command_line.label if stack.app.command_line else 'of the client'}"
        expected = f"that of {stack.app.label}, {state.policy_id or 'none'}"
        fix = REPAIR if stack.app.command_line else "give both apps one policy in Okta"
        yield Drift("Okta", where, "sign-on policy", expected, client_policy, fix)


def _rule(rule: Mapping[str, Any] | None) -> str:
    """What a rule of a sign-on policy asks, in words."""
    if rule is None:
        return "none"
    sign_on = rule["actions"]["appSignOn"]
    method = sign_on.get("verificationMethod") or {}
    if sign_on["access"] != "ALLOW":
        return f"{rule['name']}: {sign_on['access']}"
    asked = f"{method.get('factorMode')} every {method.get('reauthenticateIn')}"
    return f"{asked} for {'some' if _limits(rule.get('conditions')) else 'everybody'}"


def _limits(condition: Any) -> bool:
    """Whether a part of a rule's conditions leaves somebody out; Okta shows what doesn't, too."""
    if isinstance(condition, Mapping | list):
        parts = condition.values() if isinstance(condition, Mapping) else condition
        return any(map(_limits, parts))
    return bool(condition) and condition not in ("ANYWHERE", "ANY")


def _assignments(stack: Settings, state: AppState) -> Iterator[Drift]:
    where = f"app {stack.app.label}"
    expected = stack.groups if stack.assignments_enabled else {}
    for name in sorted(state.assignments.keys() - expected.keys()):
        assigned = f"{name} with roles: {join_words(state.assignments[name].roles)}"
        yield Drift("Okta", where, "assigned groups", "none of that", assigned, UNMANAGED)
    for login in sorted(state.direct):
        yield Drift("Okta", where, "assigned people", "none directly", login, UNMANAGED)
    ours = sorted(stack.prioritized_groups & expected.keys() & state.assignments.keys())
    order = sorted(ours, key=stack.priorities.__getitem__)
    observed = sorted(ours, key=lambda name: state.assignments[name].priority)
    if order != observed:
        yield Drift("Okta", where, "priority of groups", ", ".join(order), ", ".join(observed))
    for name, group in expected.items():
        result = state.assignments.get(name)
        if result is None:
            yield Drift("Okta", where, "assigned groups", name, "it not assigned")
        elif not stack.uses_group_mapping and sorted(result.roles) != sorted(group.roles):
            shown = join_words(group.roles), join_words(result.roles)
            yield Drift("Okta", f"group {name}", "samlRoles", *shown)


def _ended(model: AccessModel) -> Mapping[str, Mapping[str, str]]:
    """Group -> login in lower case -> the last day of a membership that has ended."""
    role_groups = model.stack.role_groups.items()
    result: dict[str, dict[str, str]] = defaultdict(dict)
    for each in ended_memberships(model):
        filled = [name for name, group in role_groups if each.group in group.source_groups]
        for name in (each.group, *filled):
            result[name][each.login.lower()] = str(each.last_day)
    return result


def _group(
    name: str,
    expected: tuple[frozenset[str], str | None, bool],
    result: Group | None,
    ended: Mapping[str, str],
) -> Iterator[Drift]:
    """`ended`: login in lower case -> the last day of a membership that has ended."""
    people, rule, others = expected
    where = f"group {name}"
    if result is None:
        yield Drift("Okta", where, "group", "to be there", "no group of that name")
        return
    # Okta tells no case apart in logins.
    there = {login.lower() for login in result.people}
    named = {login.lower() for login in people}
    for login in sorted(login for login in people if login.lower() not in there):
        yield Drift("Okta", where, "people", login, "them not in it")
    for login in sorted(login for login in result.people if login.lower() not in named):
        if last := ended.get(login.lower()):
            observed = f"{login}, still a member until the next update"
            yield Drift("Okta", where, "people", f"ended on {last}", observed, NEXT_UPDATE)
        elif rule is None and not others:
            yield Drift("Okta", where, "people", "nobody else", login, UNMANAGED)
    if others:
        return
    if rule is not None and rule not in result.rules.values():
        yield Drift("Okta", where, "rule", rule, join_words(result.rules.values()))
    for stranger, expression in sorted(result.rules.items()):
        if expression != rule:
            observed = f"{stranger}: {expression}"
            yield Drift("Okta", where, "rules", "none of that", observed, UNMANAGED)
