"""App sign-on policies of the Identity Engine: `/api/v1/policies?type=ACCESS_POLICY`.

Of a policy's rules the first that fits decides what it asks of a person.
"""

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from sandbox.okta import identifiers
from sandbox.okta.errors import OktaError, forbidden, invalid
from sandbox.okta.models import App, Policy, PolicyRule, Session, User
from sandbox.okta.org import Org, lookup, record_body
from sandbox.okta.paging import page
from sandbox.okta.routing import Routes, part, text

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

_ONE = "/api/v1/policies/{policy}"
_RULE = f"{_ONE}/rules/{{rule_id}}"
ROUTES = Routes()

Decision = Literal["allow", "deny", "second factor"]


def new(
    org: Org, name: str, description: str, *, priority: int = 1, system: bool = False
) -> Policy:
    """Add a policy with its catch-all rule, which asks for a password."""
    policy = Policy(
        **org.new_record(identifiers.POLICY),
        name=name,
        description=description,
        priority=priority,
        system=system,
    )
    catch_all = PolicyRule(
        **org.new_record(identifiers.RULE),
        name="Catch-all Rule",
        priority=LAST,
        conditions=None,
        actions=ONE_FACTOR,
        system=True,
    )
    policy.rules[catch_all.id] = catch_all
    org.policies[policy.id] = policy
    return policy


def body(org: Org, policy: Policy) -> dict[str, Any]:
    here = f"{org.url}/api/v1/policies/{policy.id}"
    return {
        **record_body(policy),
        "status": "ACTIVE",
        "name": policy.name,
        "description": policy.description,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": None,
        "type": KIND,
        "_links": {"self": {"href": here}, "rules": {"href": f"{here}/rules"}},
    }


def rule_body(org: Org, policy: Policy, rule: PolicyRule) -> dict[str, Any]:
    return {
        **record_body(rule),
        "status": rule.status,
        "name": rule.name,
        "priority": rule.priority,
        "system": rule.system,
        "conditions": rule.conditions,
        "actions": rule.actions,
        "type": KIND,
        "_links": {"self": {"href": f"{org.url}/api/v1/policies/{policy.id}/rules/{rule.id}"}},
    }


@ROUTES.on("GET", "/api/v1/policies")
def search(request: Request, org: Org) -> Response:
    kind = request.query_params.get("type", "")
    _refuse_kind(org, kind)
    return page(request, org.policies.values(), lambda policy: body(org, policy))


@ROUTES.on("POST", "/api/v1/policies")
def create(org: Org, payload: dict[str, Any]) -> dict[str, Any]:
    _refuse_kind(org, text(payload, "type"))
    name = text(payload, "name")
    _refuse_name(org, name)
    policy = new(org, name, text(payload, "description", ""), priority=_priority(payload, 1))
    return body(org, policy)


@ROUTES.on("GET", _ONE)
def read(org: Org, policy: Policy) -> dict[str, Any]:
    return body(org, policy)


@ROUTES.on("PUT", _ONE)
def update(org: Org, policy: Policy, payload: dict[str, Any]) -> dict[str, Any]:
    name = text(payload, "name")
    if name != policy.name:
        _refuse_name(org, name)
    policy.name = name
    policy.description = text(payload, "description", "")
    policy.priority = _priority(payload, policy.priority)
    policy.last_updated = org.clock()
    return body(org, policy)


@ROUTES.on("DELETE", _ONE)
def delete(org: Org, policy: Policy) -> None:
    """A system policy stays, and so does one that an app uses."""
    if policy.system:
        raise forbidden()
    if any(app.policy_id == policy.id for app in org.apps.values()):
        raise OktaError(400, "E0000001", "Api validation failed: policy", "policy: an app uses it")
    del org.policies[policy.id]


@ROUTES.on("PUT", "/api/v1/apps/{app}/policies/{policy}")
def attach(app: App, policy: Policy) -> None:
    app.policy_id = policy.id


@ROUTES.on("GET", f"{_ONE}/rules")
def rules(request: Request, org: Org, policy: Policy) -> Response:
    return page(request, policy.rules.values(), lambda rule: rule_body(org, policy, rule))


@ROUTES.on("POST", f"{_ONE}/rules")
def create_rule(org: Org, policy: Policy, payload: dict[str, Any]) -> dict[str, Any]:
    rule = PolicyRule(
        **org.new_record(identifiers.RULE),
        name=text(payload, "name"),
        priority=_priority(payload, len(policy.rules) - 1),
        conditions=part(payload, "conditions") or None,
        actions=_actions(payload),
    )
    policy.rules[rule.id] = rule
    return rule_body(org, policy, rule)


@ROUTES.on("GET", _RULE)
def read_rule(org: Org, policy: Policy, rule_id: str) -> dict[str, Any]:
    return rule_body(org, policy, lookup(policy.rules, rule_id, "PolicyRule"))


@ROUTES.on("PUT", _RULE)
def update_rule(org: Org, policy: Policy, rule_id: str, payload: dict[str, Any]) -> dict[str, Any]:
    rule = lookup(policy.rules, rule_id, "PolicyRule")
    rule.actions = _actions(payload)
    if not rule.system:
        rule.name = text(payload, "name")
        rule.priority = _priority(payload, rule.priority)
        rule.conditions = part(payload, "conditions") or None
    rule.last_updated = org.clock()
    return rule_body(org, policy, rule)


@ROUTES.on("DELETE", _RULE)
def delete_rule(policy: Policy, rule_id: str) -> None:
    rule = lookup(policy.rules, rule_id, "PolicyRule")
    if rule.system:
        raise forbidden()
    del policy.rules[rule.id]


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


def decide(org: Org, app: App, session: Session) -> Decision:
    """Whether the person may enter now. The classic engine has no such policies."""
    policy = org.policies.get(app.policy_id or "")
    if policy is None or org.switches.pipeline == "classic":
        return "allow"
    for rule in sorted(policy.rules.values(), key=lambda rule: (rule.system, rule.priority)):
        if rule.status == "ACTIVE" and _fits(rule, session.user):
            return _decision(
                rule, shown=bool(session.factor_verified or org.switches.second_factor)
            )
    return "allow"


def _decision(rule: PolicyRule, *, shown: bool) -> Decision:
    """`shown`: a second factor in this session; how long ago does not count here."""
    sign_on = rule.actions["appSignOn"]
    if sign_on["access"] == "DENY":
        return "deny"
    verification = sign_on.get("verificationMethod") or {}
    return "second factor" if verification.get("factorMode") == "2FA" and not shown else "allow"


def _fits(rule: PolicyRule, user: User) -> bool:
    """Whether the rule's people are this person; other conditions (networks, devices) all hold."""
    people = (rule.conditions or {}).get("people") or {}
    groups, users = people.get("groups") or {}, people.get("users") or {}
    if user.id in (users.get("exclude") or []):
        return False
    if user.groups.keys() & set(groups.get("exclude") or []):
        return False
    included_groups, included_users = groups.get("include") or [], users.get("include") or []
    if not included_groups and not included_users:
        return True
    return user.id in included_users or bool(user.groups.keys() & set(included_groups))
