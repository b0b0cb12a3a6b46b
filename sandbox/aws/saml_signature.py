"""XML signatures on SAML: verify, then read nothing but what was signed.

libxmlsec1 does the arithmetic. Before that, the signature's own form is compared with what
SAML allows (SAML Core 5.4: one reference, to the parent's ID, enveloped and exclusive
canonicalization only, with or without comments), so that a valid signature over something else
proves nothing.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sandbox.aws.safe_xml import XML_SIGNATURE, canonical, parse

_PARTS = [f"{XML_SIGNATURE}SignedInfo", f"{XML_SIGNATURE}SignatureValue"]
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL = frozenset({_EXCLUSIVE, f"{_EXCLUSIVE}WithComments"})
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SIGNATURE_METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{method}"
    for method in ("rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384")
)
_DIGEST_METHODS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


class BadSignature(ValueError):
    """No certificate of the provider verifies it, or it is not of the form that SAML allows."""


def verified(element: etree._Element, certificates: Sequence[x509.Certificate]) -> etree._Element:
    """A fresh copy of the signed element, made from the very bytes that the signature covers.

    The signature has to be a child of `element`, and an enveloped one. Raises BadSignature.
    """
    signatures = element.findall(f"{XML_SIGNATURE}Signature")
    if len(signatures) != 1:
        raise BadSignature("not exactly one signature")
    signature = signatures[0]
    _check_form(signature, element.get("ID"))
    if not any(_verifies(signature, certificate) for certificate in certificates):
        raise BadSignature("no certificate of the provider verifies the signature")
    copy = parse(canonical(element))
    copy.remove(copy.find(f"{XML_SIGNATURE}Signature"))
    return copy


def _check_form(signature: etree._Element, identifier: str | None) -> None:
    parts = [part.tag for part in signature]
    if parts not in (_PARTS, [*_PARTS, f"{XML_SIGNATURE}KeyInfo"]):
        raise BadSignature(f"parts {parts}")
    info, value = signature[0], signature[1]
    try:
        base64.b64decode("".join((value.text or "").split()), validate=True)
    except ValueError:
        raise BadSignature("the value is not base64") from None
    if len(value):
        raise BadSignature("elements in the value")
    references = info.findall(f"{XML_SIGNATURE}Reference")
    if len(references) != 1 or not identifier or references[0].get("URI") != f"#{identifier}":
        raise BadSignature("the reference is not to the parent of the signature")
    transforms = [t.get("Algorithm") for t in references[0].iter(f"{XML_SIGNATURE}Transform")]
    if transforms[:1] != [_ENVELOPED] or len(transforms) != 2 or transforms[1] not in _CANONICAL:
        raise BadSignature(f"transforms {transforms}")
    for name, allowed in (
        ("CanonicalizationMethod", _CANONICAL),
        ("SignatureMethod", _SIGNATURE_METHODS),
        ("DigestMethod", _DIGEST_METHODS),
    ):
        methods = [method.get("Algorithm") for method in info.iter(f"{XML_SIGNATURE}{name}")]
        if len(methods) != 1 or methods[0] not in allowed:
            raise BadSignature(f"{name} {methods}")


def _verifies(signature: etree._Element, certificate: x509.Certificate) -> bool:
    context = xmlsec.SignatureContext()
    try:
        context.key = _key(certificate)
        context.register_id(signature.getparent(), "ID")
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


@lru_cache(maxsize=256)
def _key(certificate: x509.Certificate) -> Any:
    pem = certificate.public_bytes(Encoding.PEM)
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
