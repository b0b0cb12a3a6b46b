"""The contract of `/api/v1/users`."""

import pytest

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def user_body(login="tim@example.com", **more):
    profile = {"login": login, "email": login, "firstName": "Tim", "lastName": "Lee"}
    return {"profile": profile | {"postalAddress": None} | more}


def test_a_user_with_a_password_is_active_and_may_change(api):
    credentials = {"password": {"value": "correct horse battery"}}
    user = api.call("POST", "/users", json=user_body() | {"credentials": credentials})
    assert user["status"] == "ACTIVE"
    assert "correct horse" not in str(user)

    path = f"/users/{user['id']}"
    [everyone] = api.call("GET", f"{path}/groups")
    assert everyone["profile"]["name"] == "Everyone"
    changed = user_body(department="Engineering") | {"type": {"id": "default"}}
    profile = api.call("PUT", path, json=changed)["profile"]
    assert profile["department"] == "Engineering"
    assert "postalAddress" not in profile, "null is none"
    assert api.call("PUT", path, json=user_body())["profile"].get("department") is None
    partial = api.call("POST", path, json={"profile": {"department": "Sales"}})["profile"]
    assert (partial["department"], partial["firstName"]) == ("Sales", "Tim")


@pytest.mark.parametrize(("query", "status"), [("", "PROVISIONED"), ("?activate=false", "STAGED")])
def test_a_user_without_a_password_cannot_be_active(api, query, status):
    assert api.call("POST", f"/users{query}", json=user_body())["status"] == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": {"login": "x@y"}}, "email"),
        (user_body("nobody"), "login"),
        (user_body("ADA@example.com"), "already exists"),
        (user_body() | {"credentials": {"password": {"value": "short"}}}, "password"),
    ],
)
def test_a_user_that_breaks_a_rule_is_refused(api, body, field):
    status, code, text = api.refused("POST", "/users", json=body)

    assert (status, code) == (400, "E0000001")
    assert field in text


def test_a_user_lives_suspended_and_gone(api):
    path = f"/users/{api.user_id('ada@example.com')}"
    for verb, status in (
        ("suspend", "SUSPENDED"),
        ("unsuspend", "ACTIVE"),
        ("deactivate", "DEPROVISIONED"),
        ("activate", "ACTIVE"),
    ):
        api.call("POST", f"{path}/lifecycle/{verb}")
        assert api.call("GET", path)["status"] == status
    assert api.refused("POST", f"{path}/lifecycle/unlock")[0] == 403
    assert api.refused("POST", f"{path}/lifecycle/levitate")[0] == 404

    api.call("DELETE", path)
    assert api.call("GET", path)["status"] == "DEPROVISIONED"
    api.call("DELETE", path)
    assert api.refused("GET", path)[0] == 404


@pytest.mark.parametrize(
    "search",
    [
        'profile.email eq "ada@example.com"',
        '(profile.firstName eq "Ada") and (status eq "ACTIVE")',
        'profile.login sw "ada" or profile.login eq "nobody"',
    ],
)
def test_user_look_up_by_search(api, search):
    [user] = api.call("GET", "/users", params={"limit": 1, "search": search})

    assert user["profile"]["login"] == "ada@example.com"
    assert api.call("GET", f"/users/{user['id']}/roles") == []


@pytest.mark.parametrize("search", ["profile.login", 'profile.login eq "a" or', 'x like "y"', '("'])
def test_a_search_that_says_nothing_is_refused(api, search):
    assert api.refused("GET", "/users", params={"search": search})[1] == "E0000031"


def test_a_deprovisioned_user_is_listed_only_when_asked_for(api):
    api.call("DELETE", f"/users/{api.user_id('ada@example.com')}")

    assert api.call("GET", "/users?q=ada") == []
    assert len(api.call("GET", "/users", params={"filter": 'status eq "DEPROVISIONED"'})) == 1
