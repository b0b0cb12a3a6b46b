"""The condition language in a role's trust policy, on what a SAML response and the call tell."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from lxml import etree

ACCOUNT = "123456789012"
NAMES = {"a": "urn:oasis:names:tc:SAML:2.0:assertion"}
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


def with_attribute(name, *values):
    """An attribute under its whole name, which is none of AWS's own."""

    def edit(root):
        statement = root.find("a:Assertion/a:AttributeStatement", NAMES)
        attribute = etree.SubElement(statement, f"{{{NAMES['a']}}}Attribute", Name=name)
        for value in values:
            etree.SubElement(attribute, f"{{{NAMES['a']}}}AttributeValue").text = value

    return edit


PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1"
CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
# Attribute, condition key, as the table of the IAM User Guide has them.
MAPPED = [
    (f"{PERSON}.1", "saml:eduPersonAffiliation"),
    (f"{PERSON}.6", "saml:eduPersonPrincipalName"),
    (f"{PERSON}.9", "saml:eduPersonScopedAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduOrgLegalName"),
    ("urn:oid:2.5.4.3", "saml:cn"),
    (f"{CLAIM}/emailaddress", "saml:mail"),
    (f"{CLAIM}/surname", "saml:surname"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "saml:mail"),
    ("urn:oid:2.5.4.45", "saml:x500UniqueIdentifier"),
]


@pytest.mark.parametrize(("name", "key"), MAPPED)
def test_attributes_of_directories_become_condition_keys(federate, idp, name, key):
    federation = federate(**{"ForAnyValue:StringEquals": {key: "staff"}})
    for before, enters in (
        (with_attribute(name, "staff"), True),
        (with_attribute(name, "student"), False),
        (with_attribute(name.replace("urn:oid:", "urn:OID:") + "0", "staff"), False),
        (lambda root: None, False),
    ):
        answer = federation.enter(idp.respond(federation.claims(), before=before))
        assert answer.code == (None if enters else "AccessDenied"), answer.body


def test_a_list_has_all_its_values_and_a_text_its_first(federate, idp):
    both = with_attribute(f"{PERSON}.1", "staff", "faculty")
    listed = federate(**{"ForAllValues:StringEquals": {"saml:eduPersonAffiliation": ["staff"]}})
    assert listed.enter(idp.respond(listed.claims(), before=both)).code == "AccessDenied"
    single = federate(StringEquals={"saml:mail": "second@example.com"})
    mails = with_attribute(f"{CLAIM}/emailaddress", "first@example.com", "second@example.com")
    assert single.enter(idp.respond(single.claims(), before=mails)).code == "AccessDenied"


@pytest.mark.parametrize("spelled", ["team", "Team", "TEAM"])
def test_a_transitive_tag_is_handed_down_and_cannot_be_replaced(aws, federate, idp, spelled):
    federation = federate("sts:TagSession")
    iam = aws.client("iam")
    entry = federation.role.rpartition("/")[2]
    iam.put_role_policy(
        RoleName=entry,
        PolicyName="Chain",
        PolicyDocument='{"Version": "2012-10-17", "Statement": {"Effect": "Allow",'
        ' "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}}',
    )
    second = iam.create_role(
        RoleName=f"Second-{entry}",
        AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": {"Effect": "Allow",'
        f' "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {{"AWS": "{ACCOUNT}"}}}}}}',
    )["Role"]["Arn"]
    tags = {"PrincipalTag:team": ["blue"], "TransitiveTagKeys": [spelled]}
    session = aws.unsigned("sts").assume_role_with_saml(
        RoleArn=federation.role,
        PrincipalArn=federation.provider,
        SAMLAssertion=idp.respond(federation.claims(attributes=tags)),
    )["Credentials"]
    sts = aws.client("sts", session)
    for key in ("team", "TEAM"):
        with pytest.raises(ClientError, match="transitive tag keys can't be set"):
            sts.assume_role(
                RoleArn=second, RoleSessionName="ada", Tags=[{"Key": key, "Value": "red"}]
            )
    chained = sts.assume_role(RoleArn=second, RoleSessionName="ada")["Credentials"]
    stored = aws.local.cloud.sessions.find(chained["AccessKeyId"])
    assert stored.tags == {"team": "blue"}
