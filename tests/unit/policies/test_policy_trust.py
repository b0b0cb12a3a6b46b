import json

import pytest
from pulumi_aws import iam
from pulumi_policy import PolicyProviderResource
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import trust

OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
FINE = {
    "Effect": "Allow",
    "Principal": {"Federated": OKTA},
    "Action": "sts:AssumeRoleWithSAML",
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}
PINNED = PolicyProviderResource(
    "pulumi:providers:aws", {"allowedAccountIds": '["123456789012"]'}, "urn", "account"
)
RULES = [
    trust.saml_trust_has_audience,
    trust.saml_audience_matches_partition,
    trust.saml_trust_action_only,
    trust.saml_trust_principal_is_known_provider,
    trust.no_wildcard_in_federated_principal,
    trust.tag_session_needs_tag_key_allow_list,
]


def role(*statements):
    return {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def asking(**condition):
    return FINE | {"Condition": condition}


def through(arn):
    return FINE | {"Principal": {"Federated": arn}}


@pytest.fixture
def said(said_of):
    def said(rule, *statements, **given):
        return said_of(rule, trust.ROLE, role(*statements), **({"provider": PINNED} | given))

    return said


def test_the_rules_name_a_type_that_the_provider_has():
    assert iam.Role.pulumi_type == trust.ROLE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
class TestEveryTrustRule:
    def test_finds_nothing_in_a_trust_that_is_fine(self, said, rule):
        assert said(rule, FINE) == []

    def test_reads_one_statement_without_a_list_and_one_that_is_no_string(self, said_of, rule):
        for document in ({"Statement": FINE}, json.dumps({"Statement": FINE})):
            props = {"assumeRolePolicy": document}
            assert said_of(rule, trust.ROLE, props, provider=PINNED) == []

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
            with pytest.raises(ValueError, match="a policy document must be"):
                said_of(rule, trust.ROLE, {"assumeRolePolicy": broken})


class TestAudience:
    def test_a_trust_that_asks_for_no_audience_is_named(self, said):
        assert said(trust.saml_trust_has_audience, asking()) == [
            "IAM role 'audit' must require an audience with StringEquals SAML:aud in statement 1 "
            "of its trust policy: it has no such condition. [statement 1]"
        ]

    @pytest.mark.parametrize(
        ("operator", "value", "reason"),
        [
            ("StringLike", "*", "StringLike SAML:aud * matches every audience"),
            ("StringEqualsIfExists", "x", "is also met without any SAML:aud"),
            ("ForAllValues:StringEquals", "x", "is also met without any SAML:aud"),
            ("StringNotEquals", "x", "accepts all audiences but those it names"),
            ("Null", "false", "does not say which audience is accepted"),
        ],
    )
    def test_the_message_says_what_is_wrong_with_the_condition_that_is_there(
        self, said, operator, value, reason
    ):
        condition = {operator: {"SAML:aud": value}}
        [message] = said(trust.saml_trust_has_audience, asking(**condition))
        assert f"trust policy: {operator} SAML:aud {value} " in message
        assert reason in message

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
            {"StringEqualsIgnoreCase": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
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
            f"https://eu-west-1.{host}/saml",
            f"https://us-gov-west-1.{host}/saml",
            f"https://{host}/saml/acs/SAMLSP5AO5",
        ):
            rule = trust.saml_audience_matches_partition
            assert said(rule, entering(partition, audience)) == []

    def test_us_east_1_has_no_endpoint_with_a_region_in_its_name(self, said):
        rule = trust.saml_audience_matches_partition
        audience = "https://us-east-1.signin.aws.amazon.com/saml"
        assert len(said(rule, entering("aws", audience))) == 1

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


class TestActions:
    def test_an_action_beyond_a_sign_in_is_named(self, said):
        actions = ["sts:AssumeRoleWithSAML", "sts:AssumeRole"]
        assert said(trust.saml_trust_action_only, FINE | {"Action": actions}) == [
            "IAM role 'audit' must let SAML do sts:AssumeRoleWithSAML, sts:TagSession and "
            "sts:SetSourceIdentity at most, not sts:AssumeRole. [sts:AssumeRole]"
        ]

    def test_the_actions_of_a_sign_in_are_fine_in_any_case(self, said):
        actions = ["STS:assumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        assert said(trust.saml_trust_action_only, FINE | {"Action": actions}) == []

    def test_a_wildcard_is_named_as_written(self, said):
        [message] = said(trust.saml_trust_action_only, FINE | {"Action": "sts:*"})
        assert message.endswith("[sts:*]")

    def test_all_but_some_is_named(self, said):
        statement = {k: v for k, v in FINE.items() if k != "Action"}
        [message] = said(trust.saml_trust_action_only, statement | {"NotAction": "sts:AssumeRole"})
        assert message.endswith("[NotAction sts:AssumeRole]")


class TestKnownProvider:
    RULE = trust.saml_trust_principal_is_known_provider
    FOREIGN = "arn:aws:iam::210987654321:saml-provider/Okta"

    def test_a_provider_of_another_account_is_named(self, said):
        assert said(self.RULE, through(self.FOREIGN)) == [
            f"IAM role 'audit' must trust a SAML provider of its own account, not {self.FOREIGN}: "
            "pin the AWS provider to the account (allowedAccountIds), or list one of them in the "
            f"rule's accounts or providers. [{self.FOREIGN}]"
        ]

    def test_one_foreign_provider_among_known_ones_is_named(self, said):
        assert len(said(self.RULE, through([OKTA, self.FOREIGN]))) == 1

    def test_an_account_that_nobody_named_is_not_guessed(self, said):
        unpinned = PolicyProviderResource("pulumi:providers:aws", {}, "urn", "default")
        assert len(said(self.RULE, FINE, provider=None)) == 1
        assert len(said(self.RULE, FINE, provider=unpinned)) == 1

    def test_a_listed_account_is_fine(self, said):
        assert said(self.RULE, FINE, provider=None, accounts=["123456789012"]) == []

    def test_a_listed_provider_is_fine(self, said):
        assert said(self.RULE, FINE, provider=None, providers=[OKTA]) == []

    def test_what_is_no_provider_is_not_known(self, said):
        user = "arn:aws:iam::123456789012:user/Okta"
        assert len(said(self.RULE, through(user))) == 1

    @pytest.mark.parametrize("wildcard", ["*", "arn:aws:iam::210987654321:saml-provider/*"])
    def test_a_wildcard_is_another_rules_finding(self, said, wildcard):
        assert said(self.RULE, through(wildcard)) == []


class TestWildcardPrincipal:
    def test_any_provider_is_named(self, said):
        assert said(trust.no_wildcard_in_federated_principal, through("*")) == [
            "IAM role 'audit' must name the SAML provider that it trusts, not *. [*]"
        ]

    @pytest.mark.parametrize("principal", ["*", {"Federated": [OKTA, "arn:aws:iam::*:saml-pro?"]}])
    def test_every_spelling_of_any_provider_counts(self, said, principal):
        rule = trust.no_wildcard_in_federated_principal
        assert len(said(rule, FINE | {"Principal": principal})) == 1

    def test_all_but_some_counts(self, said):
        statement = {k: v for k, v in FINE.items() if k != "Principal"} | {"NotPrincipal": {}}
        assert len(said(trust.no_wildcard_in_federated_principal, statement)) == 1


def tagging(**condition):
    return FINE | {
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": FINE["Condition"] | condition,
    }


class TestSessionTags:
    RULE = trust.tag_session_needs_tag_key_allow_list

    def test_tags_of_any_name_are_named(self, said):
        assert said(self.RULE, tagging()) == [
            "IAM role 'audit' must list the session tags that it takes: add "
            "ForAllValues:StringEquals aws:TagKeys to statement 1 of its trust policy. "
            "[statement 1]"
        ]

    @pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
    def test_listed_names_are_fine(self, said, operator):
        limit = {f"ForAllValues:{operator}": {"aws:TagKeys": ["team", "cost*"]}}
        assert said(self.RULE, tagging(**limit)) == []

    @pytest.mark.parametrize(
        "condition",
        [
            {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}},
            {"ForAllValues:StringLike": {"aws:TagKeys": ["team", "*"]}},
            {"StringEquals": {"SAML:aud": "x", "aws:RequestTag/team": "blue"}},
            {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}},
        ],
    )
    def test_what_leaves_other_names_open_is_not_enough(self, said, condition):
        assert len(said(self.RULE, tagging(**condition))) == 1

    def test_a_statement_for_tags_alone_counts(self, said):
        assert len(said(self.RULE, FINE, FINE | {"Action": "sts:TagSession"})) == 1

    def test_a_wildcard_allows_tags_too(self, said):
        assert len(said(self.RULE, FINE | {"Action": "sts:*"})) == 1
