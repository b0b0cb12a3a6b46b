import pulumi_okta
import pytest
from pulumi_okta import app, group
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import assignments

ONE = assignments.GROUP_ASSIGNMENT
MANY = assignments.GROUP_ASSIGNMENTS
LATER = UNKNOWN_STRING_VALUE


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (app.Saml, assignments.APP),
        (app.GroupAssignment, assignments.GROUP_ASSIGNMENT),
        (pulumi_okta.AppGroupAssignments, assignments.GROUP_ASSIGNMENTS),
        (group.Group, assignments.GROUP),
    ],
)
def test_the_rules_name_types_that_the_provider_has(resource, token):
    assert resource.pulumi_type == token


@pytest.fixture
def aws(stack):
    return stack.add(assignments.APP, "aws", {"preconfiguredApp": "amazon_aws"})


@pytest.fixture
def wiki(stack):
    return stack.add(assignments.APP, "wiki", {"preconfiguredApp": "confluence"})


def people(stack, name):
    return stack.add(assignments.GROUP, name.lower(), {"name": name})


class TestEveryone:
    @pytest.fixture
    def said(self, stack):
        return lambda **config: stack.said_by(assignments.okta_app_not_everyone, **config)

    def test_a_group_of_its_own_is_fine_before_it_is_there(self, stack, aws, said):
        developers = people(stack, "AWSDeveloper")
        props = {"appId": LATER, "groupId": LATER}
        stack.add(ONE, "assign", props, appId=[aws], groupId=[developers])
        assert said(everyone=["00gEveryone"]) == []

    def test_everyone_is_named(self, stack, aws, said):
        everyone = people(stack, "Everyone")
        stack.add(
            ONE, "assign", {"appId": LATER, "groupId": "00g"}, appId=[aws], groupId=[everyone]
        )
        assert said() == [
            (
                "assign",
                "Okta group assignment 'assign' must give AWS to a group of its own, "
                "not to Everyone. [Everyone]",
            )
        ]

    def test_everyone_by_id_is_named(self, stack, aws, said):
        stack.add(ONE, "assign", {"appId": LATER, "groupId": "00gEveryone"}, appId=[aws])
        assert said() == []
        assert said(everyone=["00gOther"]) == []
        assert len(said(everyone=["00gEveryone"])) == 1

    def test_everyone_among_many_is_named(self, stack, aws, said):
        everyone = people(stack, "Everyone")
        props = {"appId": LATER, "groups": [{"id": LATER}]}
        stack.add(MANY, "assign", props, appId=[aws], groups=[everyone])
        assert len(said()) == 1

    def test_everyone_among_many_by_id_is_named(self, stack, aws, said):
        props = {"appId": LATER, "groups": [{"id": "00gA"}, {"id": "00gEveryone"}]}
        stack.add(MANY, "assign", props, appId=[aws])
        assert said(everyone=["00gOther"]) == []
        assert len(said(everyone=["00gEveryone"])) == 1

    def test_an_app_that_is_everyones_without_an_assignment_is_named(self, stack, said):
        props = {"preconfiguredApp": "amazon_aws", "implicitAssignment": True}
        stack.add(assignments.APP, "aws", props)
        assert said() == [
            (
                "aws",
                "Okta app 'aws' must be assigned to groups, not implicitly to everyone: leave "
                "implicitAssignment out. [implicitAssignment]",
            )
        ]

    def test_another_app_may_be_for_everyone(self, stack, wiki, said):
        everyone = people(stack, "Everyone")
        stack.add(
            ONE, "assign", {"appId": LATER, "groupId": "00g"}, appId=[wiki], groupId=[everyone]
        )
        assert said() == []

    def test_an_app_of_another_stack_counts_if_it_is_listed(self, stack, said):
        everyone = people(stack, "Everyone")
        props = {"appId": "0oaAws", "groupId": "00g"}
        stack.add(ONE, "assign", props, groupId=[everyone])
        assert said(apps=["0oaWiki"]) == []
        assert len(said(apps=["0oaAws"])) == 1


class TestPriorities:
    @pytest.fixture
    def said(self, stack):
        return lambda: stack.said_by(assignments.unique_priorities)

    def assign(self, stack, name, to, **props):
        return stack.add(ONE, name, {"appId": LATER, "groupId": LATER} | props, appId=[to])

    def test_different_priorities_are_fine(self, stack, aws, said):
        self.assign(stack, "a", aws, priority=1.0)
        self.assign(stack, "b", aws, priority=2.0)
        assert said() == []

    def test_a_priority_given_twice_is_named(self, stack, aws, said):
        self.assign(stack, "b", aws, priority=1.0)
        self.assign(stack, "a", aws, priority=1.0)
        assert said() == [
            (
                "a",
                "Okta group assignment 'a' must have a priority of its own: 1 is given 2 times in "
                "its app, by 'a' and 'b'. [priority 1]",
            )
        ]

    def test_two_apps_have_their_own_order(self, stack, aws, wiki, said):
        self.assign(stack, "a", aws, priority=1.0)
        self.assign(stack, "b", wiki, priority=1.0)
        assert said() == []

    def test_an_app_of_another_stack_is_told_by_its_id(self, stack, said):
        for name, to in (("a", "0oa1"), ("b", "0oa1"), ("c", "0oa2")):
            stack.add(ONE, name, {"appId": to, "priority": 1.0})
        [(name, _)] = said()
        assert name == "a"

    def test_no_priority_is_shared_by_none(self, stack, aws, said):
        self.assign(stack, "a", aws)
        self.assign(stack, "b", aws, priority=None)
        assert said() == []

    def test_the_groups_of_one_assignment_count(self, stack, aws, said):
        groups = [{"id": LATER, "priority": 1.0}, {"id": LATER, "priority": 1.0}]
        stack.add(MANY, "all", {"appId": LATER, "groups": groups}, appId=[aws])
        [(_, message)] = said()
        assert message.endswith("1 is given 2 times in its app, by 'all'. [priority 1]")

    def test_a_priority_that_okta_will_choose_is_left_to_the_engine(self, stack, aws, said):
        self.assign(stack, "a", aws, priority=LATER)
        with pytest.raises(UnknownValueError):
            said()
