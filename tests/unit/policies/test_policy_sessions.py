import json

import pytest
from pulumi_aws import iam
from pulumi_okta import app
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

import sessions

TRUST = json.dumps(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/Okta"},
            "Action": "sts:AssumeRoleWithSAML",
        }
    }
)


def okta(seconds, preconfigured="amazon_aws"):
    settings = json.dumps({"sessionDuration": seconds})
    return {"preconfiguredApp": preconfigured, "appSettingsJson": settings}


def test_the_rules_name_types_that_the_providers_have():
    assert iam.Role.pulumi_type == sessions.ROLE
    assert app.Saml.pulumi_type == sessions.APP


class TestLimit:
    @pytest.fixture
    def said(self, said_of):
        def said(kind, props, **given):
            return said_of(sessions.session_within_limit, kind, props, **given)

        return said

    def test_a_working_day_is_fine_and_a_second_more_is_named(self, said):
        assert said(sessions.ROLE, {"maxSessionDuration": 28800.0}) == []
        assert said(sessions.ROLE, {"maxSessionDuration": 28801.0}) == [
            "IAM role 'audit' must end a session after 28800 seconds at most, not 28801. [session]"
        ]

    def test_a_role_that_does_not_say_lasts_an_hour(self, said):
        assert said(sessions.ROLE, {}) == []
        assert len(said(sessions.ROLE, {}, maximumSeconds=3599.0)) == 1

    def test_the_app_is_held_to_the_same(self, said):
        assert said(sessions.APP, okta(28800)) == []
        [message] = said(sessions.APP, okta(43200))
        assert message.startswith("Okta app 'audit' must end a session after 28800 seconds")

    def test_an_app_that_does_not_say_is_fine(self, said):
        assert said(sessions.APP, {"preconfiguredApp": "slack"}) == []
        assert said(sessions.APP, {"appSettingsJson": "{}"}) == []

    def test_a_stack_may_set_its_own_limit(self, said):
        assert said(sessions.ROLE, {"maxSessionDuration": 43200.0}, maximumSeconds=43200.0) == []

    def test_other_types_are_left_alone(self, said):
        assert said("aws:iam/user:User", {"maxSessionDuration": 43200.0}) == []


class TestAppAndRole:
    @pytest.fixture
    def said(self, stack):
        return lambda: stack.said_by(sessions.app_session_within_role)

    def role(self, stack, seconds, trust=TRUST):
        props = {"maxSessionDuration": seconds, "assumeRolePolicy": trust}
        return stack.add(sessions.ROLE, "audit", props)

    def test_a_session_as_long_as_the_role_allows_is_fine(self, stack, said):
        self.role(stack, 7200.0)
        stack.add(sessions.APP, "okta", okta(7200))
        assert said() == []

    def test_a_session_that_aws_would_refuse_is_named(self, stack, said):
        self.role(stack, 3600.0)
        stack.add(sessions.APP, "okta", okta(7200))
        assert said() == [
            (
                "okta",
                "Okta app 'okta' must not ask for sessions of 7200 seconds: role 'audit' ends them "
                "after 3600, and AWS refuses the sign-in. [audit]",
            )
        ]

    def test_a_role_for_others_may_end_earlier(self, stack, said):
        service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
        trust = json.dumps({"Statement": service | {"Action": "sts:AssumeRole"}})
        self.role(stack, 3600.0, trust)
        stack.add(sessions.APP, "okta", okta(7200))
        assert said() == []

    def test_another_app_may_ask_for_what_it_likes(self, stack, said):
        self.role(stack, 3600.0)
        stack.add(sessions.APP, "slack", okta(7200, "slack"))
        assert said() == []

    def test_a_trust_that_is_not_known_yet_is_not_needed_for_a_role_that_allows_enough(
        self, stack, said
    ):
        self.role(stack, 7200.0, UNKNOWN_STRING_VALUE)
        stack.add(sessions.APP, "okta", okta(7200))
        assert said() == []
