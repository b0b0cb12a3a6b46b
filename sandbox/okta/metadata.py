"""What the identity provider says of itself, and the keys it signs with.

`/api/v1/apps/{app}/sso/saml/metadata` and `/api/v1/apps/{app}/credentials/keys`.
"""

from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.okta import certificates
from sandbox.okta.catalogue import NAME
from sandbox.okta.errors import invalid, not_found
from sandbox.okta.models import SamlApp, SigningKey
from sandbox.okta.org import ISSUER, Org
from sandbox.okta.routing import Routes

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
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = certificates.encoded(key)
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
    return [certificates.body(key) for key in saml_app.keys]


@ROUTES.on("POST", f"{_APP}/credentials/keys/generate")
def generate_key(request: Request, org: Org, saml_app: SamlApp) -> Response:
    """A further key beside the one that signs; it signs once a `PUT` of the app names its kid."""
    years = request.query_params.get("validityYears", "")
    if not years.isdecimal() or not 2 <= int(years) <= LONGEST_VALIDITY_YEARS:
        rule = f"validityYears: must be 2 to {LONGEST_VALIDITY_YEARS}, not '{years}'"
        raise invalid("validityYears", rule)
    key = certificates.new(org.id, org.clock(), int(years))
    saml_app.keys.append(key)
    return JSONResponse(certificates.body(key), 201)
