"""The condition language in a role's trust policy, on what a SAML response and the call tell."""

from datetime import timedelta

import pytest

SIGN_IN = "https://signin.aws.amazon.com/saml"
REGIONAL = "https://us-east-2.signin.aws.amazon.com/saml"
EXACTLY = "StringEquals"
TAGGED = {"PrincipalTag:Team": ["blue"]}

# Condition, what the response changes, whether the person enters.
CASES = [
    ({EXACTLY: {"SAML:aud": SIGN_IN}}, {}, True),
    ({EXACTLY: {"SAML:aud": "urn:amazon:webservices"}}, {}, False),  # it is the recipient
    ({EXACTLY: {"saml:AUD": SIGN_IN}}, {}, True),  # keys ignore case
    ({EXACTLY: {"SAML:aud": SIGN_IN.upper()}}, {}, False),  # values do not
    ({"StringEqualsIgnoreCase": {"SAML:aud": SIGN_IN.upper()}}, {}, True),
    ({EXACTLY: {"SAML:aud": [REGIONAL, SIGN_IN]}}, {}, True),
    ({EXACTLY: {"SAML:aud": SIGN_IN}}, {"recipient": REGIONAL}, False),
    ({"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}}, {}, False),
    (
        {"StringLike": {"SAML:aud": "https://*signin.aws.amazon.com/saml"}},
        {"recipient": REGIONAL},
        True,
    ),
    ({EXACTLY: {"SAML:iss": "http://www.okta.com/exk1"}}, {}, True),
    ({EXACTLY: {"SAML:iss": "http://www.okta.com/exk2"}}, {}, False),
    ({EXACTLY: {"SAML:sub": "ada@example.com"}}, {}, True),
    ({"StringNotEquals": {"SAML:sub": "ada@example.com"}}, {}, False),
    ({"StringLike": {"SAML:sub": "*@example.com"}}, {"subject": "eve@evil.example"}, False),
    ({EXACTLY: {"SAML:sub_type": "persistent"}}, {}, False),
    ({"StringLike": {"SAML:doc": "123456789012/Okta*"}}, {}, True),
    ({"StringLike": {"SAML:doc": "210987654321/*"}}, {}, False),
    ({"Null": {"SAML:namequalifier": "false"}}, {}, True),
    ({EXACTLY: {"aws:RequestTag/Team": "blue"}}, {"attributes": TAGGED}, True),
    ({EXACTLY: {"aws:RequestTag/Team": "red"}}, {"attributes": TAGGED}, False),
    ({EXACTLY: {"aws:RequestTag/Team": "blue"}}, {}, False),
    ({"StringEqualsIfExists": {"aws:RequestTag/Team": "blue"}}, {}, True),
    ({"Null": {"aws:RequestTag/Team": "true"}}, {"attributes": TAGGED}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}, {"attributes": TAGGED}, True),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Cost"]}}, {"attributes": TAGGED}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Cost"]}}, {}, True),  # of no keys, all
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Team", "x"]}}, {"attributes": TAGGED}, True),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Team"]}}, {}, False),
    (
        {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "Team"}},
        {"attributes": TAGGED | {"TransitiveTagKeys": ["Team"]}},
        True,
    ),
    ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, True),
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, False),
    ({"NotIpAddress": {"aws:SourceIp": "127.0.0.1/32"}}, {}, False),
    ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, {}, True),
    ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, {}, False),
    ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, {}, True),
    ({EXACTLY: {"sts:SourceIdentity": "ada"}}, {"attributes": {"SourceIdentity": ["ada"]}}, True),
    ({EXACTLY: {"sts:SourceIdentity": "ada"}}, {"attributes": {"SourceIdentity": ["eve"]}}, False),
    ({EXACTLY: {"sts:SourceIdentity": "ada"}}, {}, False),
    ({"StringLike": {"sts:RoleSessionName": "ada@*"}}, {}, True),
    ({EXACTLY: {"sts:RoleSessionName": "${saml:sub}"}}, {}, True),
    ({EXACTLY: {"sts:RoleSessionName": "${saml:sub}"}}, {"subject": "eve@example.com"}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, {}, False),  # the sandbox listens without TLS
    ({EXACTLY: {"SAML:aud": SIGN_IN, "SAML:sub": "eve@example.com"}}, {}, False),  # both keys
    ({EXACTLY: {"SAML:aud": SIGN_IN}, "StringLike": {"SAML:sub": "eve*"}}, {}, False),
]


@pytest.mark.parametrize(("condition", "changes", "enters"), CASES)
def test_a_condition_of_the_trust_policy_is_kept(federate, idp, condition, changes, enters):
    federation = federate("sts:TagSession", "sts:SetSourceIdentity", **condition)
    answer = federation.enter(idp.respond(federation.claims(**changes)))
    assert answer.code == (None if enters else "AccessDenied"), answer.body


def test_plain_moto_reads_no_condition(federate, idp):
    federation = federate(StringEquals={"SAML:aud": "urn:nobody"})
    response = idp.respond(federation.claims())
    assert federation.enter(response, plain=True).status == 200
    assert federation.enter(response).code == "AccessDenied"


def test_a_deny_in_the_trust_policy_wins(aws, federate, idp):
    federation = federate()
    aws.client("iam").update_assume_role_policy(
        RoleName=federation.role.split("/")[-1],
        PolicyDocument=(
            '{"Version": "2012-10-17", "Statement": ['
            f'{{"Effect": "Allow", "Principal": {{"Federated": "{federation.provider}"}},'
            ' "Action": "sts:AssumeRoleWithSAML"},'
            f'{{"Effect": "Deny", "Principal": {{"Federated": "{federation.provider}"}},'
            ' "Action": "sts:*", "Condition": {"StringEquals": {"SAML:sub": "eve@example.com"}}}]}'
        ),
    )
    assert federation.enter(idp.respond(federation.claims())).status == 200
    eve = federation.claims(subject="eve@example.com", lifetime=timedelta(minutes=3))
    assert federation.enter(idp.respond(eve)).code == "AccessDenied"
