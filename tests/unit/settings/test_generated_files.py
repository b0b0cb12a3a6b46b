"""Generated stack files: a good one is taken, and with one thing broken it is refused, every time.

The good files are drawn section by section; what to break, and how, follows from the JSON Schema:
another type, another choice, a number beyond its range, a text too long or with a character that
nobody sees, a key that nothing reads, an entry twice.
"""

import copy
import json
from unittest import mock

import hypothesis
import pulumi
import pytest
import yaml
from hypothesis import strategies as st

import settings
from settings.errors import schema_at
from settings.load import schema

PREFIX = "okta-aws-federation:"
LOGINS = st.sampled_from(
    ["ada@example.com", "grace@example.com", "joan@example.com", "rita.o@x.de"]
)
NAMES = st.from_regex(r"[A-Da-d][A-Fa-f0-9]{0,11}", fullmatch=True)


def distinct(names, **sizes):
    """Lists of names of which no two are one to IAM or Okta."""
    return st.lists(names, unique_by=str.lower, **sizes)


def some_of(**sections):
    """A mapping that has any of the keys."""
    return st.fixed_dictionaries({}, optional=sections)


STATEMENTS = st.lists(
    some_of(Condition=st.sampled_from([
        {"Bool": {"aws:MultiFactorAuthPresent": True}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}},
        {"DateLessThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}},
        {"NumericLessThanEquals": {"s3:max-keys": 10}},
    ])).flatmap(lambda more: st.fixed_dictionaries({
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["s3:GetObject", ["s3:List*", "ec2:DescribeInstances"], "*"]),
        "Resource": st.sampled_from(["*", "arn:aws:s3:::a/${aws:username}/*"]),
        **{key: st.just(value) for key, value in more.items()},
    })),
    min_size=1, max_size=3,
)  # fmt: skip
ROLE = some_of(
    managedPolicies=distinct(st.sampled_from(["ReadOnlyAccess", "SecurityAudit"]), max_size=2),
    inlinePolicies=st.dictionaries(st.just("Inline"), STATEMENTS),
    sessionHours=st.integers(4, 12),
    path=st.sampled_from(["/", "/okta/"]),
    description=st.sampled_from(["", "Reads", "Prüft Zugänge"]),
    tags=st.dictionaries(st.sampled_from(["Größe", "team:x"]), st.sampled_from(["Zürich", "a b"])),
    trust=some_of(
        opens=st.sampled_from(["2026-01-01"]),
        closes=st.sampled_from(["2026-12-31"]),
        sourceIps=st.just(["203.0.113.0/24"]),
        sessionTags=st.just(["project"]),
    ),
)
SECTIONS = some_of(
    app=some_of(
        label=st.sampled_from(["AWS", "AWS Zürich"]),
        sessionHours=st.integers(1, 4),
        signInRegion=st.sampled_from(["eu-central-1", "us-east-1"]),
        sessionTags=st.just({"team": "user.department"}),
        certificate=some_of(years=st.integers(2, 10), warnDays=st.integers(1, 365)),
        signOnPolicy=some_of(reauthenticateHours=st.integers(0, 168)),
    ),
    provisioning=some_of(
        keys=st.sampled_from([["first"], ["2026-05", "2026-11"]]),
        attach=st.sampled_from(["group", "user"]),
        integration=st.sampled_from(["pending", "done"]),
        store=st.just({"kind": "ssm", "name": "/okta/key"}),
    ),
    okta=some_of(maxApiCapacity=st.integers(1, 100), maxRetries=st.integers(1, 100)),
    tags=st.just({"owner": "identity"}),
    protect=st.booleans(),
    quotas=some_of(managedPoliciesPerRole=st.integers(4, 25)),
    today=st.just("2026-11-25"),
)


