"""Good SAML responses, and what comes of them: the session, its name, length, tags and limits."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from xmlsec import Transform

NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
SCD = "a:Assertion/a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGN_IN = "https://signin.aws.amazon.com/saml"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def drop(path):
    def edit(root):
        element = root.find(path, NAMES)
        element.getparent().remove(element)

    return edit


def asked(root):
    """As after a request by the service provider: both places name it."""
    root.set("InResponseTo", "q1")
    root.find(SCD, NAMES).set("InResponseTo", "q1")


def reorder(federation):
    role, provider = federation.role, federation.provider
    return {"Role": [f"arn:aws:iam::123456789012:role/Other,{provider}", f"{provider} , {role}"]}


GOOD = {
    "both signed": {},
    "only the assertion signed": {"sign": ("assertion",)},
    "only the response signed": {"sign": ("response",)},
    "SHA-384": {"algorithm": "rsa-sha384"},
    "SHA-512, digest too": {"algorithm": "rsa-sha512", "digest": "sha512"},
    "canonical form with comments": {"canonicalization": f"{EXCLUSIVE}WithComments"},
    "no destination": {"before": lambda root: root.attrib.pop("Destination")},
    "no issuer of the response": {"before": drop("a:Issuer")},
    "an answer to a request": {"before": asked},
    "the sign-in URL as audience": {"audience": SIGN_IN},
    "a regional endpoint": {"recipient": "https://eu-west-1.signin.aws.amazon.com/saml"},
    "the endpoint for encrypted assertions": {"recipient": f"{SIGN_IN}/acs/SAMLSP1A2B3C"},
    "a clock 30 seconds ahead": {"issued": timedelta(seconds=30)},
    "issued four minutes ago": {"issued": timedelta(minutes=-4)},
    "a source identity": {"attributes": {"SourceIdentity": ["ada"]}},
    "tags, one of them transitive": {
        "attributes": {"PrincipalTag:Team": ["blue"], "TransitiveTagKeys": ["Team"]}
    },
    "a session name of two characters": {"attributes": {"RoleSessionName": ["ad"]}},
    "white space in the base64": {"spaced": True},
}


@pytest.mark.parametrize("what", GOOD)
def test_a_good_response_is_accepted(federation, what):
    given = dict(GOOD[what])
    claims = {
        key: given.pop(key)
        for key in ("audience", "recipient", "issued", "attributes")
        if key in given
    }
    spaced = given.pop("spaced", False)
    response = federation.idp.respond(federation.claims(**claims), **given)
    if spaced:
        response = "\n".join(response[n : n + 76] for n in range(0, len(response), 76))
    answer = federation.enter(response)
    assert answer.status == 200, answer.body


def test_several_roles_in_either_order_are_each_usable(federation):
    answer = federation.enter(
        federation.idp.respond(federation.claims(attributes=reorder(federation)))
    )
    assert answer.status == 200, answer.body


def test_plain_moto_falls_over_two_roles(federation):
    response = federation.idp.respond(federation.claims(attributes=reorder(federation)))
    with pytest.raises(TypeError, match="list indices"):
        federation.enter(response, plain=True)


def test_a_response_serves_more_than_once_within_its_window(federation):
    response = federation.idp.respond(federation.claims())
    answers = [federation.enter(response) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert len({answer.text("AccessKeyId") for answer in answers}) == 3, "a session each"


def test_two_providers_vouch_for_roles_of_their_own_only(federate, pairs, idp):
    other = type(idp)("http://www.okta.com/exk2", pairs[1])
    first, second = federate(), federate(by=other)
    assert first.enter(idp.respond(first.claims())).status == 200
    assert second.enter(other.respond(second.claims())).status == 200
    crossed = second.enter(idp.respond(second.claims()))
    assert crossed.code == "InvalidIdentityToken", "the second role does not trust the first idp"


def test_both_certificates_count_while_one_replaces_the_other(aws, federate, pairs, idp):
    federation = federate(certificates=(pairs[1],))
    for pair in pairs[:2]:
        assert federation.enter(idp.respond(federation.claims(), pair=pair)).status == 200
    third = federation.enter(idp.respond(federation.claims(), pair=pairs[2]))
    assert third.code == "InvalidIdentityToken"
    new = type(idp)(idp.entity_id, pairs[1])
    aws.client("iam").update_saml_provider(
        SAMLProviderArn=federation.provider, SAMLMetadataDocument=new.metadata()
    )
    assert federation.enter(idp.respond(federation.claims())).code == "InvalidIdentityToken"
    assert federation.enter(new.respond(federation.claims())).status == 200


def signed_by_xmlsec(federation, pair, *, transforms, method=None, uri="#r1", prefixes=()):
    """A response that libxmlsec1 signed, in whatever form: valid XML signatures all of them."""
    unsigned = federation.idp.respond(federation.claims(), sign=())
    root = etree.fromstring(base64.b64decode(unsigned))
    signature = xmlsec.template.create(
        root, method or Transform.EXCL_C14N, Transform.RSA_SHA256, ns="ds"
    )
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, Transform.SHA256, uri=uri)
    for transform in transforms:
        node = xmlsec.template.add_transform(reference, transform)
        if prefixes and transform == Transform.EXCL_C14N:
            xmlsec.template.transform_add_c14n_inclusive_namespaces(node, list(prefixes))
    context = xmlsec.SignatureContext()
    pem = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    context.register_id(root, "ID")
    context.sign(signature)
    return base64.b64encode(etree.tostring(root)).decode()


def test_inclusive_prefixes_as_okta_writes_them_are_understood(federation, pairs):
    usual = (Transform.ENVELOPED, Transform.EXCL_C14N)
    response = signed_by_xmlsec(federation, pairs[0], transforms=usual, prefixes=["xs"])
    assert federation.enter(response).status == 200


@pytest.mark.parametrize(
    "form",
    [
        {"transforms": (Transform.ENVELOPED, Transform.C14N)},
        {"transforms": (Transform.ENVELOPED,)},
        {"transforms": (Transform.ENVELOPED, Transform.EXCL_C14N), "method": Transform.C14N},
        {"transforms": (Transform.ENVELOPED, Transform.EXCL_C14N), "uri": ""},
    ],
)
def test_a_valid_signature_of_another_form_than_saml_allows_is_refused(federation, pairs, form):
    """SAML Core 5.4: exclusive canonicalization, and one reference, to the element's own ID."""
    answer = federation.enter(signed_by_xmlsec(federation, pairs[0], **form))
    assert answer.code == "InvalidIdentityToken"


