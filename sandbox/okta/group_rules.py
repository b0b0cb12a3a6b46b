"""Group rules: `/api/v1/groups/rules`. Who matches an expression is in the groups it names."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import expressions, identifiers
from sandbox.okta.errors import OktaError, invalid
from sandbox.okta.expressions import Context
from sandbox.okta.models import GroupRule, User
from sandbox.okta.org import Org, record_body
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, part, text

_ONE = "/api/v1/groups/rules/{rule}"
ROUTES = Routes()


def body(rule: GroupRule) -> dict[str, Any]:
    return {
        **record_body(rule),
        "type": "group_rule",
        "status": rule.status,
        "name": rule.name,
        "conditions": {
            "people": {"users": {"exclude": rule.excluded_users}, "groups": {"exclude": []}},
            "expression": {"value": rule.expression, "type": "urn:okta:expression:1.0"},
        },
        "actions": {"assignUserToGroups": {"groupIds": rule.group_ids}},
    }


@ROUTES.on("POST", "/api/v1/groups/rules")
def create(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    """A new rule is INACTIVE: it does nothing until it is activated."""
    rule = GroupRule(**org.new_record(identifiers.GROUP_RULE), **_written(org, payload))
    org.rules[rule.id] = rule
    return body(rule)


@ROUTES.on("GET", _ONE)
def read(rule: GroupRule) -> dict[str, Any]:
    return body(rule)


@ROUTES.on("GET", "/api/v1/groups/rules")
def search(request: Request, org: Org) -> Response:
    return page(request, org.rules.values(), body)


@ROUTES.on("PUT", _ONE)
def update(org: Org, rule: GroupRule, payload: dict[str, Any]) -> dict[str, Any]:
    """Only an inactive rule can be changed, and never where it leads."""
    written = _written(org, payload)
    if rule.status == "ACTIVE":
        raise invalid("rule", "An active rule cannot be changed; deactivate it first.")
    if written["group_ids"] != rule.group_ids:
        raise invalid("actions", "groupIds: the groups of a rule cannot be changed")
    for name, value in written.items():
        setattr(rule, name, value)
    rule.last_updated = org.clock()
    return body(rule)


@ROUTES.on("DELETE", _ONE)
def delete(request: Request, org: Org, rule: GroupRule) -> Response:
    """202; with `?removeUsers=true` the memberships that it made end too."""
    if rule.status == "ACTIVE":
        summary = "An active rule cannot be deleted; deactivate it first."
        raise OktaError(400, "E0000001", "Api validation failed: rule", summary)
    if request.query_params.get("removeUsers") == "true":
        withdraw(org, rule)
    del org.rules[rule.id]
    return Response(status_code=202)


@ROUTES.on("POST", f"{_ONE}/lifecycle/activate")
def activate(org: Org, rule: GroupRule) -> None:
    rule.status = "ACTIVE"
    refresh(org, rule, org.users.values())


@ROUTES.on("POST", f"{_ONE}/lifecycle/deactivate")
def deactivate(rule: GroupRule) -> None:
    rule.status = "INACTIVE"


def _written(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    conditions = part(payload, "conditions")
    expression = text(part(conditions, "expression"), "value")
    try:
        expressions.parse(expression)
    except ValueError as error:
        raise invalid("expression", f"Invalid expression '{expression}': {error}") from None
    group_ids = part(part(payload, "actions"), "assignUserToGroups").get("groupIds")
    if not isinstance(group_ids, list) or not group_ids:
        raise invalid("groupIds", "groupIds: needs at least one group")
    for group_id in group_ids:
        if org.group(group_id).type != "OKTA_GROUP":
            raise invalid("groupIds", "groupIds: a rule can only assign people to Okta groups")
    excluded = part(part(conditions, "people"), "users").get("exclude") or []
    return {
        "name": text(payload, "name"),
        "expression": expression,
        "group_ids": group_ids,
        "excluded_users": excluded,
    }


def refresh_person(org: Org, user: User) -> None:
    """Hold one person, new or changed, against every rule."""
    for rule in org.rules.values():
        refresh(org, rule, [user])


def refresh(org: Org, rule: GroupRule, people: Iterable[User]) -> None:
    """Let people in whom an active rule matches, and out whom it let in and matches no more.

    A membership that was there before, by hand or by API, is nobody's to take away. An inactive
    rule changes nothing: Okta leaves the people that it let in where they are.
    """
    if rule.status != "ACTIVE":
        return
    condition = expressions.parse(rule.expression)
    groups = [org.groups[group_id] for group_id in rule.group_ids if group_id in org.groups]
    for user in people:
        matches = bool(condition(context_of(user))) and _reached(rule, user)
        for group in groups:
            if matches and user.id not in group.members:
                org.join(group, user)
                rule.granted.add((group.id, user.id))
            elif not matches and (group.id, user.id) in rule.granted:
                org.leave(group, user)
                rule.granted.discard((group.id, user.id))


def withdraw(org: Org, rule: GroupRule) -> None:
    """End every membership that this rule made."""
    for group_id, user_id in rule.granted:
        if group_id in org.groups and user_id in org.users:
            org.leave(org.groups[group_id], org.users[user_id])
    rule.granted.clear()


def context_of(user: User) -> Context:
    """What an expression can speak of: the person's profile and the names of their groups."""
    names = [group.name for group in user.groups.values()]
    return {"user": user.profile, "source": user.profile, "groups": names}


def _reached(rule: GroupRule, user: User) -> bool:
    return user.id not in rule.excluded_users and user.status not in ("STAGED", "DEPROVISIONED")
