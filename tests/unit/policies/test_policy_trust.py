import json

import pytest
from pulumi_aws import iam
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import trust

OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
FINE = {
    "Effect": "Allow",
    "Principal": {"Federated": OKTA},
    "Action": "sts:AssumeRoleWithSAML",
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}
RULES = [trust.saml_trust_has_audience, trust.saml_audience_matches_partition]


def role(*statements):
    return {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def asking(**condition):
    return FINE | {"Condition": condition}


def through(arn):
    return FINE | {"Principal": {"Federated": arn}}


@pytest.fixture
def said(said_of):
    def said(rule, *statements, **given):
        return said_of(rule, trust.ROLE, role(*statements), **given)

    return said


def test_the_rules_name_a_type_that_the_provider_has():
    assert iam.Role.pulumi_type == trust.ROLE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
class TestEveryTrustRule:
    def test_finds_nothing_in_a_trust_that_is_fine(self, said, rule):
        assert said(rule, FINE) == []

    def test_reads_one_statement_without_a_list_and_one_that_is_no_string(self, said_of, rule):
        for document in ({"Statement": FINE}, json.dumps({"Statement": FINE})):
            assert said_of(rule, trust.ROLE, {"assumeRolePolicy": document}) == []

    def test_leaves_other_trusts_alone(self, said, rule):
        service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
        oidc = {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.example.com"}
        web = {"Effect": "Allow", "Principal": oidc, "Action": "sts:AssumeRoleWithWebIdentity"}
        root = {"AWS": "arn:aws:iam::123456789012:root"}
        account = {"Effect": "Allow", "Principal": root, "Action": "sts:*"}
        assert said(rule, service | {"Action": "sts:AssumeRole"}, web, account) == []

    def test_a_deny_lets_nobody_in(self, said, rule):
        assert said(rule, asking() | {"Effect": "Deny"}) == []

    def test_leaves_other_types_alone(self, said_of, rule):
        assert said_of(rule, "aws:iam/user:User", role(asking())) == []

    def test_a_trust_that_is_not_known_yet_is_left_to_the_engine(self, said_of, rule):
        with pytest.raises(UnknownValueError):
            said_of(rule, trust.ROLE, {"assumeRolePolicy": UNKNOWN_STRING_VALUE})

    def test_a_document_that_cannot_be_read_is_not_waved_through(self, said_of, rule):
        for broken in ("{", "[]"):
            with pytest.raises(ValueError, match=r"JSON|Expecting"):
                said_of(rule, trust.ROLE, {"assumeRolePolicy": broken})


class TestAudience:
    def test_a_trust_that_asks_for_no_audience_is_named(self, said):
        assert said(trust.saml_trust_has_audience, asking()) == [
            "IAM role 'audit' must ask for an audience: add StringEquals SAML:aud to statement 1 "
            "of its trust policy. [statement 1]"
        ]

    def test_the_statement_is_named_by_its_sid_if_it_has_one(self, said):
        [message] = said(trust.saml_trust_has_audience, FINE, asking() | {"Sid": "Okta"})
        assert message.endswith("[statement 'Okta']")

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringNotEquals": {"SAML:aud": "https://example.com"}},
            {"StringEqualsIfExists": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            {"ForAllValues:StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            {"StringLike": {"SAML:aud": "*"}},
            {"StringEquals": {"SAML:iss": "https://signin.aws.amazon.com/saml"}},
            {"StringEquals": {"SAML:aud": []}},
        ],
    )
    def test_a_condition_that_does_not_insist_is_not_enough(self, said, condition):
        assert len(said(trust.saml_trust_has_audience, asking(**condition))) == 1

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {"saml:AUD": "https://signin.aws.amazon.com/saml"}},
            {"StringEquals": {"SAML:aud": ["https://signin.aws.amazon.com/saml"]}},
            {"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}},
        ],
    )
    def test_each_way_to_insist_is_fine(self, said, condition):
        assert said(trust.saml_trust_has_audience, asking(**condition)) == []

    @pytest.mark.parametrize("action", ["sts:*", "*", "sts:assumerolewithsaml", "sts:AssumeRole*"])
    def test_every_spelling_of_the_action_counts(self, said, action):
        assert len(said(trust.saml_trust_has_audience, asking() | {"Action": action})) == 1

    def test_not_naming_the_action_in_a_not_action_counts(self, said):
        statement = {k: v for k, v in asking().items() if k != "Action"}
        found = said(trust.saml_trust_has_audience, statement | {"NotAction": "sts:TagSession"})
        assert len(found) == 1

    def test_a_statement_for_session_tags_alone_lets_nobody_in(self, said):
        assert said(trust.saml_trust_has_audience, asking() | {"Action": "sts:TagSession"}) == []


