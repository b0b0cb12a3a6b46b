"""No two resources get one name, whatever groups, people, roles and policies are called."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from components.sign_in_alarm import event_rule_name
from okta_aws_federation.okta_app import group_rule_name
from okta_aws_federation.resource_names import child_name, former_child_name, unescaped

NAME = st.text(alphabet="ab-~+=key/", max_size=8)
PAIR = st.tuples(NAME, NAME)
SHAPES = st.sampled_from([("-", ""), ("-key-", ""), ("-", "-inline")])


@given(PAIR, PAIR, SHAPES)
@example(("a", "-"), ("a", "~1"), ("-", ""))
@example(("AWS", "Dev-ada"), ("AWS-Dev", "ada"), ("-", ""))
@example(("a", "key-b"), ("a-key", "b"), ("-key-", ""))
def test_two_pairs_of_names_never_become_one(one, two, shape):
    separator, suffix = shape

    same = child_name(*one, separator, suffix) == child_name(*two, separator, suffix)

    assert same == (one == two)


@given(PAIR)
def test_the_former_name_is_found_again(pair):
    name, part = pair
    if "~" not in name + part:
        assert unescaped(child_name(name, part)) == former_child_name(name, part)


@given(NAME, st.text(alphabet="ab@.", max_size=8))
def test_a_part_without_the_separator_is_written_as_it_is(name, part):
    assert child_name(name, part) == former_child_name(name, part)


ROLE = st.text(alphabet="abAB+=,.@-_", min_size=1, max_size=64)


@given(ROLE, ROLE)
def test_each_role_has_a_rule_of_its_own_that_eventbridge_takes(one, two):
    names = event_rule_name(one), event_rule_name(two)

    assert all(re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", name) for name in names)
    assert (names[0] == names[1]) == (one == two)


LONG = st.text(alphabet="ab", min_size=45, max_size=55)


@given(LONG, LONG)
def test_each_group_has_a_rule_of_its_own_that_okta_takes(one, two):
    names = group_rule_name(one), group_rule_name(two)

    assert all(len(name) <= 50 for name in names)
    assert (names[0] == names[1]) == (one == two)


def test_the_longest_name_of_an_event_rule_is_what_eventbridge_takes():
    assert event_rule_name("a" * 56) == f"{'a' * 56}-entered"
    assert len(event_rule_name("a" * 57)) == 64
    assert event_rule_name("a" * 57).endswith("-entered")
