"""SAML metadata: who issues assertions, and which certificates sign them."""

import re
from xml.etree import ElementTree

from settings import SettingsError

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)


def issuer(metadata: str) -> str:
    """The identity provider's entity id."""
    return _read(metadata).get("entityID", "")


def of(metadata: str) -> frozenset[str]:
    """The certificates in base64, without white space."""
    result = _read(metadata).iter(f"{_DS}X509Certificate")
    return frozenset("".join((each.text or "").split()) for each in result)


def _read(metadata: str) -> ElementTree.Element:
    if _DOCTYPE.search(metadata):
        raise SettingsError("the metadata declares a document type, which SAML metadata never does")
    try:
        return ElementTree.fromstring(metadata)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError as error:
        raise SettingsError(f"the metadata is no XML: {error}") from None
