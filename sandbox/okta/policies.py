"""App sign-on policies of the Identity Engine: `/api/v1/policies?type=ACCESS_POLICY`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta import identifiers
from sandbox.okta.bodies import json_object, part, text
from sandbox.okta.errors import OktaError, forbidden, invalid, not_found
from sandbox.okta.models import Policy, PolicyRule
from sandbox.okta.org import Org, org_of, timestamp
from sandbox.okta.paging import page

KIND = "ACCESS_POLICY"
LAST = 99
"""The priority of every policy's catch-all rule."""

ONE_FACTOR = {
    "appSignOn": {
        "access": "ALLOW",
        "verificationMethod": {
            "type": "ASSURANCE",
            "factorMode": "1FA",
            "reauthenticateIn": "PT12H",
            "constraints": [{"knowledge": {"types": ["password"]}}],
        },
    }
}


def new(
    org: Org, name: str, description: str, *, priority: int = 1, system: bool = False
) -> Policy:
    """Add a policy with its catch-all rule, which asks for a password."""
    now = org.clock()
    policy = Policy(
        id=identifiers.new(identifiers.POLICY),
        serial=org.serial(),
        name=name,
        description=description,
        priority=priority,
        created=now,
        last_updated=now,
        system=system,
    )
    catch_all = PolicyRule(
        id=identifiers.new(identifiers.RULE),
        serial=org.serial(),
        name="Catch-all Rule",
        priority=LAST,
        conditions=None,
        actions=ONE_FACTOR,
        created=now,
        last_updated=now,
        system=True,
    )
    policy.rules[catch_all.id] = catch_all
    org.policies[policy.id] = policy
    return policy


def body(org: Org, policy: Policy) -> dict[str, Any]:
    here = f"{org.url}/api/v1/policies/{policy.id}"
    return {
        "id": policy.id,
        "status": "ACTIVE",
        "name": policy.name,
        "description": policy.description,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": None,
        "created": timestamp(policy.created),
        "lastUpdated": timestamp(policy.last_updated),
        "type": KIND,
        "_links": {"self": {"href": here}, "rules": {"href": f"{here}/rules"}},
    }


def rule_body(org: Org, policy: Policy, rule: PolicyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "status": rule.status,
        "name": rule.name,
        "priority": rule.priority,
        "created": timestamp(rule.created),
        "lastUpdated": timestamp(rule.last_updated),
        "system": rule.system,
        "conditions": rule.conditions,
        "actions": rule.actions,
        "type": KIND,
        "_links": {"self": {"href": f"{org.url}/api/v1/policies/{policy.id}/rules/{rule.id}"}},
    }


async def search(request: Request) -> Response:
    org = org_of(request)
    kind = request.query_params.get("type", "")
    _refuse_kind(org, kind)
    return page(request, org.policies.values(), lambda policy: body(org, policy))


async def create(request: Request) -> Response:
    org = org_of(request)
    payload = await json_object(request)
    _refuse_kind(org, text(payload, "type"))
    name = text(payload, "name")
    _refuse_name(org, name)
    policy = new(org, name, text(payload, "description", ""), priority=_priority(payload, 1))
    return JSONResponse(body(org, policy))


async def read(request: Request) -> Response:
    org, policy = _policy(request)
    return JSONResponse(body(org, policy))


async def update(request: Request) -> Response:
    org, policy = _policy(request)
    payload = await json_object(request)
    name = text(payload, "name")
    if name != policy.name:
        _refuse_name(org, name)
    policy.name = name
    policy.description = text(payload, "description", "")
    policy.priority = _priority(payload, policy.priority)
    policy.last_updated = org.clock()
    return JSONResponse(body(org, policy))


async def delete(request: Request) -> Response:
    """A system policy stays, and so does one that an app uses."""
    org, policy = _policy(request)
    if policy.system:
        raise forbidden()
    if any(app.policy_id == policy.id for app in org.apps.values()):
        raise OktaError(400, "E0000001", "Api validation failed: policy", "policy: an app uses it")
    del org.policies[policy.id]
    return Response(status_code=204)


