"""App sign-on policies, which only Okta Identity Engine has."""

from sandbox.plugins.errors import CloudError, PartlyCreated
from sandbox.plugins.okta import app
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import FLAG, NUMBER, Calls, Changed, Input, Resource
from sandbox.plugins.values import Values

POLICIES = "/api/v1/policies"
KIND = "ACCESS_POLICY"


def require_identity_engine(org: Org, resource: str = "okta_app_signon_policy") -> None:
    if org.is_classic:
        raise CloudError(f'"{resource}" is a resource for OIE Orgs only')


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    require_identity_engine(org)
    with error_context("failed to create app sign-on policy"):
        made = org.post(POLICIES, _body(inputs))
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


def read(org: Org, identifier: str, state: Values) -> Values | None:
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


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update app sign-on policy"):
        org.put(f"{POLICIES}/{identifier}", _body({"priority": state.get("priority")} | inputs))


def delete(org: Org, identifier: str, state: Values) -> None:
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


def _body(inputs: Values) -> Values:
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
    calls=Calls(create, read, update, delete),
    reads_after=lambda inputs, changed: bool(changed),
)