def test_the_reply_says_what_the_api_reference_says(federation):
    answer = federation.enter(federation.idp.respond(federation.claims()))
    qualifier = f"{federation.idp.entity_id}123456789012/{federation.provider.split('/')[-1]}"
    assert {
        name: answer.text(name) for name in ("Subject", "SubjectType", "Issuer", "Audience")
    } == {
        "Subject": "ada@example.com",
        "SubjectType": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "Issuer": federation.idp.entity_id,
        "Audience": SIGN_IN,
    }
    assert (
        answer.text("NameQualifier")
        == base64.b64encode(hashlib.sha1(qualifier.encode()).digest()).decode()
    )
    role = federation.role.split("/")[-1]
    assert answer.text("Arn") == f"arn:aws:sts::123456789012:assumed-role/{role}/ada@example.com"
    assert answer.text("AssumedRoleId").endswith(":ada@example.com")


def test_a_persistent_subject_is_named_shortly(federation):
    def persistent(root):
        root.find("a:Assertion/a:Subject/a:NameID", NAMES).set(
            "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
        )

    answer = federation.enter(federation.idp.respond(federation.claims(), before=persistent))
    assert answer.text("SubjectType") == "persistent"


def test_plain_moto_makes_the_issuer_up(federation):
    answer = federation.enter(federation.idp.respond(federation.claims()), plain=True)
    assert answer.status == 200
    assert answer.text("Issuer") != federation.idp.entity_id


def test_an_sdk_needs_no_keys_for_it(aws, federation):
    credentials = aws.unsigned("sts").assume_role_with_saml(
        RoleArn=federation.role,
        PrincipalArn=federation.provider,
        SAMLAssertion=federation.idp.respond(federation.claims()),
    )["Credentials"]
    aws.client("iam").attach_role_policy(
        RoleName=federation.role.split("/")[-1], PolicyArn=READ_ONLY
    )
    assert aws.client("ec2", credentials).describe_instances()["Reservations"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3", credentials).list_buckets()
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        aws.client("ec2", credentials).run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)


def minutes_left(answer):
    until = datetime.fromisoformat(answer.text("Expiration"))
    return round((until - datetime.now(UTC)).total_seconds() / 60)


@pytest.mark.parametrize(
    ("asked", "said", "minutes"),
    [
        (None, None, 60),
        ("900", None, 15),
        ("7200", None, 120),
        (None, "1800", 30),
        ("900", "1800", 15),
        ("7200", "1800", 30),
    ],
)
def test_the_shortest_wish_rules_the_length(federate, idp, asked, said, minutes):
    federation = federate(seconds=7200)
    attributes = {"SessionDuration": [said]} if said else {}
    more = {"DurationSeconds": asked} if asked else {}
    answer = federation.enter(idp.respond(federation.claims(attributes=attributes)), **more)
    assert answer.status == 200, answer.body
    assert minutes_left(answer) == minutes


