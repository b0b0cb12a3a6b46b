"""The contract of groups, memberships and group rules."""

import pytest

from sandbox.faults import Fault

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def test_a_group_is_created_read_renamed_and_deleted(api):
    body = {"profile": {"name": "AWSDeveloper", "description": ""}}
    group = api.call("POST", "/groups", json=body)
    assert group["id"].startswith("00g")
    assert group["type"] == "OKTA_GROUP"
    assert group["profile"] == body["profile"]

    path = f"/groups/{group['id']}"
    renamed = {"profile": {"name": "AWSDev", "description": "people"}}
    assert api.call("PUT", path, json=renamed)["profile"] == renamed["profile"]
    assert api.client.delete(f"/api/v1{path}").status_code == 204
    assert api.refused("GET", path)[:2] == (404, "E0000007")


@pytest.mark.parametrize("profile", [{}, {"name": ""}, {"name": 5}, {"name": "x" * 256}])
def test_a_group_without_a_proper_name_is_refused(api, profile):
    assert api.refused("POST", "/groups", json={"profile": profile})[:2] == (400, "E0000001")


def test_a_group_name_is_taken_once(api):
    api.new_group("a")
    other = api.new_group("b")

    for method, path in (("POST", "/groups"), ("PUT", f"/groups/{other}")):
        text = api.refused(method, path, json={"profile": {"name": "a"}})[2]
        assert "already exists" in text


def test_everyone_is_nobody_s_to_change(api):
    [everyone] = api.call("GET", "/groups", params={"filter": 'type eq "BUILT_IN"'})
    path = f"/groups/{everyone['id']}"
    user = api.user_id("ada@example.com")

    assert api.refused("DELETE", path)[0] == 403
    assert api.refused("PUT", path, json={"profile": {"name": "x"}})[0] == 403
    assert api.refused("DELETE", f"{path}/users/{user}")[0] == 403


def test_a_new_group_is_invisible_as_often_as_a_fault_says(okta, api):
    okta.org.faults.add(Fault(effect="lag", operation="POST /api/v1/groups", reads=2))
    path = f"/groups/{api.new_group('slow')}"

    assert api.refused("GET", path)[0] == 404
    assert api.refused("GET", path)[0] == 404
    assert api.call("GET", path)["profile"]["name"] == "slow"


def test_group_look_up_is_by_prefix(api):
    for name in ("AWSDeveloper", "AWSDevOps", "Other"):
        api.new_group(name)

    found = api.call("GET", "/groups", params={"q": "AWSDev", "filter": 'type eq "OKTA_GROUP"'})

    assert [group["profile"]["name"] for group in found] == ["AWSDeveloper", "AWSDevOps"]


def test_memberships_show_on_both_sides_and_end(api):
    group, user = api.new_group("AWSDeveloper"), api.user_id("ada@example.com")
    path = f"/groups/{group}/users/{user}"
    for _ in range(2):
        assert api.client.put(f"/api/v1{path}").status_code == 204, "once more is no error"

    assert [one["id"] for one in api.call("GET", f"/groups/{group}/users?limit=200")] == [user]
    groups = {one["profile"]["name"] for one in api.call("GET", f"/users/{user}/groups")}
    assert groups == {"Everyone", "AWSDeveloper"}
    assert api.client.delete(f"/api/v1{path}").status_code == 204
    assert api.call("GET", f"/groups/{group}/users") == []


def test_a_membership_of_nobody_or_in_nothing_is_not_found(api):
    group, user = api.new_group("a"), api.user_id("ada@example.com")

    assert api.refused("PUT", f"/groups/{group}/users/nobody")[0] == 404
    assert api.refused("PUT", f"/groups/nothing/users/{user}")[0] == 404


def test_a_deleted_group_leaves_people_and_apps(lax, app):
    group = lax.new_group("a", "ada@example.com")
    lax.assign(app["id"], group)
    assert [one["id"] for one in lax.call("GET", f"/groups/{group}/apps")] == [app["id"]]
    lax.call("DELETE", f"/groups/{group}")

    ada = lax.user_id("ada@example.com")
    assert len(lax.call("GET", f"/users/{ada}/groups")) == 1
    assert lax.call("GET", f"/apps/{app['id']}/groups") == []


def rule_body(group, expression='user.department=="Engineering"'):
    return {
        "type": "group_rule",
        "name": "engineers",
        "conditions": {
            "people": {"users": {}},
            "expression": {"value": expression, "type": "urn:okta:expression:1.0"},
        },
        "actions": {"assignUserToGroups": {"groupIds": [group]}},
    }


def test_a_rule_fills_its_group_while_it_is_active(api):
    group = api.new_group("Engineers", "grace@example.com")
    ada = api.user_id("ada@example.com")
    api.call("POST", f"/users/{ada}", json={"profile": {"department": "Engineering"}})
    rule = api.call("POST", "/groups/rules", json=rule_body(group))
    assert rule["status"] == "INACTIVE"
    assert len(api.call("GET", f"/groups/{group}/users")) == 1, "an inactive rule does nothing"

    path = f"/groups/rules/{rule['id']}"
    assert api.client.post(f"/api/v1{path}/lifecycle/activate").status_code == 204
    assert len(api.call("GET", f"/groups/{group}/users")) == 2
    assert api.call("GET", path)["status"] == "ACTIVE"
    assert len(api.call("GET", "/groups/rules")) == 1

    api.call("POST", f"/users/{ada}", json={"profile": {"department": "Sales"}})
    members = [one["profile"]["login"] for one in api.call("GET", f"/groups/{group}/users")]
    assert members == ["grace@example.com"], "who was added by hand stays"


def test_a_rule_is_changed_and_deleted_only_at_rest(api):
    group = api.new_group("Engineers")
    path = f"/groups/rules/{api.call('POST', '/groups/rules', json=rule_body(group))['id']}"
    ada = api.user_id("ada@example.com")
    api.call("POST", f"{path}/lifecycle/activate")
    body = rule_body(group, 'String.startsWith(user.login, "ada")')
    assert api.refused("PUT", path, json=body)[0] == 400
    assert api.refused("DELETE", path)[0] == 400

    api.call("POST", f"{path}/lifecycle/deactivate")
    api.call("PUT", path, json=body)
    api.call("POST", f"{path}/lifecycle/activate")
    assert [one["id"] for one in api.call("GET", f"/groups/{group}/users")] == [ada]
    api.call("POST", f"{path}/lifecycle/deactivate")
    assert api.client.delete(f"/api/v1{path}?removeUsers=true").status_code == 202
    assert api.call("GET", f"/groups/{group}/users") == []


@pytest.mark.parametrize("expression", ["user.x ==", "nonsense", 'String.fly("x")', "user.x == #"])
def test_an_expression_that_is_none_is_refused(api, expression):
    group = api.new_group("a")

    text = api.refused("POST", "/groups/rules", json=rule_body(group, expression))[2]

    assert "Invalid expression" in text
