"""The partitions: regions, ARNs, audiences and sign-in hosts keep to themselves."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.server import ADMINISTRATOR, LocalAws
from sandbox.aws.sign_in import BY_NAME, is_sign_in_url

ACCOUNT = "123456789012"
WHERE = {
    "aws": ("eu-west-1", "https://signin.aws.amazon.com/saml", "urn:amazon:webservices"),
    "aws-us-gov": (
        "us-gov-west-1",
        "https://signin.amazonaws-us-gov.com/saml",
        "urn:amazon:webservices:govcloud",
    ),
    "aws-cn": (
        "cn-north-1",
        "https://signin.amazonaws.cn/saml",
        "urn:amazon:webservices:cn-north-1",
    ),
    "aws-eusc": (
        "eusc-de-east-1",
        "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
        "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
    ),
}


@pytest.fixture(scope="module", params=list(WHERE))
def cloud(request, aws_type):
    with LocalAws((ACCOUNT,), partition=request.param) as local:
        yield request.param, aws_type(local)


@pytest.fixture(scope="module")
def federated(cloud, idp):
    """Role and provider, as ARNs."""
    name, aws = cloud
    iam = aws.client("iam", region=WHERE[name][0])
    provider = iam.create_saml_provider(Name="Okta", SAMLMetadataDocument=idp.metadata())[
        "SAMLProviderArn"
    ]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": WHERE[name][1]}},
    }
    role = iam.create_role(
        RoleName="Developer",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Role"]["Arn"]
    return role, provider


def enter(cloud, federated, idp, claims_type, recipient, audience):
    _, aws = cloud
    role, provider = federated
    attributes = {"Role": [f"{role},{provider}"], "RoleSessionName": ["ada"]}
    response = idp.respond(claims_type(attributes, recipient=recipient, audience=audience))
    return aws.assume_with_saml(role, provider, response)


def test_arns_are_of_the_partition(cloud, federated):
    name, aws = cloud
    role, provider = federated
    assert role == f"arn:{name}:iam::{ACCOUNT}:role/Developer"
    assert provider == f"arn:{name}:iam::{ACCOUNT}:saml-provider/Okta"
    sts = aws.client("sts", region=WHERE[name][0])
    assert sts.get_caller_identity()["Arn"].startswith(f"arn:{name}:iam::{ACCOUNT}:user/")


@pytest.mark.parametrize("other", list(WHERE))
def test_a_response_is_for_one_partition(cloud, federated, idp, claims_type, other):
    name, _ = cloud
    _, recipient, audience = WHERE[other]
    answer = enter(cloud, federated, idp, claims_type, recipient, audience)
    if other == name:
        assert answer.status == 200, answer.body
        assert answer.text("Arn").startswith(f"arn:{name}:sts::{ACCOUNT}:assumed-role/")
    else:
        assert answer.code == "InvalidIdentityToken"


@pytest.mark.parametrize("other", list(WHERE))
def test_a_region_belongs_to_one_partition(cloud, other):
    name, aws = cloud
    sts = aws.client("sts", region=WHERE[other][0])
    if other == name:
        assert sts.get_caller_identity()["Account"] == ACCOUNT
    else:
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()


def test_managed_policies_are_of_the_partition(cloud, federated):
    name, aws = cloud
    iam = aws.client("iam", region=WHERE[name][0])
    arn = f"arn:{name}:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    iam.attach_role_policy(RoleName="Developer", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="Developer")["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [arn]


@pytest.mark.parametrize(
    ("url", "is_sign_in"),
    [
        ("https://signin.aws.amazon.com/saml", True),
        ("https://eu-central-1.signin.aws.amazon.com/saml", True),
        ("https://signin.aws.amazon.com/saml/acs/SAMLSP123", True),
        ("https://us-gov-west-1.signin.aws.amazon.com/saml", False),
        ("https://us-east-1.signin.aws.amazon.com/saml", False),
        ("https://x.signin.aws.amazon.com/saml", False),
        ("https://signin.aws.amazon.com/saml/", False),
        ("https://signin.aws.amazon.com.evil.example/saml", False),
        ("https://signin-aws.amazon.com/saml", False),
        ("http://signin.aws.amazon.com/saml", False),
        ("", False),
    ],
)
def test_only_the_sign_in_pages_of_aws_are_its_own(url, is_sign_in):
    assert is_sign_in_url(BY_NAME["aws"], url) is is_sign_in


def test_accounts_of_several_partitions_stand_side_by_side(aws_type):
    """As for a stack file with an account in China and one in the commercial partition."""
    there = "210987654321"
    with LocalAws({ACCOUNT: "aws", there: "aws-cn"}) as local:
        aws = aws_type(local)
        for account, name in ((ACCOUNT, "aws"), (there, "aws-cn")):
            sts = aws.client("sts", account=account, region=WHERE[name][0])
            assert sts.get_caller_identity()["Arn"].startswith(f"arn:{name}:iam::{account}:user/")
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            aws.client("sts", account=there, region="eu-west-1").get_caller_identity()
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        foreign = trust | {"Principal": {"AWS": f"arn:aws-cn:iam::{there}:user/{ADMINISTRATOR}"}}
        with pytest.raises(ClientError, match="Invalid principal in policy"):
            aws.client("iam").create_role(
                RoleName="Foreign",
                AssumeRolePolicyDocument=json.dumps(
                    {"Version": "2012-10-17", "Statement": [foreign]}
                ),
            )
