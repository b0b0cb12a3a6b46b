"""What follows from a stack file."""

import json
import random
import warnings
from datetime import date

import hypothesis
import pulumi
import pytest
import yaml
from hypothesis import strategies as st

import settings
from okta_aws_federation.group_names import parse_group_name


def shuffled(value, seed):
    """The same document with every list and mapping in another order."""
    chance = random.Random(seed)
    if isinstance(value, dict):
        items = [(key, shuffled(each, seed)) for key, each in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return chance.sample([shuffled(each, seed) for each in value], len(value))
    return value


orders = st.dictionaries(
    st.text("ABCxyz0123-", min_size=1, max_size=12), st.none() | st.integers(0, 999), max_size=100
).filter(
    lambda groups: len(given := [n for n in groups.values() if n is not None]) == len({*given})
)


@hypothesis.settings(deadline=None, max_examples=40)  # a busy machine is no failure
@hypothesis.given(orders, st.data())
def test_of_two_groups_the_same_one_wins_whoever_else_comes_or_goes(groups, data):
    staying = data.draw(st.sets(st.sampled_from([*groups]))) if groups else set()

    def priorities(of):
        base = {
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {"Developer": {}},
        }
        made = {
            name: {"roles": ["Developer"]}
            | ({} if groups[name] is None else {"priority": groups[name]})
            for name in of
        }
        return settings.parse(base | {"groups": made}).priorities

    before, after = priorities(groups), priorities(staying)
    assert sorted(before.values()) == [*range(1, len(groups) + 1)], "Okta's range, without gaps"
    assert sorted(after, key=after.get) == sorted(staying, key=before.get)


def test_a_groups_number_is_enforced_where_it_decides_what_somebody_gets(stack):
    developer = {"roles": ["Developer"]}
    groups = {
        "Alone": developer | {"members": ["grace@example.com"]},
        "Numbered": developer | {"priority": 5},
        "Directory": developer | {"existing": True},
        "Rule": developer | {"rule": 'user.department=="Engineering"'},
        "Shared": developer | {"members": ["ada@example.com"]},
        "SharedToo": developer | {"members": ["Ada@Example.com"]},
    }
    enforced = {"Numbered", "Directory", "Rule", "Shared", "SharedToo"}

    assert stack(groups=groups).prioritized_groups == enforced
    assert stack(groups=groups, app__combineRoles=True).prioritized_groups == set()
    first = stack(groups=groups).priorities
    assert sorted(first, key=first.get) == [
        *("Numbered", "Directory", "Rule", "Shared", "SharedToo"),
        "Alone",
    ]


def test_a_given_priority_comes_before_the_groups_without_and_those_go_by_name(stack):
    developer = {"roles": ["Developer"]}
    groups = {"A": developer, "C": developer | {"priority": 999}, "B": developer | {"priority": 0}}

    assert stack(groups=groups).priorities == {"B": 1, "C": 2, "A": 3}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("blue team", '"blue team"'),
        ("42", '"42"'),
        ('"blue team"', '"blue team"'),
        ("'blue'", "'blue'"),
        ("user.department", "user.department"),
    ],
)
def test_a_session_tag_that_is_a_text_is_sent_as_an_expression(stack, written, sent):
    assert stack(app__sessionTags={"team": written}).app.session_tags == {"team": sent}


def test_membership_ends_after_its_last_day(stack):
    guests = {"joan@example.com": "2026-12-31"}
    members = {}
    for today in ("2026-12-31", "2027-01-01"):
        settings_then = stack(groups__AWSDeveloper__temporary=guests, today=today)
        members[today] = settings_then.members("AWSDeveloper")

    assert members["2026-12-31"] == ["ada@example.com", "joan@example.com"]
    assert members["2027-01-01"] == ["ada@example.com"]
    assert settings_then.all_members == ["ada@example.com"], "nobody looks up who has gone"


@pytest.mark.parametrize(
    "written", ["2026-12-31", "2026-12-31 00:00:00 +0000 UTC", date(2026, 12, 31)]
)
def test_a_day_is_read_as_yaml_and_as_the_engine_write_it(stack, written):
    assert stack(today=written).today == date(2026, 12, 31)


@pytest.mark.parametrize(
    "keys",
    [["first", "second"], ["2026-5", "2026-11"], ["key9", "key10"], ["first", "2026-11"]],
)
def test_the_newest_key_is_the_last_both_in_the_list_and_by_name(stack, keys):
    old, new = keys

    assert stack(provisioning__keys=keys).provisioning.keys == (old, new)
    with pytest.raises(settings.SettingsError) as refused:
        stack(provisioning__keys=[new, old])

    assert str(refused.value) == (
        f"okta-aws-federation:provisioning.keys = '{new}, {old}': names {old} after {new}, and by "
        f"name {new} is the newer one; write [{old}, {new}], or give the newer key a name that "
        f"comes after {new}"
    )


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("eu-central-1", "aws", "signin.aws.amazon.com"),
        ("us-gov-west-1", "aws-us-gov", "signin.amazonaws-us-gov.com"),
        ("cn-north-1", "aws-cn", "signin.amazonaws.cn"),
    ],
)
def test_the_region_says_partition_audience_and_arns(stack, region, partition, host):
    found = stack(accounts={"main": {"id": "123456789012", "region": region}})

    assert found.partition.name == partition
    assert found.audiences == [f"https://{host}/saml"]
    for written in (found.account.policy_arn, found.account.saml_provider_arn):
        assert written("arn:of:its:own") == "arn:of:its:own"
    assert found.account.policy_arn("ReadOnlyAccess") == (
        f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"
    )
    assert found.account.saml_provider_arn("Old") == (
        f"arn:{partition}:iam::123456789012:saml-provider/Old"
    )


