"""One table of trust statements, and the one answer that settings, components and pack give.

The library's check serves settings and components; the pack stands alone. Here all three answer the
same table, by IAM's documents: operators are exact, keys ignore case, and a key that is missing
makes a condition true with ...IfExists, ForAllValues and negated operators.
"""

import json

import pytest

import principals
import settings
import sign_in
import trust
from okta_aws_federation.partitions import PARTITIONS
from okta_aws_federation.trust_policy import InvalidTrustPolicy, Trust, build_document

OLD = "arn:aws:iam::123456789012:saml-provider/Old"
URL = "https://signin.aws.amazon.com/saml"
REGIONAL = "https://eu-west-1.signin.aws.amazon.com/saml"
OIDC = "arn:aws:iam::123456789012:oidc-provider/"
GITHUB = "token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"
OTHER = "https://app.example.com/saml"


def federated(arn=OLD, action="sts:AssumeRoleWithSAML", **condition):
    statement = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


def aud(operator, value, key="SAML:aud"):
    return federated(**{operator: {key: value}})


def everybody(principal="*", action="sts:AssumeRole", **condition):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


ACCEPTED = {
    "equals": aud("StringEquals", URL),
    "a list": aud("StringEquals", [URL, REGIONAL]),
    "key in lower case": aud("StringEquals", URL, "saml:aud"),
    "ignore case": aud("StringEqualsIgnoreCase", URL.upper()),
    "like, exact": aud("StringLike", URL),
    "like, a region": aud("StringLike", "https://*.signin.aws.amazon.com/saml"),
    "any value": aud("ForAnyValue:StringEquals", URL),
    "any value, like": aud("ForAnyValue:StringLike", URL),
    "encrypted assertions": aud("StringEquals", f"{URL}/acs/SAMLSP5AO5"),
    "one of two conditions": federated(
        StringEquals={"SAML:aud": URL}, StringLike={"SAML:aud": "*"}
    ),
    "the other of two": federated(
        StringEqualsIfExists={"SAML:aud": URL}, StringLike={"saml:AUD": URL}
    ),
    "govcloud": federated(
        "arn:aws-us-gov:iam::123456789012:saml-provider/Old",
        StringEquals={"SAML:aud": "https://signin.amazonaws-us-gov.com/saml"},
    ),
    "tags alone": federated(action="sts:TagSession"),
    "like, any id for encrypted assertions": aud("StringLike", f"{URL}/acs/*"),
    "a deny": federated() | {"Effect": "Deny"},
    "a service": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
    "an OIDC provider": federated(
        "arn:aws:iam::123456789012:oidc-provider/token.example.com",
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={"token.example.com:aud": "sts.amazonaws.com"},
    ),
    "an OIDC provider of one's own, by its subject": federated(
        f"{OIDC}id.example.com/team",
        WEB,
        StringLike={"id.example.com/team:sub": "system:serviceaccount:*"},
    ),
    "repositories of an organization": federated(
        f"{OIDC}{GITHUB}", WEB, StringLike={f"{GITHUB.upper()}:SUB": "repo:octo-org/*"}
    ),
    "a group of GitLab": federated(
        f"{OIDC}gitlab.com", WEB, StringLike={"gitlab.com:sub": "project_path:octo/app:*"}
    ),
    "a client of Google": federated(
        "accounts.google.com", WEB, StringEquals={"accounts.google.com:aud": "66677"}
    ),
    "everybody of an organization": everybody(StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "everybody called so in an account": everybody(
        ArnLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ci-*"}
    ),
    "everybody of a unit": everybody(
        **{"ForAnyValue:StringLike": {"AWS:PrincipalOrgPaths": "o-abcdefghij/r-ab12/*"}}
    ),
    "everybody with a secret": everybody(StringEquals={"sts:ExternalId": "7f0c"}),
    "everybody from a network": everybody(IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    "everybody for resources of an account": everybody(
        ArnLike={"aws:SourceArn": "arn:aws:scheduler:*:123456789012:schedule-group/*"}
    ),
    "everybody from a network of eight bits": everybody(IpAddress={"aws:SourceIp": "10.0.0.0/8"}),
    "everybody of an account, as text": everybody(
        StringLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}
    ),
    "everybody with one principal's id": everybody(
        StringLike={"aws:userid": "AROA2B3C4D5E6F7G8H9I:*"}
    ),
    "everybody, an action that enters no role": everybody(action="sts:TagSession"),
    "everybody denied": everybody() | {"Effect": "Deny"},
    "one role of another account": everybody("arn:aws:iam::111122223333:role/ci"),
}
REFUSED = {
    "no condition": federated(),
    "another key": federated(StringEquals={"SAML:iss": URL}),
    "if exists": aud("StringEqualsIfExists", URL),
    "like, if exists": aud("StringLikeIfExists", URL),
    "any value, if exists": aud("ForAnyValue:StringEqualsIfExists", URL),
    "all values": aud("ForAllValues:StringEquals", URL),
    "all values, like": aud("ForAllValues:StringLike", URL),
    "not equals": aud("StringNotEquals", URL),
    "not equals, ignore case": aud("StringNotEqualsIgnoreCase", URL),
    "not like": aud("StringNotLike", URL),
    "any value, not equals": aud("ForAnyValue:StringNotEquals", OTHER),
    "null": aud("Null", "false"),
    "arn": aud("ArnLike", URL),
    "like, all": aud("StringLike", "*"),
    "like, some letters": aud("StringLike", "?*"),
    "like, all of https": aud("StringLike", "https://*"),
    "like, the end of a host": aud("StringLike", "https://*signin.aws.amazon.com/saml"),
    "like, one of them all": aud("StringLike", [URL, "*"]),
    "another service": aud("StringEquals", OTHER),
    "another service beside": aud("StringEquals", [URL, OTHER]),
    "upper case where case counts": aud("StringEquals", URL.upper()),
    "a star where it is a letter": aud("StringEquals", "https://*.signin.aws.amazon.com/saml"),
    "what the assertion says": aud("StringEquals", "${saml:aud}"),
    "us-east-1 with its region": aud(
        "StringEquals", "https://us-east-1.signin.aws.amazon.com/saml"
    ),
    "another partition": aud("StringEquals", "https://signin.amazonaws.cn/saml"),
    "sovereign cloud without region": federated(
        "arn:aws-eusc:iam::123456789012:saml-provider/Old",
        StringEquals={"SAML:aud": "https://signin.amazonaws-eusc.eu/saml"},
    ),
    "two weak conditions": federated(
        StringEqualsIfExists={"SAML:aud": URL}, StringLike={"SAML:aud": "*"}
    ),
    "all of sts": federated(action="sts:*"),
    "any case of the action": federated(action="STS:assumerolewithSAML"),
    "any provider": federated("*"),
    "providers of one letter more": federated(f"{OLD}?", StringEquals={"SAML:aud": URL}),
    "like, an id of some letters": aud("StringLike", f"{URL}/acs/SAML*"),
    "no audience at all": aud("StringEquals", []),
    "any provider with audience": federated("*", StringEquals={"SAML:aud": URL}),
    "two providers, one of any name": federated([OLD, "*"], StringEquals={"SAML:aud": URL}),
    "an OIDC provider without a condition": federated(f"{OIDC}id.example.com", WEB),
    "an OIDC provider, if exists": federated(
        f"{OIDC}id.example.com", WEB, StringEqualsIfExists={"id.example.com:aud": "x"}
    ),
    "an OIDC provider, a condition on another": federated(
        f"{OIDC}id.example.com", WEB, StringEquals={"other.example.com:aud": "x"}
    ),
    "any audience": federated(f"{OIDC}id.example.com", WEB, StringLike={"id.example.com:aud": "*"}),
    "an OIDC provider, no audience": federated(
        f"{OIDC}id.example.com", WEB, StringEquals={"id.example.com:aud": []}
    ),
    "an OIDC provider, one good and one open audience": federated(
        f"{OIDC}id.example.com", WEB, StringLike={"id.example.com:aud": ["x", "*"]}
    ),
    "Google without a client": federated("accounts.google.com", WEB),
    "GitHub by its audience": federated(
        f"{OIDC}{GITHUB}", WEB, StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"}
    ),
    "GitLab by its audience": federated(
        f"{OIDC}gitlab.com", WEB, StringEquals={"gitlab.com:aud": "https://gitlab.com"}
    ),
    "HCP Terraform by its audience": federated(
        f"{OIDC}app.terraform.io", WEB, StringEquals={"app.terraform.io:aud": "aws.workload"}
    ),
    "every repository of GitHub": federated(
        f"{OIDC}{GITHUB}", WEB, StringLike={f"{GITHUB}:sub": "repo:*"}
    ),
    "every organization that begins so": federated(
        f"{OIDC}{GITHUB}", WEB, StringLike={f"{GITHUB}:sub": "repo:octo-*/app:ref:refs/heads/main"}
    ),
    "every provider of web identities": federated("*", WEB),
    "one of two providers": federated(
        [f"{OIDC}id.example.com", "accounts.google.com"],
        WEB,
        StringEquals={"id.example.com:aud": "x"},
    ),
    "everybody": everybody(),
    "everybody in a list": everybody(["arn:aws:iam::123456789012:root", "*"]),
    "everybody, any action": everybody(action="*"),
    "everybody, with MFA": everybody(Bool={"aws:MultiFactorAuthPresent": "true"}),
    "everybody, if exists": everybody(StringEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "everybody but one organization": everybody(
        StringNotEquals={"aws:PrincipalOrgID": "o-abcdefghij"}
    ),
    "everybody of any organization": everybody(StringLike={"aws:PrincipalOrgID": "o-*"}),
    "everybody called so anywhere": everybody(
        ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}
    ),
    "everybody with a tag": everybody(StringEquals={"aws:PrincipalTag/team": "red"}),
    "everybody from everywhere": everybody(IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
    "everybody from both halves of the internet": everybody(
        IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/01"]}
    ),
    "everybody from a network of seven bits": everybody(IpAddress={"aws:SourceIp": "10.0.0.0/7"}),
    "everybody, by a condition without a value": everybody(StringEquals={"aws:PrincipalOrgID": []}),
    "everybody, by one good and one open value": everybody(
        StringLike={"aws:PrincipalOrgID": ["o-abcdefghij", "o-*"]}
    ),
    "everybody who is who they are": everybody(
        StringEquals={"aws:PrincipalArn": "${aws:PrincipalArn}"}
    ),
    "everybody of ten accounts": everybody(
        StringLike={"aws:PrincipalArn": "arn:aws:iam::11112222333?:root"}
    ),
    "everybody, without a kind": everybody() | {"Principal": "*"},
    "every provider, without a kind": aud("StringEquals", URL) | {"Principal": "*"},
    "everybody but one": {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "sts:AssumeRole",
    },
    "everybody, all actions but one": {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "NotAction": "sts:TagSession",
    },
    "everybody, by web identity": everybody(action=WEB),
    "everybody for an ARN with an account anywhere in its text": everybody(
        StringLike={"aws:SourceArn": "arn:aws:scheduler:*:123456789012:*"}
    ),
    "everybody until 2030": everybody(DateLessThan={"aws:CurrentTime": "2030-01-01T00:00:00Z"}),
}


def settings_refuse(statement):
    account = {"id": "123456789012", "region": "us-east-1"}
    if "aws-us-gov" in json.dumps(statement):
        account["region"] = "us-gov-west-1"
    if "aws-eusc" in json.dumps(statement):
        account["region"] = "eusc-de-east-1"
    try:
        settings.parse(
            {
                "accounts": {"main": account},
                "roles": {
                    "Developer": {
                        "managedPolicies": ["ReadOnlyAccess"],
                        "trust": {"statements": [statement]},
                    }
                },
                "groups": {"AWSDeveloper": {"roles": ["Developer"], "members": ["a@example.com"]}},
                "tags": {"owner": "identity"},
            }
        )
    except settings.SettingsError:
        return True
    return False


def components_refuse(statement):
    try:
        build_document(
            ["arn:aws:iam::123456789012:saml-provider/Okta"], ["x"], Trust(statements=[statement])
        )
    except InvalidTrustPolicy:
        return True
    return False


def pack_refuses(said_of, statement):
    rules = (
        trust.saml_trust_has_audience,
        trust.saml_audience_matches_partition,
        trust.no_wildcard_in_federated_principal,
        principals.no_public_role,
    )
    props = {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    return any(said_of(rule, trust.ROLE, props) for rule in rules)


TABLE = [
    *(
        pytest.param(statement, False, id=f"accepted: {name}")
        for name, statement in ACCEPTED.items()
    ),
    *(pytest.param(statement, True, id=f"refused: {name}") for name, statement in REFUSED.items()),
]


@pytest.mark.parametrize(("statement", "refused"), TABLE)
def test_settings_components_and_pack_give_one_answer(said_of, statement, refused):
    answers = {
        "settings": settings_refuse(statement),
        "components": components_refuse(statement),
        "pack": pack_refuses(said_of, statement),
    }

    assert answers == dict.fromkeys(answers, refused)


def test_the_pack_knows_the_sign_in_pages_of_the_library():
    hosts = {partition.name: partition.sign_in_host for partition in PARTITIONS}
    regional = {each.name: each.home_region for each in PARTITIONS if not each.has_global_sign_in}

    assert sign_in.SIGN_IN.items() >= hosts.items()
    assert regional == sign_in.REGIONAL_ONLY
    for partition in PARTITIONS:
        assert sign_in.hint(partition.name) == f" ({partition.sign_in_url})"
        for region in partition.regions:
            endpoint = partition.regional_sign_in_url(region)
            assert sign_in.is_audience(endpoint, partition.name, pattern=False), endpoint
