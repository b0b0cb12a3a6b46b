"""Role groups that a directory masters, and a person whose login is no session name."""

import pytest

from sandbox.errors import SandboxError
from sandbox.person import assume, role_pairs, saml_response

ACCOUNT = "123456789012"
ADA, LOGIN = "ada@example.com", "miles.o'brien@example.com"
ROLE_GROUP = f"aws_{ACCOUNT}_OktaDeveloper"
STACK = {
    "mode": "group-mapping",
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {
        "appFilter": "okta, active_directory",
        "userNameTemplate": 'String.replace(user.login, "\'", "")',
    },
    "roles": {
        "OktaDeveloper": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "OktaAuditor": {"managedPolicies": ["SecurityAudit"]},
    },
    "groups": {
        ROLE_GROUP: {"roles": ["OktaDeveloper"], "existing": True},
        "Auditors": {"roles": ["OktaAuditor"], "members": [LOGIN]},
    },
}


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        user = bench.okta("GET", f"/api/v1/users/{ADA}")
        bench.okta("POST", f"/api/v1/users/{user['id']}", json={"profile": {"login": LOGIN}})
        group = {"name": ROLE_GROUP, "members": [LOGIN]}
        bench.okta("POST", "/sandbox/directory-groups", json=group)
        yield bench


def sessions(bench):
    """The caller's ARN in each role that the person is offered."""
    link, password = bench.stack.outputs()["signInUrl"], bench.clouds.people[ADA]["password"]
    response = saml_response(link, LOGIN, password)
    return [assume(response, *pair, bench.clouds.aws_url).caller() for pair in role_pairs(response)]


def test_people_of_the_directorys_group_are_not_the_stacks_to_say(bench):
    group = STACK["groups"][ROLE_GROUP] | {"members": [LOGIN]}
    bench.write(STACK | {"groups": {**STACK["groups"], ROLE_GROUP: group}})
    before = bench.inventory()

    with pytest.raises(SandboxError, match=rf"groups.{ROLE_GROUP}.members: .* type APP_GROUP"):
        bench.stack.run("preview", "--stack", "features")
    with pytest.raises(SandboxError, match=rf"groups.{ROLE_GROUP}.members: .* type APP_GROUP"):
        bench.up()

    assert bench.inventory() == before, "nothing was made"


def test_an_app_filter_that_passes_over_the_group_is_refused(bench):
    bench.write(STACK | {"app": STACK["app"] | {"appFilter": "okta"}})

    with pytest.raises(SandboxError, match=rf"app.appFilter = 'okta': passes over {ROLE_GROUP}"):
        bench.stack.run("preview", "--stack", "features")


def test_the_directorys_people_enter_the_role_and_the_session_has_the_other_name(bench):
    bench.write(STACK)
    assert set(bench.up()) == {"created"}

    name = "miles.obrien@example.com"
    assert sorted(sessions(bench)) == [
        f"arn:aws:sts::{ACCOUNT}:assumed-role/OktaAuditor/{name}",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/OktaDeveloper/{name}",
    ]
    assert bench.up() == {}
    bench.stack.run("refresh", "--stack", "features", "--yes", "--skip-preview")
    assert bench.up() == {}


def test_a_destroy_leaves_the_directorys_group(bench):
    bench.stack.destroy()

    names = [each["profile"]["name"] for each in bench.okta("GET", "/api/v1/groups")]
    assert ROLE_GROUP in names
    assert "Auditors" not in names
