"""App sign-on policies and their rules."""

from sandbox.plugins.okta.org import Org
from sandbox.plugins.protocol import CloudError
from sandbox.plugins.schema import Input, Kind, Values

KIND = "ACCESS_POLICY"


def policy_body(inputs: Values) -> Values:
    return {
        "type": KIND,
        "name": inputs["name"],
        "description": inputs["description"],
        "priority": inputs.get("priority", 1),
    }


def require_identity_engine(org: Org) -> None:
    """Classic orgs have no such policies, and the published provider says so."""
    if org.request("GET", "/.well-known/okta-organization").json().get("pipeline") == "v1":
        raise CloudError(
            "app sign-on policies need Okta Identity Engine; this org is a classic one"
        )


def create_policy(org: Org, inputs: Values) -> tuple[str, Values]:
    require_identity_engine(org)
    made = org.request("POST", "/api/v1/policies", json=policy_body(inputs)).json()
    return made["id"], {
        "priority": made["priority"],
        "defaultRuleId": default_rule(org, made["id"]),
    }


def default_rule(org: Org, policy: str) -> str:
    rules = org.request("GET", f"/api/v1/policies/{policy}/rules").json()
    found: str = next(rule["id"] for rule in rules if rule["system"])
    return found


def read_policy(org: Org, identifier: str, state: Values) -> Values | None:
    found = org.find(f"/api/v1/policies/{identifier}")
    if found is None:
        return None
    return {
        "defaultRuleId": default_rule(org, identifier),
        "description": found["description"],
        "name": found["name"],
        "priority": found["priority"],
    }


def update_policy(org: Org, identifier: str, old: Values, new: Values) -> Values:
    org.request("PUT", f"/api/v1/policies/{identifier}", json=policy_body(new))
    return read_policy(org, identifier, {}) or {}


def delete_policy(org: Org, identifier: str, state: Values) -> None:
    """Apps that use it get the org's default policy first; Okta keeps no app without one."""
    policies = org.request("GET", "/api/v1/policies", params={"type": KIND}).json()
    default = next(policy["id"] for policy in policies if policy["system"])
    for app in org.every("/api/v1/apps"):
        href = app.get("_links", {}).get("accessPolicy", {}).get("href", "")
        if href.endswith(f"/{identifier}"):
            org.request("PUT", f"/api/v1/apps/{app['id']}/policies/{default}")
    org.request("DELETE", f"/api/v1/policies/{identifier}")


def rule_body(inputs: Values) -> Values:
    verification = {
        "type": "ASSURANCE",
        "factorMode": inputs["factorMode"],
        "reauthenticateIn": inputs["reAuthenticationFrequency"],
        "constraints": [],
    }
    return {
        "type": KIND,
        "name": inputs["name"],
        "priority": inputs.get("priority", 1),
        "actions": {"appSignOn": {"access": inputs["access"], "verificationMethod": verification}},
    }


def rule_path(state: Values, identifier: str = "") -> str:
    return f"/api/v1/policies/{state['policyId']}/rules/{identifier}".rstrip("/")


def create_rule(org: Org, inputs: Values) -> tuple[str, Values]:
    made = org.request("POST", rule_path(inputs), json=rule_body(inputs)).json()
    return made["id"], {"priority": made["priority"], "system": made["system"]}


def read_rule(org: Org, identifier: str, state: Values) -> Values | None:
    found = org.find(rule_path(state, identifier))
    if found is None:
        return None
    sign_on = found["actions"]["appSignOn"]
    return {
        "access": sign_on["access"],
        "factorMode": sign_on["verificationMethod"]["factorMode"],
        "name": found["name"],
        "policyId": state["policyId"],
        "priority": found["priority"],
        "reAuthenticationFrequency": sign_on["verificationMethod"]["reauthenticateIn"],
        "status": found["status"],
    }


def update_rule(org: Org, identifier: str, old: Values, new: Values) -> Values:
    org.request("PUT", rule_path(new, identifier), json=rule_body(new))
    return {}


def delete_rule(org: Org, identifier: str, state: Values) -> None:
    if org.find(rule_path(state, identifier)) is not None:
        org.request("DELETE", rule_path(state, identifier))


KINDS = (
    Kind(
        type="okta:index/appSignonPolicy:AppSignonPolicy",
        inputs=(
            Input("catchAll"),
            Input("description", required=True),
            Input("name"),
            Input("priority"),
        ),
        outputs=("defaultRuleId",),
        longest_name=255,
        create=create_policy,
        read=read_policy,
        update=update_policy,
        delete=delete_policy,
    ),
    Kind(
        type="okta:index/appSignonPolicyRule:AppSignonPolicyRule",
        inputs=(
            Input("access", default="ALLOW"),
            Input("factorMode", default="2FA"),
            Input("name"),
            Input("policyId", required=True, replaces=True),
            Input("priority"),
            Input("reAuthenticationFrequency", default="PT2H"),
            Input("status", default="ACTIVE"),
        ),
        outputs=("system",),
        longest_name=255,
        create=create_rule,
        read=read_rule,
        update=update_rule,
        delete=delete_rule,
    ),
)
