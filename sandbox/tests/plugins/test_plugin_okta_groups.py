"""Groups, assignments, rules, memberships and people."""

import json

import grpc
import pytest

GROUP = "okta:group/group:Group"
ASSIGNMENT = "okta:app/groupAssignment:GroupAssignment"
RULE = "okta:group/rule:Rule"
OF_USER = "okta:index/userGroupMemberships:UserGroupMemberships"
USER = "okta:user/user:User"
SAML = "okta:app/saml:Saml"
POLICY = "okta:index/appSignonPolicy:AppSignonPolicy"
SIGN_ON_RULE = "okta:index/appSignonPolicyRule:AppSignonPolicyRule"


@pytest.fixture
def group(okta):
    return okta.create(GROUP, name="AWSDeveloper", description="Developers")


@pytest.fixture
def app(okta):
    given = {"label": "AWS", "preconfiguredApp": "amazon_aws", "skipAuthenticationPolicy": True}
    return okta.create(SAML, **given)


def test_a_group_is_posted_awaited_and_read(okta, directory):
    directory.lag("POST /api/v1/groups", reads=2)

    group = okta.create(GROUP, name="AWSDeveloper")

    assert directory.asked() == ["POST /groups", *["GET /groups/*"] * 4]
    assert group.outputs == {
        "id": group.id,
        "customProfileAttributes": "{}",
        "description": "",
        "name": "AWSDeveloper",
        "skipUsers": False,
    }


def test_a_group_that_stays_invisible_is_an_orphan(okta, directory, monkeypatch):
    monkeypatch.setattr("sandbox.plugins.okta.groups.VISIBLE_SECONDS", 0.3)
    directory.lag("POST /api/v1/groups", reads=100)

    reason = r"\t\* group '00g\w+' hasn't been created after multiple checks"
    with pytest.raises(grpc.RpcError, match=reason) as error:
        okta.create(GROUP, name="AWSDeveloper")

    assert "grpc-status-details-bin" not in dict(error.value.trailing_metadata())


def test_a_group_changes_in_place(okta, group, directory):
    directory.asked()
    changed = okta.update(group, name="Developers", description="")

    assert directory.asked() == ["PUT /groups/*", "GET /groups/*"]
    stored = directory.call("GET", f"/api/v1/groups/{group.id}")["profile"]
    assert (stored["name"], stored["description"]) == ("Developers", "")
    assert okta.changes(changed, name="Developers") == set()
    assert okta.changes(changed, name="Developers", description="new") == {"description"}


def test_a_group_renamed_by_hand_is_named_again(okta, group, directory):
    profile = {"name": "Somebody's", "description": "Developers"}
    directory.call("PUT", f"/api/v1/groups/{group.id}", {"profile": profile})

    seen = okta.refresh(group)

    assert okta.changes(seen, name="AWSDeveloper", description="Developers") == {"name"}


def test_a_group_is_adopted_by_its_id_and_forgotten_when_gone(okta, group, directory):
    assert okta.adopt(GROUP, group.id).inputs == {
        "name": "AWSDeveloper",
        "description": "Developers",
        "customProfileAttributes": "{}",
        "__defaults": [],
    }
    directory.call("DELETE", f"/api/v1/groups/{group.id}")
    assert okta.refresh(group) is None


def test_a_group_may_be_named_by_the_engine(okta):
    assert okta.create(GROUP, "developers").outputs["name"].startswith("developers-")


def test_an_assignment_is_put_and_read(okta, directory, app, group):
    directory.asked()
    profile = json.dumps({"samlRoles": ["OktaDeveloper"], "role": None})
    program = {"appId": app.id, "groupId": group.id, "priority": 1, "profile": profile}

    thing = okta.create(ASSIGNMENT, **program)

    assert directory.asked() == ["PUT /apps/*/groups/*", "GET /apps/*/groups/*"]
    assert thing.id == group.id
    assert thing.outputs == {
        "id": group.id,
        "appId": app.id,
        "groupId": group.id,
        "priority": 1,
        "profile": '{"role":null,"samlRoles":["OktaDeveloper"]}',
        "retainAssignment": False,
    }
    assert okta.changes(thing, **program) == set()
    assert okta.refresh(thing) == thing
    assert okta.replaces(thing, **program | {"groupId": "00g1"}) == {"groupId"}
    adopted = okta.adopt(ASSIGNMENT, f"{app.id}/{group.id}")
    assert adopted.id == group.id
    assert adopted.outputs == thing.outputs


@pytest.mark.parametrize(
    ("profile", "changes"),
    [
        ({"samlRoles": ["A", "B"], "role": None}, set()),
        ({"role": None, "samlRoles": ["A", "B"]}, set()),
        ({"samlRoles": ["A", "B"]}, {"profile"}),
        ({"role": None, "samlRoles": ["B", "A"]}, {"profile"}),
        (None, set()),
    ],
    ids=["same", "other order of keys", "null left out", "other order of roles", "not set"],
)
def test_when_a_profile_differs(okta, app, group, profile, changes):
    both = {"appId": app.id, "groupId": group.id}
    stored = json.dumps({"role": None, "samlRoles": ["A", "B"]})
    thing = okta.create(ASSIGNMENT, **both, profile=stored)

    program = both | ({"profile": json.dumps(profile)} if profile else {})
    assert okta.changes(thing, **program) == changes