def test_a_session_ends_with_the_one_at_the_identity_provider(federation):
    def ends(root):
        until = (datetime.now(UTC) + timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
        root.find("a:Assertion/a:AuthnStatement", NAMES).set("SessionNotOnOrAfter", until)

    answer = federation.enter(federation.idp.respond(federation.claims(), before=ends))
    assert minutes_left(answer) == 20


@pytest.mark.parametrize("seconds", ["899", "43201", "3601", "ten"])
def test_a_length_out_of_range_is_refused(federation, seconds):
    answer = federation.enter(federation.idp.respond(federation.claims()), DurationSeconds=seconds)
    assert (answer.status, answer.code) in (
        (400, "ValidationError"),
        (400, "MalformedInput"),
    ), answer.body


def test_role_and_provider_are_of_one_account(federation):
    elsewhere = federation.provider.replace("123456789012", "210987654321")
    answer = federation.aws.assume_with_saml(federation.role, elsewhere, "PGEvPg==")
    assert answer.code == "ValidationError"
    assert "outside the account" in answer.body


def test_an_unknown_provider_is_told_of(federation):
    response = federation.idp.respond(federation.claims())
    unknown = federation.provider + "x"
    answer = federation.aws.assume_with_saml(federation.role, unknown, response)
    assert answer.code == "InvalidIdentityToken"
    assert "Specified provider" in answer.body


def test_a_role_that_is_gone_is_denied_like_one_that_never_trusted(aws, federate, idp):
    federation = federate()
    response = idp.respond(federation.claims())
    aws.client("iam").delete_role(RoleName=federation.role.split("/")[-1])
    assert federation.enter(response).code == "AccessDenied"


@pytest.mark.parametrize(
    ("attributes", "actions"),
    [
        ({"PrincipalTag:Team": ["blue"]}, "sts:TagSession"),
        ({"SourceIdentity": ["ada"]}, "sts:SetSourceIdentity"),
    ],
)
def test_what_the_assertion_sets_needs_its_own_action(federate, idp, attributes, actions):
    without, with_it = federate(), federate(actions)
    denied = without.enter(idp.respond(without.claims(attributes=attributes)))
    assert denied.code == "AccessDenied", "sts:AssumeRoleWithSAML alone does not allow it"
    assert with_it.enter(idp.respond(with_it.claims(attributes=attributes))).status == 200


def test_a_session_policy_only_takes_away(aws, federate, idp):
    federation = federate()
    aws.client("iam").attach_role_policy(
        RoleName=federation.role.split("/")[-1], PolicyArn=READ_ONLY
    )
    credentials = aws.unsigned("sts").assume_role_with_saml(
        RoleArn=federation.role,
        PrincipalArn=federation.provider,
        SAMLAssertion=idp.respond(federation.claims()),
        Policy='{"Version": "2012-10-17", "Statement": {"Effect": "Allow",'
        ' "Action": ["ec2:DescribeVpcs", "s3:*"], "Resource": "*"}}',
    )["Credentials"]
    ec2 = aws.client("ec2", credentials)
    assert ec2.describe_vpcs()["Vpcs"]
    with pytest.raises(ClientError, match="no session policy allows"):
        ec2.describe_instances()
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("s3", credentials).list_buckets()


def test_a_malformed_session_policy_is_refused(federation):
    answer = federation.enter(
        federation.idp.respond(federation.claims()), Policy='{"Statement": "x"}'
    )
    assert answer.code == "MalformedPolicyDocument"


def test_session_tags_reach_the_policies(aws, federate, idp):
    federation = federate("sts:TagSession")
    aws.client("iam").put_role_policy(
        RoleName=federation.role.split("/")[-1],
        PolicyName="ByTeam",
        PolicyDocument='{"Version": "2012-10-17", "Statement": {"Effect": "Allow",'
        ' "Action": "s3:ListAllMyBuckets", "Resource": "*",'
        ' "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "blue"}}}}',
    )
    for team, allowed in (("blue", True), ("red", False)):
        response = idp.respond(federation.claims(attributes={"PrincipalTag:Team": [team]}))
        credentials = aws.unsigned("sts").assume_role_with_saml(
            RoleArn=federation.role, PrincipalArn=federation.provider, SAMLAssertion=response
        )["Credentials"]
        s3 = aws.client("s3", credentials)
        if allowed:
            assert s3.list_buckets()["Buckets"] == []
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.list_buckets()