ENDPOINTS = {
    "aws": "signin.aws.amazon.com",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-cn": "signin.amazonaws.cn",
}


def entering(partition, audience, operator="StringEquals"):
    arn = f"arn:{partition}:iam::123456789012:saml-provider/Okta"
    return through(arn) | {"Condition": {operator: {"SAML:aud": audience}}}


class TestPartition:
    @pytest.mark.parametrize("partition", ENDPOINTS)
    def test_a_partition_takes_its_own_endpoints(self, said, partition):
        host = ENDPOINTS[partition]
        for audience in (
            f"https://{host}/saml",
            f"https://us-east-1.{host}/saml",
            f"https://us-gov-west-1.{host}/saml",
            f"https://{host}/saml/acs/SAMLSP5AO5",
        ):
            rule = trust.saml_audience_matches_partition
            assert said(rule, entering(partition, audience)) == []

    @pytest.mark.parametrize("partition", ENDPOINTS)
    @pytest.mark.parametrize("other", ENDPOINTS)
    def test_a_partition_takes_no_endpoint_of_another(self, said, partition, other):
        audience = f"https://{ENDPOINTS[other]}/saml"
        expected = (
            []
            if partition == other
            else [
                f"IAM role 'audit' must ask for a sign-in endpoint of partition {partition} "
                f"(https://{ENDPOINTS[partition]}/saml), not for {audience}. [{audience}]"
            ]
        )
        rule = trust.saml_audience_matches_partition
        assert said(rule, entering(partition, audience)) == expected

    def test_one_wrong_audience_among_right_ones_is_named(self, said):
        right = "https://signin.aws.amazon.com/saml"
        [message] = said(
            trust.saml_audience_matches_partition, entering("aws", [right, "https://example.com"])
        )
        assert message.endswith("[https://example.com]")

    @pytest.mark.parametrize(
        "lookalike",
        [
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml/",
            "https://signin.aws.amazon.com.example.com/saml",
            "https://evil-signin.aws.amazon.com/saml",
            "https://signinXaws.amazon.com/saml",
            "https://*.signin.aws.amazon.com/saml",
        ],
    )
    def test_a_lookalike_is_refused(self, said, lookalike):
        assert len(said(trust.saml_audience_matches_partition, entering("aws", lookalike))) == 1

    def test_a_pattern_may_leave_the_region_open_and_nothing_else(self, said):
        def patterned(value):
            statement = entering("aws", value, "StringLike")
            return said(trust.saml_audience_matches_partition, statement)

        assert patterned("https://*.signin.aws.amazon.com/saml") == []
        assert len(patterned("https://*signin.aws.amazon.com/saml")) == 1
        assert len(patterned("https://*/saml")) == 1

    def test_a_partition_that_the_rules_do_not_know_is_not_guessed(self, said):
        audience = "https://signin.example.com/saml"
        assert said(trust.saml_audience_matches_partition, entering("aws-new", audience)) == [
            "IAM role 'audit' must ask for a sign-in endpoint of partition aws-new, not for "
            f"{audience}. [{audience}]"
        ]
