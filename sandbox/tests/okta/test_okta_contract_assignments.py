"""The contract of who has an app: groups with priorities and roles, people, the schema."""

import pytest

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def test_an_assignment_reads_back_as_sent(lax, app):
    group = lax.new_group("AWSDeveloper")
    profile = {"role": None, "samlRoles": ["B", "A"]}

    answer = lax.assign(app["id"], group, profile=profile, priority=3)

    assert (answer["id"], answer["priority"], answer["profile"]) == (group, 3, profile)
    assert lax.call("GET", f"/apps/{app['id']}/groups/{group}") == answer
    assert lax.call("GET", f"/apps/{app['id']}/groups?limit=200") == [answer]


def test_the_apps_of_a_group_are_those_that_it_is_assigned_to(lax, app):
    group = lax.new_group("AWSDeveloper")
    assert lax.call("GET", f"/groups/{group}/apps") == []

    lax.assign(app["id"], group, profile={"role": None, "samlRoles": ["A"]})

    [one] = lax.call("GET", f"/groups/{group}/apps")
    assert one == lax.call("GET", f"/apps/{app['id']}")


@pytest.mark.parametrize(
    ("nulls", "shown"), [(True, {"role": None, "samlRoles": ["A"]}), (False, {"samlRoles": ["A"]})]
)
def test_nulls_in_a_profile_are_the_switch_s_to_add(lax, app, nulls, shown):
    lax.switch(assignment_nulls=nulls)

    answer = lax.assign(app["id"], lax.new_group("g"), profile={"samlRoles": ["A"]})

    assert answer["profile"] == shown


def test_priorities_stay_sparse_and_shift_on_collision_alone(lax, app):
    first, second, third, new = (lax.new_group(name) for name in "abcd")
    for group, priority in ((first, 1), (second, 2), (third, 7)):
        lax.assign(app["id"], group, priority=priority)

    lax.assign(app["id"], new, priority=1)

    path = f"/apps/{app['id']}/groups"
    found = {one["id"]: one["priority"] for one in lax.call("GET", path)}
    assert found == {new: 1, first: 2, second: 3, third: 7}


def test_a_priority_left_out_is_kept_or_comes_last(lax, app):
    first, second = lax.new_group("a"), lax.new_group("b")

    assert lax.assign(app["id"], first)["priority"] == 0
    assert lax.assign(app["id"], second)["priority"] == 1
    assert lax.assign(app["id"], first, profile={})["priority"] == 0


@pytest.mark.parametrize("priority", [-1, "1", True])
def test_a_priority_that_is_none_is_refused(lax, app, priority):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"

    assert lax.refused("PUT", path, json={"priority": priority})[0] == 400


def test_a_role_that_was_not_imported_is_refused_by_default(api, app):
    group = api.new_group("AWSDeveloper")
    for profile in ({"samlRoles": ["OktaDeveloper"]}, {"role": "OktaDeveloper"}):
        status, code, text = api.refused(
            "PUT", f"/apps/{app['id']}/groups/{group}", json={"profile": profile}
        )

        assert (status, code) == (400, "E0000001")
        assert text.startswith("Api validation failed: samlRoles | ")
        assert "'OktaDeveloper'" in text


@pytest.mark.parametrize("names", ["A", [1], {"a": 1}])
def test_role_names_that_are_no_list_of_names_are_refused(lax, app, names):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"

    assert lax.refused("PUT", path, json={"profile": {"samlRoles": names}})[0] == 400


def test_an_assignment_that_is_gone_is_not_found_and_not_deleted_twice(lax, app):
    path = f"/apps/{app['id']}/groups/{lax.new_group('a')}"
    lax.call("PUT", path, json={})

    assert lax.client.delete(f"/api/v1{path}").status_code == 204
    assert lax.refused("GET", path)[0] == 404
    assert lax.refused("DELETE", path)[0] == 404


def test_saml_roles_come_in_another_order_by_the_switch(lax, app):
    lax.switch(order="reversed")

    answer = lax.assign(app["id"], lax.new_group("g"), profile={"samlRoles": ["A", "B", "C"]})

    assert answer["profile"]["samlRoles"] == ["C", "B", "A"]


def test_people_of_an_app_come_directly_or_through_groups(lax, app):
    lax.assign(app["id"], lax.new_group("a", "ada@example.com"), profile={"samlRoles": ["A"]})
    grace = lax.user_id("grace@example.com")
    users = f"/apps/{app['id']}/users"
    body = {"id": grace, "scope": "USER", "profile": {"samlRoles": ["B"]}}
    assert lax.call("POST", users, json=body)["credentials"]["userName"] == "grace@example.com"

    scopes = {one["credentials"]["userName"]: one["scope"] for one in lax.call("GET", users)}
    assert scopes == {"ada@example.com": "GROUP", "grace@example.com": "USER"}
    changed = {"credentials": {"userName": "g"}, "profile": {"samlRoles": ["C"]}}
    lax.call("POST", f"{users}/{grace}", json=changed)
    read = lax.call("GET", f"{users}/{grace}")
    assert (read["credentials"]["userName"], read["profile"]["samlRoles"]) == ("g", ["C"])
    lax.call("DELETE", f"{users}/{grace}")
    assert lax.refused("GET", f"{users}/{grace}")[0] == 404


def test_whether_roles_are_combined_is_in_the_schema(api, app):
    path = f"/meta/schemas/apps/{app['id']}/default"

    def union(schema):
        return schema["definitions"]["base"]["properties"]["samlRoles"]["union"]

    assert union(api.call("GET", path)) == "DISABLE"
    body = {"definitions": {"base": {"properties": {"samlRoles": {"union": "ENABLE"}}}}}
    assert union(api.call("POST", path, json=body)) == "ENABLE"
    assert api.refused("POST", path, json={})[0] == 400
