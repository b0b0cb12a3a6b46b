"""Parse XML from strangers: no DTD, no entities, no processing instructions, nothing fetched."""

from lxml import etree

SAML_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAML_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
XML_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


class UnsafeXml(ValueError):
    """Not XML, or XML that could mean something else to another reader."""


def parse(document: bytes) -> etree._Element:
    """The root element of a UTF-8 document. Raises UnsafeXml."""
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise UnsafeXml("a document type declaration")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=False,
    )
    try:
        document.decode("utf-8")
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnsafeXml(str(error)) from None
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise UnsafeXml("a document type declaration")
    if (tree.docinfo.encoding or "UTF-8").upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        raise UnsafeXml(f"encoding {tree.docinfo.encoding}")
    for node in root.iter(etree.ProcessingInstruction, etree.Entity):
        raise UnsafeXml(f"a processing instruction or entity {node.text!r}")
    return root


def canonical(element: etree._Element) -> bytes:
    """Exclusive canonical form without comments: the bytes that a signature speaks of."""
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def element_text(element: etree._Element | None) -> str | None:
    """All text of an element, read past comments; None when there is no such element.

    Raises UnsafeXml when there is an element in it: two readers could see two texts.
    """
    if element is None:
        return None
    if next(element.iterchildren(etree.Element), None) is not None:
        raise UnsafeXml(f"an element inside {element.tag}")
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
