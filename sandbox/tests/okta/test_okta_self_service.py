"""What people may do to themselves with a session cookie, and groups that a directory masters."""

import httpx
import pytest

ADA = "ada@example.com"
RULE = {
    "type": "group_rule",
    "name": "by department",
    "conditions": {
        "expression": {
            "value": 'user.department=="Administrators"',
            "type": "urn:okta:expression:1.0",
        }
    },
}


@pytest.fixture
def session(okta):
    """Ada's browser: the session cookie and nothing else."""
    with httpx.Client(base_url=okta.url, trust_env=False) as client:
        given = {"username": ADA, "password": okta.people[ADA].password}
        ticket = client.post("/api/v1/authn", json=given).json()["sessionToken"]
        client.post("/api/v1/sessions", json={"sessionToken": ticket})
        yield client


def profile(api):
    return api.call("GET", f"/users/{ADA}")["profile"]


def test_people_read_and_change_their_own_name(session, api):
    assert session.get("/api/v1/users/me").json()["profile"]["login"] == ADA

    changed = session.post("/api/v1/users/me", json={"profile": {"mobilePhone": "+1 555 0100"}})

    assert changed.status_code == 200
    assert profile(api)["mobilePhone"] == "+1 555 0100"


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "payload",
    [
        {"profile": {"login": "root@example.com"}},
        {"profile": {"department": "Administrators"}},
        {"profile": {"firstName": "Ada", "userType": "admin"}},
        {"credentials": {"password": {"value": "another-password-1"}}},
        {"profile": {}, "credentials": {"password": {"value": "another-password-1"}}},
    ],
)
def test_login_attributes_and_password_are_not_theirs_to_change(
    okta, session, api, method, payload
):
    before = profile(api)

    refused = session.request(method, "/api/v1/users/me", json=payload)

    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    assert profile(api) == before
    given = {"username": ADA, "password": okta.people[ADA].password}
    assert session.post("/api/v1/authn", json=given).json()["status"] == "SUCCESS"


def test_a_rule_is_not_reached_by_changing_oneself(session, api):
    group = api.new_group("AWSAdmin")
    rule = RULE | {"actions": {"assignUserToGroups": {"groupIds": [group]}}}
    rule_id = api.call("POST", "/groups/rules", json=rule)["id"]
    api.call("POST", f"/groups/rules/{rule_id}/lifecycle/activate")

    session.post("/api/v1/users/me", json={"profile": {"department": "Administrators"}})
    assert api.call("GET", f"/groups/{group}/users") == []

    api.call("POST", f"/users/{ADA}", json={"profile": {"department": "Administrators"}})
    assert len(api.call("GET", f"/groups/{group}/users")) == 1, "the rule itself does decide by it"


def test_sending_the_whole_profile_back_unchanged_is_no_change(session, api):
    whole = session.get("/api/v1/users/me").json()["profile"]

    assert session.put("/api/v1/users/me", json={"profile": whole}).status_code == 200


def test_a_put_takes_away_nothing_that_is_not_theirs(session, api):
    api.call("POST", f"/users/{ADA}", json={"profile": {"department": "Research"}})
    whole = session.get("/api/v1/users/me").json()["profile"]
    del whole["department"]

    session.put("/api/v1/users/me", json={"profile": whole})

    assert profile(api)["department"] == "Research"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/users/me"),
        ("POST", "/users/me/lifecycle/deactivate"),
        ("POST", "/users/me/lifecycle/suspend"),
        ("PATCH", "/users/me"),
        ("GET", "/users"),
        ("GET", f"/users/{ADA}"),
        ("POST", f"/users/{ADA}"),
        ("DELETE", f"/users/{ADA}"),
        ("GET", "/groups"),
    ],
)
def test_nothing_else_is_open_to_a_cookie(session, api, method, path):
    refused = session.request(method, f"/api/v1{path}")

    assert refused.status_code in (401, 403)
    assert api.call("GET", f"/users/{ADA}")["status"] == "ACTIVE"


