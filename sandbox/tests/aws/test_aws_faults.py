"""Faults of the emulated AWS, queued from outside, as a client of AWS sees them."""

import json
import time

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
)
from botocore.parsers import ResponseParserError

from sandbox.fault_control import FaultClient
from sandbox.faults import Fault

ACCOUNT = "123456789012"
NO_ANSWER = (ConnectionClosedError, EndpointConnectionError, HTTPClientError)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    }
)
READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


@pytest.fixture
def faults(aws):
    client = FaultClient(aws.local.control.address)
    yield client
    client.clear()


@pytest.fixture
def iam(aws):
    return aws.client("iam")


def code(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def names(iam):
    return {role["RoleName"] for role in iam.list_roles()["Roles"]}


def make_role(iam, name):
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]


def test_throttling_lasts_as_often_as_it_is_queued(iam, faults):
    faults.add(
        Fault.from_json(
            {"effect": "error", "operation": "iam:CreateUser", "status": 400, "times": 2}
        )
    )
    assert code(iam.create_user, UserName="throttled") == "Throttling"
    iam.list_users()
    assert code(iam.create_user, UserName="throttled") == "Throttling"
    iam.create_user(UserName="throttled")
    assert faults.pending() == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, "InternalFailure"),
        ({"status": 503}, "ServiceUnavailable"),
        ({"status": 409}, "ConcurrentModification"),
        ({"status": 409, "code": "EntityTemporarilyUnmodifiable"}, "EntityTemporarilyUnmodifiable"),
    ],
)
def test_an_error_comes_before_the_effect(iam, faults, fault, expected):
    name = f"before-{expected}"
    faults.add(Fault.from_json({"effect": "error", "operation": "iam:CreateRole"} | fault))
    arguments = {"RoleName": name, "AssumeRolePolicyDocument": TRUST}
    assert code(iam.create_role, **arguments) == expected
    assert name not in names(iam)


def test_an_error_after_the_effect_hides_it(iam, faults):
    faults.add(
        Fault.from_json(
            {"effect": "error", "operation": "iam:CreateRole", "status": 500, "after": True}
        )
    )
    arguments = {"RoleName": "after-error", "AssumeRolePolicyDocument": TRUST}
    assert code(iam.create_role, **arguments) == "InternalFailure"
    assert "after-error" in names(iam)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("effect", ["disconnect", "hang"])
def test_a_lost_connection_says_nothing_about_the_effect(iam, faults, effect, after):
    name = f"lost-{effect}-{after}"
    seconds = {"seconds": 0.2} if effect == "hang" else {}
    faults.add(
        Fault.from_json({"effect": effect, "operation": "iam:CreateRole", "after": after} | seconds)
    )
    with pytest.raises(NO_ANSWER):
        make_role(iam, name)
    assert (name in names(iam)) is after


def test_an_answer_that_is_none_of_aws_cannot_be_read(iam, faults):
    faults.add(Fault.from_json({"effect": "body", "operation": "iam:ListUsers"}))
    with pytest.raises((ResponseParserError, KeyError)):  # botocore falls over HTML
        iam.list_users()
    iam.list_users()


def test_a_delay_delays_and_answers(iam, faults):
    faults.add(Fault.from_json({"effect": "delay", "operation": "iam:GetUser", "seconds": 0.5}))
    begun = time.monotonic()
    iam.get_user()
    assert time.monotonic() - begun >= 0.5


def test_expired_credentials_are_refused_once(aws, iam, faults):
    faults.add(Fault.from_json({"effect": "expired-credentials", "operation": "iam:*"}))
    assert code(iam.list_users) == "ExpiredToken"
    aws.client("sts").get_caller_identity()


@pytest.mark.parametrize(
    ("seconds", "words"), [(1200, "Signature expired: "), (-1200, "Signature not yet current: ")]
)
def test_a_clock_that_is_off_is_named_in_the_words_of_aws(iam, faults, seconds, words):
    faults.add(Fault.from_json({"effect": "clock-skew", "seconds": seconds}))
    with pytest.raises(ClientError, match=words) as caught:
        iam.list_users()
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert "15 min.)" in str(caught.value)
    faults.clear()
    iam.list_users()


def test_five_minutes_off_are_within_the_tolerance(iam, faults):
    faults.add(Fault.from_json({"effect": "clock-skew", "seconds": -300}))
    iam.list_users()


def test_a_new_role_is_seen_only_after_some_reads(iam, faults):
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:CreateRole", "reads": 2}))
    make_role(iam, "lagging")
    assert code(iam.get_role, RoleName="lagging") == "NoSuchEntity"
    assert "lagging" not in names(iam)
    assert iam.get_role(RoleName="lagging")["Role"]["RoleName"] == "lagging"


def test_a_new_role_can_be_used_only_after_some_tries(iam, faults):
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:CreateRole"}))
    make_role(iam, "unused")
    attach = {"RoleName": "unused", "PolicyArn": READ_ONLY}
    assert code(iam.attach_role_policy, **attach) == "NoSuchEntity"
    iam.attach_role_policy(**attach)


def test_a_new_principal_is_no_principal_of_a_policy_yet(iam, faults):
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:CreateRole"}))
    arn = make_role(iam, "principal")
    trust = TRUST.replace(f'"{ACCOUNT}"', json.dumps(arn))
    arguments = {"RoleName": "trusting", "AssumeRolePolicyDocument": trust}
    assert code(iam.create_role, **arguments) == "MalformedPolicyDocument"
    iam.create_role(**arguments)


def test_attachments_and_changes_lag_too(iam, faults):
    make_role(iam, "changing")
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:AttachRolePolicy"}))
    iam.attach_role_policy(RoleName="changing", PolicyArn=READ_ONLY)
    listing = {"RoleName": "changing"}
    assert iam.list_attached_role_policies(**listing)["AttachedPolicies"] == []
    assert len(iam.list_attached_role_policies(**listing)["AttachedPolicies"]) == 1
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:UpdateRole"}))
    iam.update_role(RoleName="changing", Description="new")
    assert "Description" not in iam.get_role(RoleName="changing")["Role"]
    assert iam.get_role(RoleName="changing")["Role"]["Description"] == "new"


def test_what_does_not_lag_is_seen_meanwhile(iam, faults):
    make_role(iam, "other")
    faults.add(Fault.from_json({"effect": "lag", "operation": "iam:CreateRole", "reads": 1}))
    make_role(iam, "late")
    assert iam.get_role(RoleName="other")
    assert code(iam.get_role, RoleName="late") == "NoSuchEntity"
