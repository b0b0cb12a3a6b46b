"""Group rules: `/api/v1/groups/rules`. Who matches an expression is in the groups it names."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import expressions, identifiers, rule_grants
from sandbox.okta.bodies import json_object, part, text
from sandbox.okta.errors import OktaError, invalid
from sandbox.okta.models import GroupRule
from sandbox.okta.org import Org, org_of, timestamp
from sandbox.okta.paging import page


def body(rule: GroupRule) -> dict[str, Any]:
    return {
        "type": "group_rule",
        "id": rule.id,
        "status": rule.status,
        "name": rule.name,
        "created": timestamp(rule.created),
        "lastUpdated": timestamp(rule.last_updated),
        "conditions": {
            "people": {"users": {"exclude": rule.excluded_users}, "groups": {"exclude": []}},
            "expression": {"value": rule.expression, "type": "urn:okta:expression:1.0"},
        },
        "actions": {"assignUserToGroups": {"groupIds": rule.group_ids}},
    }


async def create(request: Request) -> Response:
    """A new rule is INACTIVE: it does nothing until it is activated."""
    org = org_of(request)
    payload = await json_object(request)
    now = org.clock()
    rule = GroupRule(
        id=identifiers.new(identifiers.GROUP_RULE),
        serial=org.serial(),
        created=now,
        last_updated=now,
        **_written(org, payload),
    )
    org.rules[rule.id] = rule
    return JSONResponse(body(rule))


async def read(request: Request) -> Response:
    return JSONResponse(body(org_of(request).rule(request.path_params["rule"])))


async def search(request: Request) -> Response:
    return page(request, org_of(request).rules.values(), body)


async def update(request: Request) -> Response:
    """Only an inactive rule can be changed, and never where it leads."""
    org = org_of(request)
    rule = org.rule(request.path_params["rule"])
    written = _written(org, await json_object(request))
    if rule.status == "ACTIVE":
        raise invalid("rule", "An active rule cannot be changed; deactivate it first.")
    if written["group_ids"] != rule.group_ids:
        raise invalid("actions", "groupIds: the groups of a rule cannot be changed")
    for name, value in written.items():
        setattr(rule, name, value)
    rule.last_updated = org.clock()
    return JSONResponse(body(rule))


async def delete(request: Request) -> Response:
    """`DELETE ?removeUsers=`: 202; with `true` the memberships that it made end too."""
    org = org_of(request)
    rule = org.rule(request.path_params["rule"])
    if rule.status == "ACTIVE":
        summary = "An active rule cannot be deleted; deactivate it first."
        raise OktaError(400, "E0000001", "Api validation failed: rule", summary)
    if request.query_params.get("removeUsers") == "true":
        rule_grants.withdraw(org, rule)
    del org.rules[rule.id]
    return Response(status_code=202)


async def activate(request: Request) -> Response:
    org = org_of(request)
    rule = org.rule(request.path_params["rule"])
    rule.status = "ACTIVE"
    rule_grants.refresh(org, rule, org.users.values())
    return Response(status_code=204)


async def deactivate(request: Request) -> Response:
    org_of(request).rule(request.path_params["rule"]).status = "INACTIVE"
    return Response(status_code=204)


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


_ONE = "/api/v1/groups/rules/{rule}"
ROUTES = [
    Route("/api/v1/groups/rules", search, methods=["GET"]),
    Route("/api/v1/groups/rules", create, methods=["POST"]),
    Route(_ONE, read, methods=["GET"]),
    Route(_ONE, update, methods=["PUT"]),
    Route(_ONE, delete, methods=["DELETE"]),
    Route(f"{_ONE}/lifecycle/activate", activate, methods=["POST"]),
    Route(f"{_ONE}/lifecycle/deactivate", deactivate, methods=["POST"]),
]