def test_a_form_of_another_site_changes_nothing(session, api):
    body = '{"profile": {"firstName": "Eve"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        headers = {"Content-Type": kind} if kind else {}
        refused = session.post("/api/v1/users/me", content=body, headers=headers)
        assert (refused.status_code, refused.json()["errorCode"]) == (415, "E0000021")
    assert profile(api)["firstName"] == "Ada"


# Groups of a directory


@pytest.fixture
def imported(api):
    def put(name, *members, **more):
        answer = api.client.post(
            "/sandbox/directory-groups", json={"name": name, "members": list(members), **more}
        )
        assert answer.status_code == 201
        return answer.json()

    return put


def test_a_directorys_group_is_there_with_its_members(api, imported):
    group = imported("aws-admins", ADA)

    assert (group["type"], group["objectClass"]) == (
        "APP_GROUP",
        ["okta:windows_security_principal"],
    )
    found = api.call("GET", "/groups", params={"filter": 'type eq "APP_GROUP"'})
    assert [one["id"] for one in found] == [group["id"]]
    members = api.call("GET", f"/groups/{group['id']}/users")
    assert [one["profile"]["login"] for one in members] == [ADA]


def test_the_directory_alone_sets_its_members(api, imported):
    group = imported("aws-admins", ADA)["id"]
    grace = api.user_id("grace@example.com")

    assert api.refused("PUT", f"/groups/{group}/users/{grace}")[0] == 403
    assert api.refused("DELETE", f"/groups/{group}/users/{api.user_id(ADA)}")[0] == 403
    assert api.refused("PUT", f"/groups/{group}", json={"profile": {"name": "x"}})[0] == 403
    assert imported("aws-admins", "grace@example.com")["id"] == group
    members = api.call("GET", f"/groups/{group}/users")
    assert [one["profile"]["login"] for one in members] == ["grace@example.com"]


def test_no_rule_assigns_people_to_it(api, imported):
    rule = RULE | {"actions": {"assignUserToGroups": {"groupIds": [imported("x")["id"]]}}}

    assert "only assign people to Okta groups" in api.refused("POST", "/groups/rules", json=rule)[2]


def test_an_okta_group_of_the_same_name_is_another(api, imported):
    directory = imported("aws-admins")["id"]

    assert api.new_group("aws-admins") != directory


def test_importing_needs_the_token(anonymous):
    answer = anonymous.post("/sandbox/directory-groups", json={"name": "x"})

    assert answer.status_code == 401


# Priorities


@pytest.fixture
def priorities(api):
    app = api.new_app()["id"]
    groups = [api.new_group(f"g{n}") for n in range(3)]

    def assign(*numbers):
        for group, number in zip(groups, numbers, strict=True):
            api.assign(app, group, priority=number)
        found = {one["id"]: one["priority"] for one in api.call("GET", f"/apps/{app}/groups")}
        return [found[group] for group in groups]

    assign.app, assign.groups = app, groups
    return assign


def test_gaps_stay_by_default(priorities):
    assert priorities(10, 20, 1000) == [10, 20, 1000]


def test_an_org_may_refuse_a_priority_over_100(api, priorities):
    api.switch(largest_priority=100)
    app, group = priorities.app, priorities.groups[0]

    status, _, text = api.refused("PUT", f"/apps/{app}/groups/{group}", json={"priority": 101})

    assert (status, "from 0 to 100, not 101" in text) == (400, True)
    assert priorities(1, 50, 100) == [1, 50, 100]


@pytest.mark.parametrize(("start", "numbers"), [("from-0", [0, 1, 2]), ("from-1", [1, 2, 3])])
def test_an_org_may_close_the_gaps(api, priorities, start, numbers):
    api.switch(renumber_priorities=start)

    assert priorities(10, 20, 1000) == numbers
    api.call("DELETE", f"/apps/{priorities.app}/groups/{priorities.groups[0]}")
    path = f"/apps/{priorities.app}/groups/{priorities.groups[2]}"
    assert api.call("GET", path)["priority"] == numbers[1]
