"""SAML providers of IAM: what is accepted as metadata, and what is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def iam(aws):
    return aws.client("iam")


@pytest.fixture(scope="module")
def plain(aws):
    return aws.plain_client("iam")


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def long(text):
    return text + f"<!-- {'x' * 1000} -->"


BAD = {
    "not XML": lambda good: "x" * 1000,
    "another root": lambda good: long("<a/>"),
    "no entityID": lambda good: good.replace("entityID", "entity"),
    "an empty entityID": lambda good: good.replace("http://www.okta.com/exk1", ""),
    "no certificate": lambda good: good.replace("X509Certificate", "X509Other"),
    "certificates for encryption only": lambda good: good.replace('"signing"', '"encryption"'),
    "a certificate that is none": lambda good: good.replace(
        "<ds:X509Certificate>", "<ds:X509Certificate>A"
    ),
    "no sign-on service": lambda good: long(good.replace("SingleSignOnService", "Service")),
    "a service provider's": lambda good: good.replace("IDPSSODescriptor", "SPSSODescriptor"),
    "a document type": lambda good: good.replace("?>", "?><!DOCTYPE a>"),
}


@pytest.mark.parametrize("what", BAD)
def test_metadata_that_is_none_is_refused(iam, plain, idp, what):
    bad = BAD[what](idp.metadata())
    name = f"bad{list(BAD).index(what)}"
    wanted = {"Name": name, "SAMLMetadataDocument": bad}
    assert code(iam.create_saml_provider, **wanted) == "InvalidInput"
    taken = plain.create_saml_provider(**wanted)
    assert taken["SAMLProviderArn"], "moto takes anything"
    plain.delete_saml_provider(SAMLProviderArn=taken["SAMLProviderArn"])


def test_metadata_has_1000_to_10_million_characters(iam, idp):
    good = idp.metadata()
    for document in ("<a/>", good + " " * 10_000_001):
        wanted = {"Name": "size", "SAMLMetadataDocument": document}
        assert code(iam.create_saml_provider, **wanted) == "ValidationError"


def test_at_most_ten_keys_to_a_provider(iam, idp, pairs):
    wanted = {"Name": "keys", "SAMLMetadataDocument": idp.metadata(*[pairs[1]] * 10)}
    assert code(iam.create_saml_provider, **wanted) == "LimitExceeded"


@pytest.mark.parametrize("name", ["a b", "a/b", "n" * 129, ""])
def test_a_name_of_other_characters_is_refused(iam, idp, name):
    wanted = {"Name": name, "SAMLMetadataDocument": idp.metadata()}
    assert code(iam.create_saml_provider, **wanted) == "ValidationError"


def test_the_same_name_twice_is_refused(iam, plain, idp):
    wanted = {"Name": "twice", "SAMLMetadataDocument": idp.metadata()}
    assert code(iam.create_saml_provider, **wanted) is None
    assert code(iam.create_saml_provider, **wanted) == "EntityAlreadyExists"
    assert code(plain.create_saml_provider, **wanted) is None, "moto overwrites it"


def test_what_is_created_is_read_back(iam, idp, pairs):
    arn = iam.create_saml_provider(
        Name="whole",
        SAMLMetadataDocument=idp.metadata(pairs[2]),
        Tags=[{"Key": "Team", "Value": "blue"}],
    )["SAMLProviderArn"]
    read = iam.get_saml_provider(SAMLProviderArn=arn)
    assert read["SAMLMetadataDocument"] == idp.metadata(pairs[2])
    assert read["Tags"] == [{"Key": "Team", "Value": "blue"}]
    assert read["SAMLProviderUUID"].startswith("SAMLSP")
    expected = datetime.now(UTC) + timedelta(days=730)
    assert abs(read["ValidUntil"] - expected) < timedelta(days=1), "the last certificate's end"
    listed = iam.list_saml_providers()["SAMLProviderList"]
    assert arn in [one["Arn"] for one in listed]


def test_tags_come_and_go(iam, plain, idp):
    arn = iam.create_saml_provider(Name="tagged", SAMLMetadataDocument=idp.metadata())[
        "SAMLProviderArn"
    ]
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=tags)
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a", "c"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]
    many = [{"Key": f"k{n}", "Value": ""} for n in range(50)]
    assert code(iam.tag_saml_provider, SAMLProviderArn=arn, Tags=many) == "LimitExceeded"
    twice = [{"Key": "x", "Value": ""}, {"Key": "X", "Value": ""}]
    assert code(iam.tag_saml_provider, SAMLProviderArn=arn, Tags=twice) == "InvalidInput"


def test_an_update_keeps_what_it_does_not_name(aws, iam, idp, pairs):
    arn = iam.create_saml_provider(Name="kept", SAMLMetadataDocument=idp.metadata())[
        "SAMLProviderArn"
    ]
    iam.update_saml_provider(SAMLProviderArn=arn)
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == idp.metadata()
    bad = {"SAMLProviderArn": arn, "SAMLMetadataDocument": "x" * 1000}
    assert code(iam.update_saml_provider, **bad) == "InvalidInput"
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == idp.metadata()
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=idp.metadata(pairs[1]))
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] != idp.metadata()
    uuid = iam.get_saml_provider(SAMLProviderArn=arn)["SAMLProviderUUID"]
    aws.plain_client("iam").update_saml_provider(SAMLProviderArn=arn)
    provider = aws.local.cloud.iam("123456789012").saml_providers["kept"]
    assert provider.saml_metadata_document is None, "moto loses the document"
    assert uuid


def test_what_is_not_there_is_not_deleted(iam, plain):
    gone = {"SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/gone"}
    assert code(iam.delete_saml_provider, **gone) == "NoSuchEntity"
    assert code(iam.get_saml_provider, **gone) == "NoSuchEntity"
    assert code(plain.delete_saml_provider, **gone) is None


def test_encrypted_assertions_are_refused_rather_than_ignored(iam, idp):
    wanted = {"Name": "secret", "SAMLMetadataDocument": idp.metadata()}
    assert code(iam.create_saml_provider, **wanted, AssertionEncryptionMode="Required") == (
        "NotImplemented"
    )


def test_a_hundred_providers_to_an_account(aws, idp):
    iam = aws.client("iam", account="210987654321")
    for number in range(100):
        iam.create_saml_provider(Name=f"p{number}", SAMLMetadataDocument=idp.metadata())
    wanted = {"Name": "p100", "SAMLMetadataDocument": idp.metadata()}
    assert code(iam.create_saml_provider, **wanted) == "LimitExceeded"