async def attach(request: Request) -> Response:
    """`PUT /api/v1/apps/{app}/policies/{policy}`: 204 without a body."""
    org, policy = _policy(request)
    org.app(request.path_params["app"]).policy_id = policy.id
    return Response(status_code=204)


async def rules(request: Request) -> Response:
    org, policy = _policy(request)
    return page(request, policy.rules.values(), lambda rule: rule_body(org, policy, rule))


async def create_rule(request: Request) -> Response:
    org, policy = _policy(request)
    payload = await json_object(request)
    now = org.clock()
    rule = PolicyRule(
        id=identifiers.new(identifiers.RULE),
        serial=org.serial(),
        name=text(payload, "name"),
        priority=_priority(payload, len(policy.rules) - 1),
        conditions=part(payload, "conditions") or None,
        actions=_actions(payload),
        created=now,
        last_updated=now,
    )
    policy.rules[rule.id] = rule
    return JSONResponse(rule_body(org, policy, rule))


async def read_rule(request: Request) -> Response:
    org, policy = _policy(request)
    return JSONResponse(rule_body(org, policy, _rule(request, policy)))


async def update_rule(request: Request) -> Response:
    org, policy = _policy(request)
    rule = _rule(request, policy)
    payload = await json_object(request)
    rule.actions = _actions(payload)
    if not rule.system:
        rule.name = text(payload, "name")
        rule.priority = _priority(payload, rule.priority)
        rule.conditions = part(payload, "conditions") or None
    rule.last_updated = org.clock()
    return JSONResponse(rule_body(org, policy, rule))


async def delete_rule(request: Request) -> Response:
    _, policy = _policy(request)
    rule = _rule(request, policy)
    if rule.system:
        raise forbidden()
    del policy.rules[rule.id]
    return Response(status_code=204)


def _policy(request: Request) -> tuple[Org, Policy]:
    org = org_of(request)
    return org, org.policy(request.path_params["policy"])


def _rule(request: Request, policy: Policy) -> PolicyRule:
    rule_id = request.path_params["rule"]
    if rule_id not in policy.rules:
        raise not_found(rule_id, "PolicyRule")
    return policy.rules[rule_id]


def _refuse_kind(org: Org, kind: str) -> None:
    """The classic engine has no such policies, and this sandbox has no others."""
    if kind != KIND or org.switches.pipeline == "classic":
        raise invalid("type", f"type: Invalid policy type specified: '{kind}'")


def _refuse_name(org: Org, name: str) -> None:
    if any(policy.name == name for policy in org.policies.values()):
        raise invalid("name", f"name: a policy named '{name}' exists already")


def _priority(payload: dict[str, Any], default: int) -> int:
    priority = payload.get("priority")
    if priority is None:
        return default
    if not isinstance(priority, int) or isinstance(priority, bool) or priority < 0:
        raise invalid("priority", f"priority: must be a number from 0, not {priority!r}")
    return priority


def _actions(payload: dict[str, Any]) -> dict[str, Any]:
    sign_on = part(part(payload, "actions"), "appSignOn")
    if sign_on.get("access") not in ("ALLOW", "DENY"):
        raise invalid("actions", "appSignOn: access must be ALLOW or DENY")
    return {"appSignOn": sign_on}


_ONE = "/api/v1/policies/{policy}"
_RULE = f"{_ONE}/rules/{{rule}}"
ROUTES = [
    Route("/api/v1/policies", search, methods=["GET"]),
    Route("/api/v1/policies", create, methods=["POST"]),
    Route(_ONE, read, methods=["GET"]),
    Route(_ONE, update, methods=["PUT"]),
    Route(_ONE, delete, methods=["DELETE"]),
    Route(f"{_ONE}/rules", rules, methods=["GET"]),
    Route(f"{_ONE}/rules", create_rule, methods=["POST"]),
    Route(_RULE, read_rule, methods=["GET"]),
    Route(_RULE, update_rule, methods=["PUT"]),
    Route(_RULE, delete_rule, methods=["DELETE"]),
    Route("/api/v1/apps/{app}/policies/{policy}", attach, methods=["PUT"]),
]