def test_an_address_is_a_network_of_one(stack):
    assert stack(provisioning__sourceIps=["203.0.113.9"]).provisioning.source_ips == (
        "203.0.113.9/32",
    )


def test_the_sign_in_region_and_its_fallbacks_are_audiences_besides_the_global_one(stack):
    found = stack(app__signInRegion="us-west-2", app__fallbackRegions=["eu-west-1", "us-west-2"])

    assert found.audiences == [
        "https://signin.aws.amazon.com/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://us-west-2.signin.aws.amazon.com/saml",
    ]


def test_a_role_group_holds_everybody_whom_a_group_sends_there(mapped):
    found = settings.parse(mapped).role_groups

    assert {name: (g.source_groups, g.members) for name, g in found.items()} == {
        "aws_111111111111_Developer": (
            ("Engineers", "Leads"),
            ("ada@example.com", "grace@example.com"),
        ),
        "aws_222222222222_Developer": (("Engineers",), ("ada@example.com",)),
        "aws_222222222222_Auditor": (("Engineers",), ("ada@example.com",)),
    }


def test_each_generated_name_is_read_back_as_what_it_was_made_of(mapped):
    other = mapped | {
        "app": {
            "groupName": "aws#all#${role}#${accountid}",
            "groupFilter": r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
        }
    }

    for document in (mapped, other):
        found = settings.parse(document)
        for name, group in found.role_groups.items():
            account = found.accounts[group.account].id
            assert parse_group_name(found.app.group_filter, name) == (account, group.role)


def test_a_filter_that_reads_an_account_alone_reads_no_role_group():
    assert parse_group_name(r"aws_(?{{accountid}}\d+)", "aws_1_Developer") is None


def test_who_is_in_a_group_by_rule_or_directory_is_in_its_role_groups_too(mapped):
    groups = {
        "By rule": {"roles": ["Developer"], "rule": 'user.title=="x"'},
        'Old "AD"\\x': {"roles": ["Developer"], "existing": True},
        "By id": {"roles": ["Developer"], "id": "00g" + "x" * 17},
    }

    found = settings.parse(mapped | {"groups": groups}).role_groups

    assert found["aws_111111111111_Developer"].rule == (
        f'isMemberOfAnyGroup("00g{"x" * 17}") or (user.title=="x")'
        r' or isMemberOfGroupName("Old \"AD\"\\x")'
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_lists_and_mappings_changes_nothing(mapped, seed):
    one, two = settings.parse(mapped), settings.parse(shuffled(mapped, seed))

    assert one.role_groups == two.role_groups
    assert one.account_roles == two.account_roles
    assert one.priorities == two.priorities
    assert one.all_members == two.all_members


def test_the_engine_s_values_are_read_like_a_stack_file_s(mapped):
    values = {
        f"okta-aws-federation:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in mapped.items()
    }
    pulumi.runtime.set_all_config({**values, "another:key": "x"})

    assert settings.load_part().estate.account_roles == settings.parse(mapped).account_roles


def test_the_engine_shows_a_refusal_without_a_traceback():
    pulumi.runtime.set_all_config({"okta-aws-federation:mode": "both"})

    with pytest.raises(pulumi.RunError, match="mode = 'both'"):
        settings.load_part()


def test_a_stack_file_on_disk_holds_the_same(tmp_path, mapped):
    path = tmp_path / "Pulumi.x.yaml"
    config = {f"okta-aws-federation:{key}": value for key, value in mapped.items()}
    path.write_text(yaml.safe_dump({"config": config | {"another:key": "x"}}))

    assert settings.read(path).account_roles == settings.parse(mapped).account_roles


def test_statements_come_out_the_same_whatever_their_order():
    A, B = "arn:aws:s3:::a", "arn:aws:s3:::b"
    first = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"}
    second = {"Effect": "Deny", "NotAction": "s3:*", "NotResource": [B, A], "Sid": "Bound"}

    def document(*statements):
        base = {
            "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
            "roles": {"Developer": {"inlinePolicies": {"x": list(statements)}}},
        }
        return settings.policy_document(
            settings.parse(base).roles["Developer"].inline_policies["x"]
        )

    assert document(first, second) == document(second, first)
    assert document(first) == json.dumps(json.loads(document(first)), sort_keys=True)
    assert json.loads(document(first, second))["Statement"] == [
        {"Action": ["s3:GetObject", "s3:ListBucket"], "Effect": "Allow", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:*", "NotResource": [A, B], "Sid": "Bound"},
    ]


@pytest.mark.parametrize("kind", [list, tuple])
def test_settings_are_written_and_read_again_without_a_warning(stack, kind):
    condition = {"StringEquals": {"aws:PrincipalTag/team": kind(["blue", "red"])}}
    statement = {"Effect": "Allow", "Action": kind(["s3:GetObject", "s3:Get*"]), "Resource": "*"}
    role = {"inlinePolicies": {"Team": [statement | {"Condition": condition}]}}
    settings_of_stack = stack(roles={"Developer": role})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = settings_of_stack.model_dump(mode="json", by_alias=True, exclude_unset=True)

    assert settings.parse(values) == settings_of_stack