def test_a_priority_of_zero_is_never_sent(okta, directory, app, group):
    first = okta.create(ASSIGNMENT, appId=app.id, groupId=group.id, priority=1)

    thing = okta.update(first, appId=app.id, groupId=group.id, priority=0)

    assert thing.outputs["priority"] == 1
    assert okta.changes(thing, appId=app.id, groupId=group.id, priority=0) == {"priority"}


def test_a_priority_that_the_program_leaves_out_stays(okta, directory, app, group):
    both = {"appId": app.id, "groupId": group.id}
    thing = okta.create(ASSIGNMENT, **both, priority=7)

    assert okta.changes(thing, **both) == set()
    changed = okta.update(thing, **both, profile='{"role":null,"samlRoles":["A"]}')
    assert changed.outputs["priority"] == 7


@pytest.mark.parametrize("profile", ["", "roles"])
def test_a_profile_that_is_no_json_is_refused_before_any_request(okta, app, group, profile):
    with pytest.raises(ValueError, match='"profile"'):
        okta.check(ASSIGNMENT, appId=app.id, groupId=group.id, profile=profile)


def test_roles_that_okta_does_not_know_are_refused_in_its_words(okta, directory, app, group):
    directory.switch(strict_roles=True)

    with pytest.raises(grpc.RpcError) as refusal:
        okta.create(
            ASSIGNMENT, appId=app.id, groupId=group.id, profile='{"samlRoles": ["Unheard"]}'
        )

    assert refusal.value.details().startswith(
        "1 error occurred:\n\t* failed to create application group assignment: "
        "the API returned an error: "
        "Api validation failed: samlRoles. Causes: errorSummary: samlRoles: 'Unheard'"
    )


def test_an_assignment_ended_by_hand_is_forgotten_by_a_refresh_and_missed_by_a_deletion(
    okta, directory, app, group
):
    thing = okta.create(ASSIGNMENT, appId=app.id, groupId=group.id)
    directory.call("DELETE", f"/api/v1/apps/{app.id}/groups/{group.id}")

    assert okta.refresh(thing) is None
    with pytest.raises(grpc.RpcError, match="failed to delete application group assignment"):
        okta.delete(thing)


def test_an_assignment_may_stay_when_its_program_goes(okta, directory, app, group):
    thing = okta.create(ASSIGNMENT, appId=app.id, groupId=group.id, retainAssignment=True)
    directory.asked()

    okta.delete(thing)

    assert directory.asked() == []


def test_a_persons_groups_are_put_and_seen(okta, directory, group):
    ada = directory.user_id("ada@example.com")
    other = okta.create(GROUP, name="Other")
    directory.asked()

    thing = okta.create(OF_USER, userId=ada, groups=[group.id])
    assert directory.asked() == ["PUT /groups/*/users/*", "GET /users/*/groups"]
    assert thing.id == ada

    changed = okta.update(thing, userId=ada, groups=[other.id])
    assert directory.asked() == ["PUT /groups/*/users/*", "DELETE /groups/*/users/*"]
    assert okta.changes(changed, userId=ada, groups=[other.id]) == set()
    assert okta.refresh(changed) == changed
    okta.delete(changed)
    members = directory.call("GET", f"/api/v1/groups/{other.id}/users")
    assert members == []


def test_one_missing_group_and_a_persons_groups_are_made_again(okta, directory, group):
    ada = directory.user_id("ada@example.com")
    thing = okta.create(OF_USER, userId=ada, groups=[group.id])
    directory.call("DELETE", f"/api/v1/groups/{group.id}/users/{ada}")

    assert okta.refresh(thing) is None
    okta.delete(thing)


def test_a_persons_groups_are_not_adopted(okta, directory):
    assert okta.adopt(OF_USER, directory.user_id("ada@example.com")) is None


def test_a_rule_gives_a_group_and_can_take_it_back(okta, directory, group):
    ada = directory.user_id("ada@example.com")
    program = {
        "name": "Ada",
        "groupAssignments": [group.id],
        "expressionValue": 'user.login == "ada@example.com"',
        "removeAssignedUsers": True,
    }
    directory.asked()

    rule = okta.create(RULE, **program)

    assert directory.asked() == [
        "POST /groups/rules",
        "POST /groups/rules/*/lifecycle/activate",
        "GET /groups/rules/*",
    ]
    [member] = directory.call("GET", f"/api/v1/groups/{group.id}/users")
    assert member["id"] == ada
    assert okta.changes(rule, **program) == set()
    assert okta.refresh(rule) == rule
    assert okta.replaces(rule, **program | {"groupAssignments": ["00g1"]}) == {"groupAssignments"}

    directory.asked()
    changed = okta.update(rule, **program | {"name": "Only Ada"})
    assert directory.asked() == [
        "POST /groups/rules/*/lifecycle/deactivate",
        "PUT /groups/rules/*",
        "POST /groups/rules/*/lifecycle/activate",
        "GET /groups/rules/*",
    ]
    okta.delete(changed)
    assert directory.asked() == [
        "POST /groups/rules/*/lifecycle/deactivate",
        "DELETE /groups/rules/*?removeUsers=true",
    ]
    assert directory.call("GET", f"/api/v1/groups/{group.id}/users") == []


