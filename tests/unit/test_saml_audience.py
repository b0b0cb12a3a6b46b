"""One answer to "does this statement take an assertion made for another service?", everywhere."""

import json

import pytest
from pydantic import ValidationError

import trust as pack
from components import InvalidArgs, Trust
from okta_aws_federation.partitions import PARTITIONS
from okta_aws_federation.trust_policy import lacks_saml_audience
from settings.documents import TrustStatement

PROVIDER = "arn:aws:iam::123456789012:saml-provider/Okta"
OIDC = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
SIGN_IN = "https://signin.aws.amazon.com/saml"
ASSUME = "sts:AssumeRoleWithSAML"


def statement(condition=None, principal=PROVIDER, action=ASSUME, effect="Allow"):
    result = {"Effect": effect, "Principal": {"Federated": principal}, "Action": action}
    return result | ({"Condition": condition} if condition else {})


TABLE = {
    "no condition": (statement(), True),
    "an equality": (statement({"StringEquals": {"SAML:aud": SIGN_IN}}), False),
    "a list": (statement({"StringEquals": {"SAML:aud": [SIGN_IN]}}), False),
    "the key in lower case": (statement({"StringEquals": {"saml:aud": SIGN_IN}}), False),
    "ignoring case": (statement({"StringEqualsIgnoreCase": {"SAML:aud": SIGN_IN}}), False),
    "a pattern": (statement({"StringLike": {"SAML:aud": "https://*.signin.x/saml"}}), False),
    "a pattern of wildcards": (statement({"StringLike": {"SAML:aud": "*?"}}), True),
    "an inequality": (statement({"StringNotEquals": {"SAML:aud": "x"}}), True),
    "if it exists": (statement({"StringEqualsIfExists": {"SAML:aud": SIGN_IN}}), True),
    "for all values": (statement({"ForAllValues:StringEquals": {"SAML:aud": SIGN_IN}}), True),
    "null": (statement({"Null": {"SAML:aud": "false"}}), True),
    "another key": (statement({"StringEquals": {"SAML:iss": "x"}}), True),
    "tags only": (statement(action="sts:TagSession"), False),
    "all of sts": (statement(action="sts:*"), True),
    "in lower case": (statement(action="sts:assumerolewithsaml"), True),
    "a wildcard principal": (statement(principal="*"), True),
    "two providers": (statement(principal=[OIDC, PROVIDER]), True),
    "OIDC": (statement(principal=OIDC, action="sts:AssumeRoleWithWebIdentity"), False),
    "a Deny": (statement(effect="Deny"), False),
}


@pytest.mark.parametrize(("document", "lacks"), TABLE.values(), ids=TABLE.keys())
def test_library_settings_components_and_pack_have_one_answer(document, lacks):
    answers = {
        "library": lacks_saml_audience(document),
        "settings": refuses(ValidationError, lambda: TrustStatement.model_validate(document)),
        "components": refuses(InvalidArgs, lambda: Trust(statements=[document])),
        "pack": bool(pack.without_audience(json.dumps({"Statement": [document]}))),
    }

    assert answers == dict.fromkeys(answers, lacks)


def refuses(error, construct):
    try:
        construct()
    except error as refusal:
        return "assertion that was made" in str(refusal) or "must put a SAML:aud" in str(refusal)
    return False


def test_the_pack_that_stands_alone_knows_the_same_sign_in_hosts():
    import sign_in

    own = {name: host for name, host in sign_in.SIGN_IN.items() if "iso" not in name}
    assert own == {partition.name: partition.sign_in_host for partition in PARTITIONS}
