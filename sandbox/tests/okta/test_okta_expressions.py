"""The languages of rules and searches, without a server."""

import pytest

from sandbox.okta import expressions, filters

CONTEXT = {
    "user": {"login": "ada@example.com", "department": "Engines", "level": 3, "manager": None},
    "groups": ["Everyone", "AWSDeveloper"],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"fixed"', "fixed"),
        ("user.department", "Engines"),
        ("user.nothing", None),
        ("user.level == 3", True),
        ('user.department == "Engines" and user.level != 3', False),
        ('user.department == "X" or user.level == 3', True),
        ('user.department == "X" || user.level == 3 && false', False),
        ('!(user.department == "X")', True),
        ("user.manager == null", True),
        ('String.substringBefore(user.login, "@")', "ada"),
        ('String.substringAfter(user.login, "@")', "example.com"),
        ('String.substringBefore(user.login, "#")', ""),
        ("String.toUpperCase(user.department)", "ENGINES"),
        ('String.toLowerCase(user.department) + "-" + user.level', "engines-3"),
        ('String.append(user.manager, "x")', "x"),
        ('String.stringContains(user.department, "gin")', True),
        ('String.startsWith(user.manager, "x")', False),
        ('isMemberOfGroupName("AWSDeveloper")', True),
        ("isMemberOfGroupName('Nobody')", False),
        (r'"a \" quote"', 'a " quote'),
        ('user.level == 3 ? "three" : "other"', "three"),
        ('(user.manager == null) ? "" : user.manager + "x"', ""),
        ('true ? false ? "a" : "b" : "c"', "b"),
        ('String.replace(user.login, "a", "")', "d@exmple.com"),
        ('String.replaceFirst(user.login, "a", "")', "da@example.com"),
        ("String.substring(user.login, 0, 3)", "ada"),
    ],
)
def test_an_expression_means(text, value):
    assert expressions.parse(text)(CONTEXT) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("user.a ==", "ends too early"),
        ("user.a user.b", "unexpected 'user.b'"),
        ("user.a == #", "unexpected '#'"),
        ("(user.a", r"missing '\)'"),
        ("bare", "unexpected 'bare'"),
        ("user.a ? user.b", "missing ':'"),
        ("String.fly(user.a)", "no function 'String.fly'"),
        ("String.toUpperCase(user.a, user.b)", "of 2 arguments"),
        ("isMemberOfGroupName()", "of 0 arguments"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        expressions.parse(text)


THING = {"status": "ACTIVE", "profile": {"login": "ada@example.com", "nick": ""}}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('status eq "active"', True),
        ('status ne "ACTIVE"', False),
        ('profile.login sw "ada" and profile.login ew ".com"', True),
        ('profile.login co "@" and (status eq "X" or status eq "ACTIVE")', True),
        ('status eq "X" or status eq "Y" and status eq "ACTIVE"', False),
        ("profile.login pr", True),
        ("profile.nick pr", False),
        ("profile.none.deeper pr", False),
        ('profile.login gt "a" and profile.login lt "b"', True),
        ('profile.login ge "b" or profile.login le "a"', False),
    ],
)
def test_a_filter_holds(text, holds):
    assert filters.parse(text)(THING) is holds
