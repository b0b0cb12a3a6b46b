import json

import pytest
from pulumi_policy import PolicyProviderResource

import principals

OTHER = "111122223333"
PINNED = PolicyProviderResource(
    "pulumi:providers:aws", {"allowedAccountIds": '["123456789012"]'}, "urn", "account"
)


def statement(principal, **condition):
    allowed = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return allowed | ({"Condition": condition} if condition else {})


@pytest.fixture
def said(said_of):
    def said(rule, *statements, provider=PINNED, **config):
        props = {"assumeRolePolicy": json.dumps({"Statement": statements})}
        return said_of(rule, principals.ROLE, props, provider=provider, **config)

    return said


class TestPublicRole:
    RULE = principals.no_public_role

    def test_the_statement_is_named(self, said):
        assert said(self.RULE, statement({"AWS": "*"}) | {"Sid": "Open"}) == [
            "IAM role 'audit' must not let every AWS account assume it: name the principals of "
            "statement 'Open', or add a condition such as StringEquals aws:PrincipalOrgID. "
            "[statement 'Open']"
        ]

    @pytest.mark.parametrize("principal", ["*", {"AWS": ["*"]}])
    def test_every_spelling_of_everybody_counts(self, said, principal):
        assert len(said(self.RULE, statement(principal))) == 1

    def test_everybody_but_a_few_is_everybody(self, said):
        excluded = statement({}) | {"NotPrincipal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
        del excluded["Principal"]
        assert len(said(self.RULE, excluded)) == 1

    def test_other_types_are_left_alone(self, said_of):
        props = {"assumeRolePolicy": json.dumps({"Statement": statement("*")})}
        assert said_of(self.RULE, "aws:iam/user:User", props) == []


class TestWholeAccount:
    RULE = principals.no_whole_account_trust

    @pytest.mark.parametrize("principal", [OTHER, f"arn:aws:iam::{OTHER}:root"])
    def test_another_account_is_named_however_it_is_written(self, said, principal):
        [message] = said(self.RULE, statement({"AWS": principal}))
        assert f"must not let all of account {OTHER} assume it (statement 1)" in message
        assert message.endswith(f"[{OTHER}]")

    def test_the_account_itself_a_listed_one_and_a_role_of_another_are_fine(self, said):
        role = f"arn:aws:iam::{OTHER}:role/ci"
        assert said(self.RULE, statement({"AWS": ["123456789012", role]})) == []
        assert said(self.RULE, statement({"AWS": OTHER}), accounts=[OTHER]) == []

    def test_a_condition_on_the_caller_is_enough_and_one_on_its_mfa_is_not(self, said):
        secret = statement({"AWS": OTHER}, StringEquals={"sts:ExternalId": "7f0c"})
        factor = statement({"AWS": OTHER}, Bool={"aws:MultiFactorAuthPresent": "true"})
        assert said(self.RULE, secret) == []
        assert len(said(self.RULE, factor)) == 1

    def test_the_own_account_is_known_by_the_providers_that_the_role_trusts_too(self, said):
        saml = statement({"Federated": "arn:aws:iam::123456789012:saml-provider/Okta"})
        saml |= {"Action": "sts:AssumeRoleWithSAML"}
        assert len(said(self.RULE, saml, statement({"AWS": OTHER}), provider=None)) == 1
        assert said(self.RULE, saml, statement({"AWS": "123456789012"}), provider=None) == []

    def test_without_any_known_account_none_is_another(self, said):
        assert said(self.RULE, statement({"AWS": OTHER}), provider=None) == []


SCHEDULER = {"Service": "scheduler.amazonaws.com"}


class TestServiceSource:
    RULE = principals.service_trust_has_source

    def test_a_service_that_sends_its_source_is_named_with_the_condition_to_add(self, said):
        [message] = said(self.RULE, statement(SCHEDULER))
        assert "for whose resources scheduler.amazonaws.com assumes it" in message
        assert "add StringEquals aws:SourceAccount" in message
        assert message.endswith("[scheduler.amazonaws.com]")

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            {"ArnLike": {"AWS:sourcearn": "arn:aws:scheduler:*:123456789012:schedule-group/a"}},
            {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}},
        ],
    )
    def test_each_condition_on_the_source_is_enough(self, said, condition):
        assert said(self.RULE, statement(SCHEDULER, **condition)) == []

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"StringLike": {"aws:SourceAccount": "*"}},
            {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:*"}},
            {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}},
            {"StringNotEquals": {"aws:SourceAccount": "123456789012"}},
        ],
    )
    def test_a_condition_that_any_account_meets_is_not(self, said, condition):
        assert len(said(self.RULE, statement(SCHEDULER, **condition))) == 1

    def test_each_service_of_a_statement_counts_also_with_the_suffix_of_china(self, said):
        both = {"Service": ["scheduler.amazonaws.com", "pipes.amazonaws.com.cn"]}
        assert len(said(self.RULE, statement(both))) == 2

    def test_services_that_send_none_are_left_alone_until_they_are_listed(self, said):
        glue = statement({"Service": ["ec2.amazonaws.com", "glue.amazonaws.com"]})
        assert said(self.RULE, glue) == []
        assert len(said(self.RULE, glue, services=["glue.amazonaws.com"])) == 1

    def test_what_lets_nobody_assume_the_role_is_left_alone(self, said):
        assert said(self.RULE, statement(SCHEDULER) | {"Effect": "Deny"}) == []
        assert said(self.RULE, statement(SCHEDULER) | {"Action": "sts:TagSession"}) == []
