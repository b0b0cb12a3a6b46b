import json

import pulumi
import pulumi_okta as okta
import pytest

from components import AccessGroup, Assignment
from okta_aws_federation.okta_app import group_rule_name


def test_members_get_the_roles_of_the_assignment_and_no_others(run, cloud, group_args):
    given = Assignment(app_id="0oa1", priority=7, roles=["OktaDeveloper", "OktaAuditor"])

    run(lambda: AccessGroup("developers", group_args(assignment=given)))

    assignment = cloud.one(okta.app.GroupAssignment)
    assert assignment["groupId"] == "developers-group-id"
    assert (assignment["appId"], assignment["priority"]) == ("0oa1", 7)
    assert json.loads(assignment["profile"]) == {
        "role": None,
        "samlRoles": ["OktaAuditor", "OktaDeveloper"],
    }, "Okta answers with `role` too, and compares the list in order"


@pytest.mark.parametrize(
    ("options", "ignored"), [({}, []), ({"priority_matters": False}, ["priority"])]
)
def test_a_priority_that_decides_nothing_is_left_as_it_was_assigned(
    run, cloud, group_args, options, ignored
):
    given = Assignment(app_id="0oa1", priority=7, roles=["Dev"], **options)

    run(lambda: AccessGroup("developers", group_args(assignment=given)))

    [request] = [r for r in cloud.engine.requests.values() if "Assignment" in r.type]
    assert list(request.ignoreChanges) == ignored


def test_in_group_mapping_the_assignment_says_nothing_of_roles(run, cloud, group_args):
    run(
        lambda: AccessGroup(
            "developers",
            group_args(assignment=Assignment(app_id="0oa1", priority=7, roles=None)),
        )
    )

    assert "profile" not in cloud.one(okta.app.GroupAssignment)


def test_nothing_is_assigned_while_okta_does_not_know_the_roles(run, cloud, group_args):
    run(lambda: AccessGroup("developers", group_args(assignment=None)))

    assert not cloud.of(okta.app.GroupAssignment)
    assert cloud.of(okta.group.Group)


def test_each_member_is_a_membership_of_its_own(run, cloud, group_args):
    people = {"ada@example.com": "00u1", "grace@example.com": "00u2"}

    run(lambda: AccessGroup("developers", group_args(members=people)))

    memberships = cloud.of(okta.UserGroupMemberships)
    assert {name: (m["userId"], m["groups"]) for name, m in memberships.items()} == {
        "developers-ada@example.com": ("00u1", ["developers-group-id"]),
        "developers-grace@example.com": ("00u2", ["developers-group-id"]),
    }


def test_a_membership_whose_name_is_escaped_is_found_under_its_former_name(run, cloud, group_args):
    args = group_args(members={"ada-l@example.com": "00u1"})

    run(lambda: AccessGroup("developers", args))

    former = {
        request.name: [alias.spec.name for alias in request.aliases]
        for request in cloud.engine.children_of("developers")
        if request.aliases
    }
    assert former == {"developers-ada~1l@example.com": ["developers-ada-l@example.com"]}


def test_a_rule_takes_back_what_it_gave(run, cloud, group_args):
    rule = 'user.department=="Engineering"'

    run(lambda: AccessGroup("developers", group_args(rule=rule)))

    made = cloud.one(okta.group.Rule)
    assert made["expressionValue"] == rule
    assert made["groupAssignments"] == ["developers-group-id"]
    assert made["removeAssignedUsers"] is True


def test_an_existing_group_is_used_and_not_made(run, cloud, group_args):
    run(lambda: AccessGroup("developers", group_args(existing_id="00g-directory")))

    assert not cloud.of(okta.group.Group)
    assert cloud.one(okta.app.GroupAssignment)["groupId"] == "00g-directory"
    assert cloud.one(okta.UserGroupMemberships)["groups"] == ["00g-directory"]


def test_members_get_the_command_line_app_too(run, cloud, group_args):
    run(lambda: AccessGroup("developers", group_args(command_line_app="0oa-cli")))

    native = cloud.of(okta.app.GroupAssignment)["developers-command-line"]
    assert (native["appId"], native["groupId"]) == ("0oa-cli", "developers-group-id")


def test_a_rule_has_a_name_that_okta_takes_and_no_two_are_the_same():
    long = "A" * 60

    assert group_rule_name("AWSDeveloper") == "AWSDeveloper"
    assert len(group_rule_name(long)) == 50
    assert group_rule_name(long + "1") != group_rule_name(long + "2")


@pytest.mark.parametrize("priority", [0, -1])
def test_a_priority_that_okta_would_not_keep_is_refused(priority):
    with pytest.raises(ValueError, match=f"priority must be 1 or more, not {priority}"):
        Assignment(app_id="0oa1", priority=priority, roles=["OktaDeveloper"])


def test_an_assignment_without_a_role_is_refused():
    with pytest.raises(ValueError, match="roles must name a role"):
        Assignment(app_id="0oa1", priority=1, roles=[])


def test_a_description_of_a_group_that_is_not_ours_is_refused(group_args):
    with pytest.raises(ValueError, match="description of AWSDeveloper must be empty"):
        group_args(existing_id="00g1", description="Developers.")


def test_two_groups_share_no_child_and_children_keep_their_names(run, cloud, group_args):
    run(lambda: [AccessGroup(n, group_args(group_name=n, rule="true")) for n in ("one", "two")])

    kinds = {
        "Group": "group",
        "GroupAssignment": "assignment",
        "UserGroupMemberships": "ada@example.com",
        "Rule": "rule",
    }
    assert cloud.names() == {
        f"{kind} {name}-{suffix}" for kind, suffix in kinds.items() for name in ("one", "two")
    }, "a changed name is a migration: see CHANGELOG"


def test_options_reach_the_children_and_place_and_past_do_not(run, cloud, group_args):
    def program():
        team = pulumi.ComponentResource("test:index:Team", "team")
        opts = pulumi.ResourceOptions(
            parent=team, protect=True, retain_on_delete=True, aliases=[pulumi.Alias(name="old")]
        )
        AccessGroup("developers", group_args(), opts)

    run(program)

    assert cloud.engine.component("developers").retainOnDelete, (
        "the engine hands it down from there"
    )
    children = cloud.engine.children_of("developers")
    assert len(children) == 3
    for child in children:
        assert child.parent.endswith("AccessGroup::developers")
        assert child.protect == child.name.endswith("-group"), "access can always be taken away"
        assert not child.aliases