def test_a_rules_name_has_fifty_characters_at_most(okta, group):
    with pytest.raises(ValueError, match=r"\[\{\{\} name\}\] cannot be longer than 50 runes"):
        okta.check(RULE, name="r" * 51, groupAssignments=[group.id], expressionValue="true")


PERSON = {
    "login": "kay@example.com",
    "email": "kay@example.com",
    "firstName": "Kay",
    "lastName": "McNulty",
}


def test_a_person_is_made_changed_suspended_and_deleted(okta, directory):
    person = okta.create(USER, **PERSON)
    assert directory.asked() == ["POST /users", "GET /users/*"]
    assert person.outputs["status"] == person.outputs["rawStatus"] == "PROVISIONED"
    assert person.outputs["type"]["id"]
    assert "department" not in person.outputs
    assert "." not in person.outputs["created"]
    assert okta.changes(person, **PERSON) == set()
    assert okta.refresh(person).outputs["login"] == "kay@example.com"

    person = okta.update(person, **PERSON, department="Computing")
    assert directory.call("GET", f"/api/v1/users/{person.id}")["profile"]["department"]
    directory.asked()

    okta.delete(person)
    assert directory.asked() == ["DELETE /users/*", "DELETE /users/*"]
    assert okta.refresh(person) is None


def test_a_staged_person_is_not_activated(okta, directory):
    person = okta.create(USER, **PERSON, status="STAGED")

    assert directory.asked() == ["POST /users?activate=false", "GET /users/*"]
    assert person.outputs["rawStatus"] == person.outputs["status"] == "STAGED"
    person = okta.update(person, **PERSON, status="ACTIVE")
    assert person.outputs["status"] == "PROVISIONED"
    assert okta.changes(person, **PERSON) == set()


def test_a_sign_on_policy_has_rules(okta, directory):
    policy = okta.create(POLICY, name="MFA", description="A second factor")
    assert directory.asked() == [
        "GET /.well-known/okta-organization",
        "POST /policies",
        "GET /policies/*/rules",
    ]
    assert policy.outputs["defaultRuleId"]
    assert okta.changes(policy, name="MFA", description="A second factor") == set()

    program = {
        "policyId": policy.id,
        "name": "Second factor",
        "factorMode": "2FA",
        "reAuthenticationFrequency": "PT12H",
        "priority": 1,
        "groupsIncluded": [okta.create(GROUP, name="G").id],
        "constraints": ['{"possession": {"required": true}}'],
    }
    rule = okta.create(SIGN_ON_RULE, **program)
    assert rule.outputs["system"] is False
    assert okta.changes(rule, **program) == set()
    assert okta.changes(okta.refresh(rule), **program) == set()
    assert okta.adopt(SIGN_ON_RULE, f"{policy.id}/{rule.id}").outputs["name"] == "Second factor"
    changed = okta.update(rule, **program | {"reAuthenticationFrequency": "PT0S"})
    assert changed.outputs["reAuthenticationFrequency"] == "PT0S"

    okta.delete(changed)
    assert okta.refresh(changed) is None
    okta.delete(policy)
    with pytest.raises(grpc.RpcError, match="failed to read app sign-on policy"):
        okta.refresh(policy)


def test_a_look_up_finds_a_person(okta, directory):
    search = [{"name": "profile.login", "value": "ada@example.com"}]
    directory.asked()

    found = okta.look_up(
        "okta:user/getUser:getUser", searches=search, skipGroups=True, skipRoles=True
    )

    assert found["id"] == directory.user_id("ada@example.com")
    assert not {"userId", "department"} & found.keys(), "what is not set is not there"
    assert found["compoundSearchOperator"] == "and"
    assert found["searches"] == [search[0] | {"comparison": "eq"}]
    assert (found["firstName"], found["status"]) == ("Ada", "ACTIVE")
    assert directory.asked()[0].startswith("GET /users?limit=1&search=")
    full = okta.look_up("okta:user/getUser:getUser", userId=found["id"])
    assert full["login"] == "ada@example.com"
    assert full["groupMemberships"]


def test_what_a_look_up_does_not_find_is_an_error(okta):
    nobody = [{"name": "profile.login", "value": "nobody@example.com"}]
    with pytest.raises(grpc.RpcError, match="no users found using search criteria"):
        okta.look_up("okta:user/getUser:getUser", searches=nobody)