@st.composite
def stacks(draw):
    """The sections of a good stack file."""
    roles = {
        name: {"sessionHours": 12} | draw(ROLE)
        for name in draw(distinct(NAMES, min_size=1, max_size=4))
    }
    groups = {
        f"Group {name}": {
            "roles": draw(distinct(st.sampled_from([*roles]), min_size=1, max_size=2)),
            **draw(some_of(members=distinct(LOGINS, max_size=3), rule=st.just('user.title=="x"'))),
        }
        for name in draw(distinct(NAMES, max_size=3))
    }
    expect = [{"group": name, "cannot": ["iam:*"]} for name in groups]
    return {
        "accounts": {"main": {"id": "123456789012", "region": "eu-west-1"}},
        "roles": roles,
        "groups": groups,
        "expect": expect,
        **draw(SECTIONS),
    }  # fmt: skip


def paths(value, path=()):
    """The path of every value in a stack."""
    if path:
        yield path
    inner = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, each in inner:
        yield from paths(each, (*path, key))


def breakages(value, shape):
    """What can be put in place of a value so that the file is wrong."""
    if isinstance(value, dict) and shape.get("properties"):
        yield value | {"nothingReadsThis": 1}
    if isinstance(value, dict):
        yield from ("x", [value], 7)
    elif isinstance(value, list):
        yield from ("", {"a": 1}, 7)
        if value and isinstance(value[0], str):
            yield [*value, None]
    elif isinstance(value, bool):
        yield from ("maybe", 1, [value])
    elif isinstance(value, int):
        yield from (str(value), [value], value + 0.5)
        yield from (
            shape[key] + step for key, step in (("maximum", 1), ("minimum", -1)) if key in shape
        )
    else:
        yield from ([[value]], {"a": value}, value + "\u200b", value + "\x07", value + "é&" * 2000)
        if shape.get("type") == "string":
            yield 7
        if "enum" in shape:
            yield "another"


@st.composite
def broken_stacks(draw):
    """A stack file with one thing wrong, and the path of it."""
    stack = draw(stacks())
    conditions = [path for path in paths(stack) if "Condition" in path]
    path = draw(st.sampled_from([each for each in paths(stack) if each not in conditions]))
    broken = copy.deepcopy(stack)
    here = broken
    for key in path[:-1]:
        here = here[key]
    shape = schema_at([str(key) for key in path], schema())
    here[path[-1]] = draw(st.sampled_from([*breakages(here[path[-1]], shape)]))
    return broken, path


def file_of(stack):
    config = {PREFIX + key: value for key, value in stack.items()}
    return yaml.safe_dump({"config": config}, allow_unicode=True, sort_keys=False, width=10**6)


def under_the_engine(stack):
    """What the program is refused with; None if it is not. There is no stack file to see."""
    pulumi.runtime.set_all_config({
        PREFIX + key: value if isinstance(value, str) else json.dumps(value)
        for key, value in stack.items()
    })  # fmt: skip
    with mock.patch.object(pulumi, "get_stack", return_value="no-such-stack"):
        try:
            settings.load_part()
        except pulumi.RunError as error:
            return str(error)
    return None


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(stacks())
def test_a_generated_good_file_is_taken_by_check_and_program(stack):
    assert settings.read_text(file_of(stack), "Pulumi.x.yaml").roles
    assert under_the_engine(stack) is None


@hypothesis.settings(deadline=None, max_examples=150)
@hypothesis.given(broken_stacks())
def test_one_broken_thing_is_refused_by_check_and_program_in_the_same_words(case):
    stack, path = case

    with pytest.raises(settings.SettingsError) as refused:
        settings.read_text(file_of(stack), "Pulumi.x.yaml")

    lines = str(refused.value).splitlines()
    for line in lines:
        assert line.startswith("Pulumi.x.yaml:")
        assert "; " in line
        assert "pydantic" not in line
    about = [line for line in lines if f"{PREFIX}{path[0]}" in line]
    assert about, f"{path} is not named in {lines}"
    without_lines = {line.split(": ", 1)[1] for line in lines}
    assert {*str(under_the_engine(stack)).splitlines()} == without_lines
