"""The library's check of a trust statement says what is wrong with the condition that is there.

Which statements it refuses is in `policies/test_policy_audience_table.py`.
"""

import json

import pytest

from okta_aws_federation import trust_check
from okta_aws_federation.trust_policy import (
    InvalidTrustPolicy,
    Trust,
    build_document,
    minimum_size,
    refuse_foreign_principals,
)

PROVIDER = "arn:aws:iam::123456789012:saml-provider/Old"


def fault(provider=PROVIDER, **condition):
    return trust_check.audience_fault(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": condition,
        }
    )


@pytest.mark.parametrize(
    ("operator", "value", "rule"),
    [
        ("StringEqualsIfExists", "x", "is also met without any SAML:aud"),
        ("ForAllValues:StringEquals", "x", "is also met without any SAML:aud"),
        ("StringNotEquals", "x", "accepts all audiences but those it names"),
        ("Null", "false", "does not say which audience is accepted"),
        ("StringLike", "*", "* matches every audience"),
        ("StringEquals", [], "has no value"),
        ("StringEquals", "x", "x is no sign-in endpoint of partition aws"),
    ],
)
def test_the_fault_says_what_is_wrong_with_the_condition(operator, value, rule):
    found = fault(**{operator: {"SAML:aud": value}})

    assert found.rule == f"condition {operator} SAML:aud {rule}"
    assert "StringEquals" in found.fix or "https://signin.aws.amazon.com/saml" in found.fix


def test_the_fix_names_the_sign_in_page_of_the_partition():
    china = PROVIDER.replace("arn:aws:", "arn:aws-cn:")

    assert "https://signin.amazonaws.cn/saml" in fault(china).fix


def test_a_provider_of_a_partition_without_support_is_refused_by_name():
    isolated = PROVIDER.replace("arn:aws:", "arn:aws-iso:")

    assert fault(isolated).rule == "partition aws-iso is not supported"


@pytest.mark.parametrize(
    ("kind", "arn"),
    [
        ("AWS", "arn:aws-cn:iam::111122223333:root"),
        ("AWS", "arn:aws-us-gov:iam::111122223333:role/ci"),
        ("Federated", "arn:aws-cn:iam::123456789012:oidc-provider/token.example.com"),
    ],
)
def test_a_principal_of_another_partition_is_refused_by_name(kind, arn):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root", kind: arn},
        "Action": "sts:AssumeRole",
    }
    trust = Trust(statements=[statement])

    with pytest.raises(InvalidTrustPolicy, match=f"Principal {arn} is in partition aws-"):
        refuse_foreign_principals([PROVIDER], trust)
    refuse_foreign_principals([object(), "arn"], trust)  # not known yet, so that nothing is said


def test_the_size_is_that_of_the_whole_document_as_aws_counts_it():
    trust = Trust(conditions={"StringLike": {"sts:RoleSessionName": "a b*"}})
    document = build_document([PROVIDER], ["x"], trust)

    assert minimum_size([PROVIDER], ["x"], trust) == len("".join(json.dumps(document).split()))
    unknown = minimum_size([object()], ["x"], trust)
    assert unknown == minimum_size([PROVIDER], ["x"], trust) - len(PROVIDER)


def everybody(**condition):
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": condition},
    }


@pytest.mark.parametrize(
    "key",
    [
        *("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:userid"),
        *("aws:PrincipalOrgPaths", "aws:SourceAccount", "aws:SourceArn", "aws:SourceIp"),
        *("aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce"),
        *("aws:VpcSourceIp", "sts:ExternalId"),
    ],
)
def test_a_condition_on_who_calls_limits_everybody(key):
    assert trust_check.open_principal_fault(everybody(**{key: "x"})) is None


@pytest.mark.parametrize(
    "key", ["aws:PrincipalTag/team", "aws:MultiFactorAuthPresent", "sts:RoleSessionName"]
)
def test_a_condition_that_a_caller_s_own_account_meets_limits_nobody(key):
    found = trust_check.open_principal_fault(everybody(**{key: "x"}))

    assert str(found) == (
        "lets every AWS account assume the role; name the principals, or add a condition such as "
        "StringEquals aws:PrincipalOrgID"
    )


@pytest.mark.parametrize(
    "key", ["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"]
)
def test_a_condition_on_the_source_says_for_whom_a_service_acts(key):
    assert trust_check.limits_callers(everybody(**{key: "x"}), trust_check.SOURCE_KEYS)


@pytest.mark.parametrize(
    ("issuer", "claim"), [("gitlab.com", "sub"), ("accounts.example.com", "aud")]
)
def test_the_fix_of_a_web_identity_names_the_claim_that_tells_people_apart(issuer, claim):
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }

    assert str(trust_check.web_identity_fault(statement)) == (
        f"lets everybody whom {issuer} knows assume the role; add a condition such as StringEquals "
        f"{issuer}:{claim}"
    )


def test_an_audience_in_capitals_is_accepted_where_the_operator_ignores_case():
    page = "HTTPS://SIGNIN.AWS.AMAZON.COM/SAML"

    assert fault(StringEqualsIgnoreCase={"SAML:aud": page}) is None
    assert fault(StringEquals={"SAML:aud": page})
