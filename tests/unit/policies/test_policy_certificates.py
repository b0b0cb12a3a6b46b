import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pulumi_aws import iam

import certificates

KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "okta")])
TODAY = datetime.now(UTC).replace(microsecond=0)


def certificate(end: datetime) -> str:
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(1970, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .sign(KEY, hashes.SHA256())
    )
    return base64.encodebytes(made.public_bytes(serialization.Encoding.DER)).decode()


def metadata(*ends: datetime, prefix="ds:") -> str:
    return "".join(
        f"<{prefix}X509Certificate>{certificate(end)}</{prefix}X509Certificate>" for end in ends
    )


@pytest.fixture
def said(said_of):
    def said(*ends, **config):
        props = {"samlMetadataDocument": metadata(*ends)}
        rule = certificates.saml_certificate_lasts
        return said_of(rule, certificates.SAML_PROVIDER, props, **config)

    return said


def test_the_rule_names_a_type_that_the_provider_has():
    assert iam.SamlProvider.pulumi_type == certificates.SAML_PROVIDER


@pytest.mark.parametrize("end", [datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), TODAY])
@pytest.mark.parametrize("prefix", ["ds:", ""])
def test_the_end_of_a_certificate_is_read(end, prefix):
    assert certificates.last_day(metadata(end, prefix=prefix)) == end


def test_an_end_after_2050_is_written_otherwise_and_read_too():
    end = datetime(2124, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert certificates.last_day(metadata(end)) == end


def test_an_end_of_the_last_century_is_not_taken_for_one_to_come():
    end = datetime(1999, 1, 1, tzinfo=UTC)
    assert certificates.last_day(metadata(end)) == end


def test_a_certificate_that_ends_soon_is_named(said):
    end = TODAY + timedelta(days=29)
    assert said(end) == [
        f"SAML provider 'audit' must have a certificate for 30 days to come, not until "
        f"{end.date()}: roll it over in Okta, then refresh and deploy. [certificate]"
    ]


def test_a_certificate_that_lasts_is_fine(said):
    assert said(TODAY + timedelta(days=31)) == []


def test_a_roll_over_is_fine_from_the_day_that_the_new_certificate_is_there(said):
    assert said(TODAY - timedelta(days=1), TODAY + timedelta(days=3650)) == []


def test_a_stack_may_want_more_time(said):
    assert len(said(TODAY + timedelta(days=31), minimumDays=45.0)) == 1


@pytest.mark.parametrize("document", ["", "<X509Certificate>QUJD</", "<X509Certificate>Q</"])
def test_what_is_no_certificate_is_left_to_aws(said_of, document):
    props = {"samlMetadataDocument": document}
    rule = certificates.saml_certificate_lasts
    assert said_of(rule, certificates.SAML_PROVIDER, props) == []


def test_other_types_are_left_alone(said_of):
    rule = certificates.saml_certificate_lasts
    assert said_of(rule, "aws:iam/role:Role", {}) == []
