"""App sign-on policies, which only Okta Identity Engine has, and their rules: who signs in how."""

import json
from dataclasses import replace

from sandbox.plugins.okta import app, published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import (
    FLAG,
    LIST,
    NUMBER,
    SET,
    Calls,
    Changed,
    CloudError,
    Input,
    PartlyCreated,
    Resource,
    Values,
    ValueType,
    compact,
    parsed,
)

POLICIES = "/api/v1/policies"
KIND = "ACCESS_POLICY"


def require_identity_engine(org: Org, resource: str = "okta_app_signon_policy") -> None:
    if org.is_classic:
        raise CloudError(f'"{resource}" is a resource for OIE Orgs only')


def create_policy(org: Org, inputs: Values) -> tuple[str, Values]:
    require_identity_engine(org)
    with error_context("failed to create app sign-on policy"):
        made = org.post(POLICIES, _policy_body(inputs))
    identifier = made["id"]
    try:
        rule = _catch_all(org, identifier)
        if inputs.get("catchAll") is False:
            _deny(org, identifier, rule)
    except CloudError as error:
        raise PartlyCreated(identifier, inputs, str(error)) from error
    access = "DENY" if inputs.get("catchAll") is False else rule["actions"]["appSignOn"]["access"]
    known = {"catchAll": access != "DENY", "defaultRuleId": rule["id"]}
    return identifier, known | {"priority": made["priority"]}


def read_policy(org: Org, identifier: str, state: Values) -> Values | None:
    """A policy that is gone is an error, in the published plugin too."""
    with error_context("failed to read app sign-on policy"):
        found = org.get(f"{POLICIES}/{identifier}")
        rule = _catch_all(org, identifier)
    access = rule["actions"]["appSignOn"]["access"]
    return {
        "catchAll": access != "DENY",
        "defaultRuleId": rule["id"],
        "description": found.get("description") or "",
        "name": found["name"],
        "priority": found["priority"],
    }


def update_policy(
    org: Org, identifier: str, state: Values, inputs: Values, changed: Changed
) -> None:
    with error_context("failed to update app sign-on policy"):
        org.put(
            f"{POLICIES}/{identifier}", _policy_body({"priority": state.get("priority")} | inputs)
        )


def delete_policy(org: Org, identifier: str, state: Values) -> None:
    """The apps that use it go to the org's own policy first."""
    with error_context("failed to delete app sign-on policy"):
        default = app.default_policy(org)
        for one in org.list_all(app.APPS):
            if app.policy_of(one) == identifier:
                org.put(f"{app.APPS}/{one['id']}/policies/{default}")
        org.delete(f"{POLICIES}/{identifier}")


def _catch_all(org: Org, identifier: str) -> Values:
    """The rule that Okta makes with each policy and that comes last."""
    for rule in org.get(f"{POLICIES}/{identifier}/rules"):
        if rule.get("system"):
            found: Values = rule
            return found
    raise CloudError(f"app sign-on policy {identifier} has no default rule")


def _deny(org: Org, identifier: str, rule: Values) -> None:
    actions = {"appSignOn": rule["actions"]["appSignOn"] | {"access": "DENY"}}
    org.put(f"{POLICIES}/{identifier}/rules/{rule['id']}", rule | {"actions": actions})


def _policy_body(inputs: Values) -> Values:
    priority = inputs.get("priority")
    return {
        "type": KIND,
        "name": inputs["name"],
        "description": inputs["description"],
        **({"priority": priority} if priority else {}),
    }


SIGN_ON_POLICY = Resource(
    type="okta:index/appSignonPolicy:AppSignonPolicy",
    inputs={
        "catchAll": Input(value_type=FLAG, computed=True, replaces=True),
        "description": Input(required=True),
        "name": Input(generated=255),
        "priority": Input(value_type=NUMBER, computed=True),
    },
    outputs=("defaultRuleId",),
    calls=Calls(create_policy, read_policy, update_policy, delete_policy),
    reads_after=lambda inputs, changed: bool(changed),
)


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


def create_rule(org: Org, inputs: Values) -> tuple[str, Values]:
    require_identity_engine(org, "okta_app_signon_policy_rule")
    with error_context("failed to create app sign on policy rule"):
        identifier: str = org.post(_rules(inputs), _rule_body(inputs))["id"]
    return identifier, {}


def read_rule(org: Org, identifier: str, state: Values) -> Values | None:
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


def update_rule(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update app sign on policy rule"):
        body = _rule_body({"priority": state.get("priority")} | inputs)
        org.put(f"{_rules(inputs)}/{identifier}", body)


def delete_rule(org: Org, identifier: str, state: Values) -> None:
    with error_context("failed to delete app sign-on policy rule"):
        if not state.get("system"):  # the catch-all rule goes with its policy only
            org.delete_if_there(f"{_rules(state)}/{identifier}")


def _rules(state: Values) -> str:
    return f"{POLICIES}/{state['policyId']}/rules"


def _rule_body(inputs: Values) -> Values:
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


_PUBLISHED_RULE = published.resource(
    "okta:index/appSignonPolicyRule:AppSignonPolicyRule",
    Calls(create_rule, read_rule, update_rule, delete_rule),
    REFUSED,
    access={"supported": ("ALLOW", "DENY")},
    constraints={"value_type": CONSTRAINTS},
    name={"generated": 255},
    networkConnection={"supported": ("ANYWHERE",)},
    status={"supported": ("ACTIVE",)},
    type={"supported": ("ASSURANCE",)},
)
NEWER = {"office365ClientIncludes": Input(value_type=SET, supported=False)}
"""Arguments that the published schema, which is older than the SDK, does not have."""
SIGN_ON_RULE = replace(_PUBLISHED_RULE, inputs={**_PUBLISHED_RULE.inputs, **NEWER})
