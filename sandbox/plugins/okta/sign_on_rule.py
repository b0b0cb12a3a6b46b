"""Rules of app sign-on policies: who signs in how, tried in the order of their priorities."""

import json

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.okta.sign_on_policy import KIND, POLICIES, require_identity_engine
from sandbox.plugins.schema import (
    LIST,
    SET,
    Calls,
    Changed,
    Input,
    Resource,
    ValueType,
    compact,
    parsed,
)
from sandbox.plugins.values import Values

PEOPLE = {
    "groupsExcluded": ("groups", "exclude"),
    "groupsIncluded": ("groups", "include"),
    "usersExcluded": ("users", "exclude"),
    "usersIncluded": ("users", "include"),
}
"""Argument -> where its ids are in the condition `people`."""

REFUSED = (
    "chains",
    "deviceAssurancesIncluded",
    "deviceIsManaged",
    "deviceIsRegistered",
    "keepMeSignedIn",
    "networkExcludes",
    "networkIncludes",
    "platformIncludes",
    "riskScore",
    "userTypesExcluded",
    "userTypesIncluded",
)

CONSTRAINTS = ValueType(
    name="list",
    zero=[],
    accept=LIST.accept,
    comparison_key=lambda texts: [parsed(text) for text in texts],
    canonical=lambda texts: [compact(text) for text in texts],
)
"""What the factors have to be like: each a JSON text."""


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    require_identity_engine(org, "okta_app_signon_policy_rule")
    with error_context("failed to create app sign on policy rule"):
        identifier: str = org.post(_rules(inputs), _body(inputs))["id"]
    return identifier, {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    """An import's id is `<policy>/<rule>`."""
    if not state:
        policy, _, identifier = identifier.partition("/")
        state = {"policyId": policy}
    with error_context("failed to get app sign on policy rule"):
        found = org.get_or_none(f"{_rules(state)}/{identifier}")
    if found is None:
        return None
    sign_on = found["actions"]["appSignOn"]
    return {
        "id": identifier,
        "access": sign_on["access"],
        "name": found["name"],
        "policyId": state["policyId"],
        "priority": found.get("priority"),
        "status": found["status"],
        "system": bool(found.get("system")),
        **_method(sign_on.get("verificationMethod") or {}),
        **_conditions(found.get("conditions") or {}),
    }


def _method(method: Values) -> Values:
    if not method:
        return {}
    return {
        "constraints": [compact(json.dumps(one)) for one in method.get("constraints") or []]
        or None,
        "factorMode": method.get("factorMode") or "2FA",
        "inactivityPeriod": method.get("inactivityPeriod") or None,
        "reAuthenticationFrequency": method.get("reauthenticateIn") or "",
        "type": method.get("type") or "",
    }


def _conditions(conditions: Values) -> Values:
    people = conditions.get("people") or {}
    return {
        "customExpression": (conditions.get("elCondition") or {}).get("condition") or None,
        "networkConnection": (conditions.get("network") or {}).get("connection") or "ANYWHERE",
        **{name: (people.get(who) or {}).get(verb) or None for name, (who, verb) in PEOPLE.items()},
    }


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update app sign on policy rule"):
        body = _body({"priority": state.get("priority")} | inputs)
        org.put(f"{_rules(inputs)}/{identifier}", body)


def delete(org: Org, identifier: str, state: Values) -> None:
    with error_context("failed to delete app sign-on policy rule"):
        if not state.get("system"):  # the catch-all rule goes with its policy only
            org.delete_if_there(f"{_rules(state)}/{identifier}")


def _rules(state: Values) -> str:
    return f"{POLICIES}/{state['policyId']}/rules"


def _body(inputs: Values) -> Values:
    method = {
        "type": inputs["type"],
        "factorMode": inputs["factorMode"],
        "reauthenticateIn": inputs["reAuthenticationFrequency"],
        "inactivityPeriod": inputs.get("inactivityPeriod"),
        "constraints": [json.loads(one) for one in inputs.get("constraints", [])],
    }
    people: Values = {}
    for name, (who, verb) in PEOPLE.items():
        if ids := inputs.get(name):
            people.setdefault(who, {})[verb] = ids
    conditions: Values = {"network": {"connection": inputs["networkConnection"]}}
    if people:
        conditions["people"] = people
    if expression := inputs.get("customExpression"):
        conditions["elCondition"] = {"condition": expression}
    priority = inputs.get("priority")
    return {
        "type": KIND,
        "name": inputs["name"],
        "actions": {
            "appSignOn": {
                "access": inputs["access"],
                "verificationMethod": {name: value for name, value in method.items() if value},
            }
        },
        "conditions": conditions,
        **({"priority": priority} if priority else {}),
    }


SIGN_ON_RULE = Resource(
    type="okta:index/appSignonPolicyRule:AppSignonPolicyRule",
    inputs=published.inputs(
        "okta:index/appSignonPolicyRule:AppSignonPolicyRule",
        REFUSED,
        access={"supported": ("ALLOW", "DENY")},
        constraints={"value_type": CONSTRAINTS},
        name={"generated": 255},
        networkConnection={"supported": ("ANYWHERE",)},
        status={"supported": ("ACTIVE",)},
        type={"supported": ("ASSURANCE",)},
    )
    | {"office365ClientIncludes": Input(value_type=SET, supported=False)},  # newer than the schema
    outputs=("system",),
    calls=Calls(create, read, update, delete),
)
