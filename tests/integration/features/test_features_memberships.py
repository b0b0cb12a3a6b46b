"""People in groups: few look-ups, a resource for each person, and nobody out on the way there."""

import json
import threading

import pytest

from sandbox.errors import SandboxError
from tests.logins import Logins

ACCOUNT = "123456789012"
ADA = "ada@example.com"
PEOPLE = [f"person{number:03}@example.com" for number in range(100)]
MEMBERSHIPS = "okta:index/userGroupMemberships:UserGroupMemberships"


def stack_file(groups):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"OktaDeveloper": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
        "provisioning": {"integration": "done"},
        "app": {"combineRoles": True},
        "groups": {
            name: {"roles": ["OktaDeveloper"], "members": members}
            for name, members in groups.items()
        },
    }


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT, strict_roles=False) as bench:
        yield bench


def resources(bench):
    exported = json.loads(bench.stack.run("stack", "export", "--stack", bench.stack.name))
    return exported["deployment"]["resources"]


def look_ups(bench):
    return [
        each
        for each in bench.okta("GET", "/sandbox/requests")
        if each["method"] == "GET" and each["path"].split("?")[0] == "/api/v1/users"
    ]


def test_a_hundred_people_in_ten_groups_are_few_look_ups_and_a_resource_each(bench):
    for login in PEOPLE:
        profile = {"login": login, "email": login, "firstName": "A", "lastName": "B"}
        bench.okta("POST", "/api/v1/users", json={"profile": profile})
    groups = {
        f"Team{n}": [*PEOPLE[n * 10 : n * 10 + 10], PEOPLE[(n * 10 + 10) % 100]] for n in range(10)
    }
    bench.write(stack_file(groups))
    before = len(look_ups(bench))

    bench.stack.run("preview", "--stack", bench.stack.name)

    assert len(look_ups(bench)) - before == 3, "one for each forty logins"
    bench.up()
    memberships = [each for each in resources(bench) if each["type"] == MEMBERSHIPS]
    assert len(memberships) == 100
    for name, members in groups.items():
        assert members_of(bench, name) == set(members)
    assert bench.up() == {}


def members_of(bench, name):
    [group] = bench.okta("GET", "/api/v1/groups", params={"q": name})
    found = bench.okta("GET", f"/api/v1/groups/{group['id']}/users", params={"limit": 200})
    return {each["profile"]["login"] for each in found}


def test_a_person_who_is_moved_is_never_in_no_group_and_leaves_the_old_one(bench):
    bench.write(stack_file({"Team0": [*PEOPLE[:1], ADA], "Team1": PEOPLE[1:3]}))
    bench.up()

    bench.write(stack_file({"Team0": PEOPLE[:1], "Team1": [*PEOPLE[1:3], ADA]}))
    with Logins(bench, ADA) as logins:
        bench.up()

    assert logins.refused == []
    assert logins.count > 5
    assert members_of(bench, "Team0") == {PEOPLE[0]}
    assert members_of(bench, "Team1") == {*PEOPLE[1:3], ADA}


def test_everybody_whom_okta_does_not_know_is_named_in_one_line_without_a_traceback(bench):
    bench.write(
        stack_file({"Team0": [PEOPLE[0], "nobody@example.com"], "Team1": ["no@example.com"]})
    )

    with pytest.raises(SandboxError) as refused:
        bench.stack.run("preview", "--stack", bench.stack.name)

    text = " ".join(str(refused.value).split())
    assert "groups.Team0.members = 'nobody@example.com'" in text
    assert "groups.Team1.members = 'no@example.com': not in Okta" in text
    assert "Traceback" not in text


def to_former_state(bench):
    """Give the state a resource for each membership, as earlier releases did."""
    stack = ("--stack", bench.stack.name)
    state = json.loads(bench.stack.run("stack", "export", *stack))
    kept, groups = [], {}
    for each in state["deployment"]["resources"]:
        if each["type"] == "okta:group/group:Group":
            groups[each["id"]] = each
        if each["type"] == "pulumi:pulumi:Stack":
            each["outputs"].pop("membershipResources")
        if each["type"] != MEMBERSHIPS:
            kept.append(each)
            continue
        login = each["urn"].rpartition("::")[2]
        for group_id in each["inputs"]["groups"]:
            group = groups[group_id]
            name = group["urn"].rpartition("::")[2].removesuffix("-group")
            kind = f"okta-aws-federation:index:AccessGroup${MEMBERSHIPS}"
            former = json.loads(json.dumps(each))
            former["urn"] = each["urn"].replace(MEMBERSHIPS, kind).replace(login, f"{name}-{login}")
            former["parent"] = group["parent"]
            former["inputs"]["groups"] = former["outputs"]["groups"] = [group_id]
            former["dependencies"] = [group["urn"]]
            former["propertyDependencies"] = {"groups": [group["urn"]]}
            kept.append(former)
    state["deployment"]["resources"] = kept
    file = bench.workspace.folder / "former-state.json"
    file.write_text(json.dumps(state))
    bench.stack.run("stack", "import", *stack, "--file", str(file))


def test_a_stack_of_an_earlier_release_moves_over_and_nobody_leaves_a_group(bench):
    teams = {"Team0": [*PEOPLE[:3], ADA], "Team1": PEOPLE[1:4]}
    bench.write(stack_file(teams))
    bench.up()
    to_former_state(bench)
    assert len([each for each in resources(bench) if each["type"] == MEMBERSHIPS]) == 7
    missing, done = [], threading.Event()

    def watch():
        while not done.wait(0.05):
            missing.extend(
                (name, login)
                for name, members in teams.items()
                for login in set(members) - members_of(bench, name)
            )

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with Logins(bench, ADA) as logins:
            first, second, third = bench.up(), bench.up(), bench.up()
    finally:
        done.set()
        watcher.join()

    assert missing == []
    assert logins.refused == []
    assert first == {"created": 5}, "a resource for each person; the former ones are retained"
    assert (second, third) == ({"deleted": 7}, {}), "from the state only"
    assert len([each for each in resources(bench) if each["type"] == MEMBERSHIPS]) == 5


def test_who_is_taken_out_in_the_update_that_moves_the_stack_is_out(bench):
    bench.write(stack_file({"Team0": PEOPLE[:3], "Team1": PEOPLE[1:4]}))
    bench.up()
    to_former_state(bench)
    teams = {"Team0": PEOPLE[:2], "Team1": PEOPLE[1:4]}
    bench.write(stack_file(teams))

    bench.up()

    assert members_of(bench, "Team0") == set(PEOPLE[:2])
    teams = {"Team0": PEOPLE[:2], "Team1": PEOPLE[2:4]}
    bench.write(stack_file(teams))
    bench.up()
    assert members_of(bench, "Team1") == set(PEOPLE[2:4])
    assert members_of(bench, "Team0") == set(PEOPLE[:2])
