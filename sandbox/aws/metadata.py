"""SAML metadata documents: what IAM accepts as an identity provider, and what it reads from it.

Source: IAM API Reference, CreateSAMLProvider; IAM User Guide, "Troubleshoot SAML 2.0 federation"
(UTF-8 without byte order mark, keys of at least 1024 bits) and "IAM and AWS STS quotas" (ten keys).
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from sandbox.aws.errors import AwsError
from sandbox.aws.safe_xml import SAML_METADATA, XML_SIGNATURE, UnsafeXml, parse

_SMALLEST_RSA_KEY = 1024
_MOST_KEYS = 10


@dataclass(frozen=True)
class Metadata:
    """An identity provider: its name for itself and the certificates it signs with."""

    entity_id: str
    certificates: tuple[x509.Certificate, ...]

    @property
    def valid_until(self) -> datetime:
        """When the last of the certificates ends."""
        return max(certificate.not_valid_after_utc for certificate in self.certificates)


@lru_cache(maxsize=256)
def parse_metadata(document: str) -> Metadata:
    """Read a metadata document as IAM does. Raises AwsError InvalidInput or LimitExceeded."""
    unreadable = AwsError("InvalidInput", "Could not parse metadata")
    try:
        root = parse(document.encode())
    except UnsafeXml:
        raise unreadable from None
    descriptor = root.find(f"{SAML_METADATA}IDPSSODescriptor")
    entity_id = root.get("entityID")
    if root.tag != f"{SAML_METADATA}EntityDescriptor" or descriptor is None or not entity_id:
        raise unreadable
    if descriptor.find(f"{SAML_METADATA}SingleSignOnService") is None:
        raise unreadable
    try:
        certificates = tuple(_signing_certificates(descriptor))
        strong = all(_strong(certificate) for certificate in certificates)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise unreadable from None
    if not certificates or not strong:
        raise unreadable
    if len(certificates) > _MOST_KEYS:
        raise AwsError(
            "LimitExceeded", f"Cannot exceed quota for KeysPerSAMLProvider: {_MOST_KEYS}", 409
        )
    return Metadata(entity_id, certificates)


def _signing_certificates(descriptor: etree._Element) -> Iterator[x509.Certificate]:
    for key in descriptor.findall(f"{SAML_METADATA}KeyDescriptor"):
        if key.get("use") in (None, "signing"):
            for element in key.iter(f"{XML_SIGNATURE}X509Certificate"):
                text = "".join((element.text or "").split())
                yield x509.load_der_x509_certificate(base64.b64decode(text, validate=True))


def _strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return key.key_size >= _SMALLEST_RSA_KEY
    return isinstance(key, EllipticCurvePublicKey)
