"""Signing keys of apps: RSA 2048 and a self-signed certificate, as Okta makes them."""

import base64
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode

from sandbox.okta import identifiers
from sandbox.okta.models import SigningKey
from sandbox.okta.org import timestamp

DEFAULT_YEARS = 10
KID_LENGTH = 43


def new(org_id: str, now: datetime, years: int = DEFAULT_YEARS) -> SigningKey:
    private_key = rsa.generate_private_key(65537, 2048)
    names = {
        NameOID.COUNTRY_NAME: "US",
        NameOID.ORGANIZATION_NAME: "Sandbox of Okta, not Okta",
        NameOID.COMMON_NAME: org_id,
    }
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in names.items()])
    expires = now.replace(year=now.year + years, day=min(now.day, 28))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(expires)
        .sign(private_key, hashes.SHA256())
    )
    return SigningKey(
        kid=identifiers.new("", KID_LENGTH),
        private_key=private_key,
        certificate=certificate,
        created=now,
        expires=expires,
    )


def encoded(key: SigningKey) -> str:
    """The certificate as base64 of its DER form, on one line."""
    return base64.b64encode(key.certificate.public_bytes(serialization.Encoding.DER)).decode()


def body(key: SigningKey) -> dict[str, Any]:
    """The key as `/credentials/keys` shows it: the public half and its certificate."""
    return {
        **RSAKey.import_key(key.private_key.public_key()).as_dict(private=False),
        "created": timestamp(key.created),
        "lastUpdated": timestamp(key.created),
        "expiresAt": timestamp(key.expires),
        "kid": key.kid,
        "use": "sig",
        "x5c": [encoded(key)],
        "x5t#S256": urlsafe_b64encode(key.certificate.fingerprint(hashes.SHA256())).decode(),
    }
