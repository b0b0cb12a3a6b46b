"""What the identity provider says of itself, and the keys it signs with.

Keys are RSA 2048 with a self-signed certificate, as Okta makes them.
`/api/v1/apps/{app}/sso/saml/metadata` and `/api/v1/apps/{app}/credentials/keys`.
"""

import base64
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode
from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.okta import identifiers
from sandbox.okta.catalogue import NAME
from sandbox.okta.errors import invalid, not_found
from sandbox.okta.models import SamlApp, SigningKey
from sandbox.okta.org import ISSUER, Org, timestamp
from sandbox.okta.routing import Routes

DEFAULT_YEARS = 10
KID_LENGTH = 43


def new_key(org_id: str, now: datetime, years: int = DEFAULT_YEARS) -> SigningKey:
    """A key with its certificate, whose name is the org's id. Okta's last ten years."""
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


def certificate_text(key: SigningKey) -> str:
    """The certificate as base64 of its DER form, on one line."""
    return base64.b64encode(key.certificate.public_bytes(serialization.Encoding.DER)).decode()


def key_body(key: SigningKey) -> dict[str, Any]:
    """The key as `/credentials/keys` shows it: the public half and its certificate."""
    return {
        **RSAKey.import_key(key.private_key.public_key()).as_dict(private=False),
        "created": timestamp(key.created),
        "lastUpdated": timestamp(key.created),
        "expiresAt": timestamp(key.expires),
        "kid": key.kid,
        "use": "sig",
        "x5c": [certificate_text(key)],
        "x5t#S256": urlsafe_b64encode(key.certificate.fingerprint(hashes.SHA256())).decode(),
    }


MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
MEDIA_TYPE = "application/xml;charset=ISO-8859-1"
LONGEST_VALIDITY_YEARS = 10

_APP = "/api/v1/apps/{saml_app}"
ROUTES = Routes()


def issuer(app: SamlApp) -> str:
    """The entity ID: the same for the life of the app, whatever the org's address."""
    return ISSUER + app.external_key


def sign_on_url(org: Org, app: SamlApp) -> str:
    return f"{org.url}/app/{NAME}/{app.external_key}/sso/saml"


def document(org: Org, app: SamlApp, key: SigningKey) -> bytes:
    """The metadata with one certificate, that of `key`."""
    root = etree.Element(f"{{{MD}}}EntityDescriptor", nsmap={"md": MD}, entityID=issuer(app))
    provider = etree.SubElement(
        root,
        f"{{{MD}}}IDPSSODescriptor",
        WantAuthnRequestsSigned="false",
        protocolSupportEnumeration=PROTOCOL,
    )
    descriptor = etree.SubElement(provider, f"{{{MD}}}KeyDescriptor", use="signing")
    info = etree.SubElement(descriptor, f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    data = etree.SubElement(info, f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = certificate_text(key)
    for name in ("unspecified", "emailAddress"):
        name_format = etree.SubElement(provider, f"{{{MD}}}NameIDFormat")
        name_format.text = f"urn:oasis:names:tc:SAML:1.1:nameid-format:{name}"
    for binding in ("HTTP-POST", "HTTP-Redirect"):
        etree.SubElement(
            provider,
            f"{{{MD}}}SingleSignOnService",
            Binding=f"urn:oasis:names:tc:SAML:2.0:bindings:{binding}",
            Location=sign_on_url(org, app),
        )
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


@ROUTES.on("GET", f"{_APP}/sso/saml/metadata")
def read(request: Request, org: Org, saml_app: SamlApp) -> Response:
    """The metadata with the certificate that `?kid=` names, or else the one that signs now."""
    kid = request.query_params.get("kid") or saml_app.kid
    key = next((key for key in saml_app.keys if key.kid == kid), None)
    if key is None:
        raise not_found(kid, "AppInstance key")
    return Response(document(org, saml_app, key), headers={"content-type": MEDIA_TYPE})


@ROUTES.on("GET", f"{_APP}/credentials/keys")
def keys(saml_app: SamlApp) -> list[dict[str, Any]]:
    return [key_body(key) for key in saml_app.keys]


@ROUTES.on("POST", f"{_APP}/credentials/keys/generate")
def generate_key(request: Request, org: Org, saml_app: SamlApp) -> Response:
    """A further key beside the one that signs; it signs once a `PUT` of the app names its kid."""
    years = request.query_params.get("validityYears", "")
    if not years.isdecimal() or not 2 <= int(years) <= LONGEST_VALIDITY_YEARS:
        rule = f"validityYears: must be 2 to {LONGEST_VALIDITY_YEARS}, not '{years}'"
        raise invalid("validityYears", rule)
    key = new_key(org.id, org.clock(), int(years))
    saml_app.keys.append(key)
    return JSONResponse(key_body(key), 201)
