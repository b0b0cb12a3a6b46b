"""SAML responses, written and signed as Okta does.

The assertion is signed first, then the response around it; RSA-SHA256, exclusive
canonicalisation, the signature right after the issuer.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

from sandbox.okta.metadata import DS, PROTOCOL
from sandbox.okta.models import SigningKey
from sandbox.okta.org import timestamp

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
NAME_ID = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

LIFETIME = timedelta(minutes=5)
"""How long before and after the moment of issue a response holds."""


@dataclass(frozen=True)
class Attribute:
    name: str
    values: Sequence[str]
    name_format: str


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a response says of a person, and to whom."""

    issuer: str
    subject: str
    sign_in_url: str
    """Destination and Recipient."""

    audience: str
    attributes: Sequence[Attribute] = field(default_factory=tuple)


def response(claims: Claims, key: SigningKey, now: datetime) -> bytes:
    """The signed response as XML."""
    root = etree.Element(
        f"{{{PROTOCOL}}}Response",
        nsmap={"saml2p": PROTOCOL, "xs": XS},
        Destination=claims.sign_in_url,
        ID=_new_id(),
        IssueInstant=timestamp(now),
        Version="2.0",
    )
    _child(root, "Issuer", claims.issuer, Format=ENTITY)
    status = etree.SubElement(root, f"{{{PROTOCOL}}}Status")
    success = "urn:oasis:names:tc:SAML:2.0:status:Success"
    etree.SubElement(status, f"{{{PROTOCOL}}}StatusCode", Value=success)
    root.append(_signed(_assertion(claims, now), key))
    return bytes(etree.tostring(_signed(root, key), xml_declaration=True, encoding="UTF-8"))


def _assertion(claims: Claims, now: datetime) -> Any:
    assertion = etree.Element(
        f"{{{ASSERTION}}}Assertion",
        nsmap={"saml2": ASSERTION, "xs": XS},
        ID=_new_id(),
        IssueInstant=timestamp(now),
        Version="2.0",
    )
    until = timestamp(now + LIFETIME)
    _child(assertion, "Issuer", claims.issuer, Format=ENTITY)
    subject = _child(assertion, "Subject")
    _child(subject, "NameID", claims.subject, Format=NAME_ID)
    confirmation = _child(subject, "SubjectConfirmation", Method=BEARER)
    recipient = {"NotOnOrAfter": until, "Recipient": claims.sign_in_url}
    _child(confirmation, "SubjectConfirmationData", **recipient)
    window = {"NotBefore": timestamp(now - LIFETIME), "NotOnOrAfter": until}
    conditions = _child(assertion, "Conditions", **window)
    _child(_child(conditions, "AudienceRestriction"), "Audience", claims.audience)
    moment = {"AuthnInstant": timestamp(now), "SessionIndex": _new_id()}
    statement = _child(assertion, "AuthnStatement", **moment)
    _child(_child(statement, "AuthnContext"), "AuthnContextClassRef", PASSWORD)
    if claims.attributes:
        _attributes(_child(assertion, "AttributeStatement"), claims.attributes)
    return assertion


def _attributes(statement: Any, attributes: Sequence[Attribute]) -> None:
    for attribute in attributes:
        named = {"Name": attribute.name, "NameFormat": attribute.name_format}
        element = _child(statement, "Attribute", **named)
        for text in attribute.values:
            value = etree.SubElement(
                element, f"{{{ASSERTION}}}AttributeValue", nsmap={"xs": XS, "xsi": XSI}
            )
            value.set(f"{{{XSI}}}type", "xs:string")
            value.text = text


def _child(parent: Any, name: str, content: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(
        parent, f"{{{ASSERTION}}}{name}", _ordered(attributes), nsmap={"saml2": ASSERTION}
    )
    element.text = content
    return element


def _ordered(attributes: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(attributes.items()))


def _signed(element: Any, key: SigningKey) -> Any:
    # signxml takes a placeholder's place; SAML's schema wants it right after the issuer. Its
    # `inclusive_ns_prefixes` stays unset: it would digest with them and not say so.
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm="rsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=EXCLUSIVE,
    )
    signer.namespaces = {"ds": DS}
    element.insert(1, etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS}, Id="placeholder"))
    return signer.sign(
        element,
        key=key.private_key,
        cert=[key.certificate],
        reference_uri="#" + element.get("ID"),
        id_attribute="ID",
    )


def _new_id() -> str:
    return "id" + str(secrets.randbelow(10**22)).rjust(22, "0")
