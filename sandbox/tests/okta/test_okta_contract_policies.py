"""The contract of app sign-on policies."""

import pytest

import settings
from access.model import AccessModel
from access.verification import compare_okta, okta_org, okta_state
from access.verification.okta_state import Evidence
from sandbox.plugins.okta import sign_on_policies

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def test_exactly_one_policy_is_the_system_s(api, app):
    policies = api.call("GET", "/policies?type=ACCESS_POLICY")

    [system] = [policy for policy in policies if policy["system"]]
    assert app["_links"]["accessPolicy"]["href"].endswith(system["id"])
    assert api.refused("DELETE", f"/policies/{system['id']}")[0] == 403


def test_a_policy_and_its_rules_are_created_attached_and_deleted(api, app):
    body = {"name": "strict", "description": "d", "priority": 1, "type": "ACCESS_POLICY"}
    policy = api.call("POST", "/policies", json=body)
    path = f"/policies/{policy['id']}"
    assert api.call("GET", path) == policy
    [catch_all] = api.call("GET", f"{path}/rules")
    assert catch_all["system"], "the provider demands one"
    rule_body = {"name": "r", "priority": 1, "actions": {"appSignOn": {"access": "DENY"}}}
    rule = api.call("POST", f"{path}/rules", json=rule_body)
    rule_path = f"{path}/rules/{rule['id']}"
    assert api.call("GET", rule_path) == rule
    assert api.call("PUT", rule_path, json=rule_body | {"name": "s"})["name"] == "s"
    assert api.refused("DELETE", f"{path}/rules/{catch_all['id']}")[0] == 403
    api.call("DELETE", rule_path)
    assert api.refused("GET", rule_path)[0] == 404

    attached = api.client.put(f"/api/v1/apps/{app['id']}/policies/{policy['id']}")
    assert (attached.status_code, attached.content) == (204, b"")
    assert api.refused("DELETE", path)[0] == 400, "an app uses it"
    [system] = [one for one in api.call("GET", "/policies?type=ACCESS_POLICY") if one["system"]]
    api.call("PUT", f"/apps/{app['id']}/policies/{system['id']}")
    assert api.call("PUT", path, json=body | {"name": "other"})["name"] == "other"
    api.call("DELETE", path)
    assert api.refused("GET", path)[0] == 404


def test_the_classic_engine_has_no_such_policies(api):
    api.switch(pipeline="classic")

    assert api.refused("GET", "/policies?type=ACCESS_POLICY")[0] == 400


def test_access_verify_reads_the_rule_that_decides_first(api, app, okta, monkeypatch):
    monkeypatch.setenv("OKTA_HTTP_PROXY", okta.url)
    monkeypatch.setenv("OKTA_API_TOKEN", okta.token)
    policy = api.call("POST", "/policies", json={"name": "AWS", "type": "ACCESS_POLICY"})
    api.client.put(f"/api/v1/apps/{app['id']}/policies/{policy['id']}")
    rules = f"/policies/{policy['id']}/rules"
    stack = settings.parse(
        {
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "app": {"label": app["label"], "signOnPolicy": {"reauthenticateHours": 2}},
            "roles": {"Developer": {}},
        }
    )

    def observed():
        org = okta_state.read(okta_org.Org(), app["label"], [], policy=True, evidence=Evidence())
        found = compare_okta.deviations(AccessModel(stack), org)
        return [each.observed for each in found if each.what in ("sign-on policy", "first rule")]

    def add(name, priority, factors):
        inputs = {"name": name, "priority": priority, "factorMode": factors}
        inputs |= {"access": "ALLOW", "type": "ASSURANCE", "networkConnection": "ANYWHERE"}
        body = sign_on_policies._rule_body(inputs | {"reAuthenticationFrequency": "PT2H"})
        return api.call("POST", rules, json=body | {"priority": priority})["id"]

    assert observed() == ["1FA every PT12H for everybody"]
    add("Second factor", 1, "2FA")
    assert observed() == []
    earlier = add("By hand", 0, "1FA")
    assert observed() == ["1FA every PT2H for everybody"]
    api.call("DELETE", f"{rules}/{earlier}")
    assert observed() == []
